//! The steps that a script consists of.

use crate::{Answer, Command, HostCommand, Peer, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// The step of one line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Actions of sessions, one after the other, each with the session's label.
    Act(Vec<(String, Action)>),
    /// Time passes.
    Wait(Duration),
    /// The engine stops without a warning, and is [restored](crate::Engine::restore) from its
    /// durable state.
    Restart,
}

/// An action of a session, or of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Its connection begins.
    Connect(Peer),
    /// Its connection ends.
    Disconnect,
    /// It gives a command.
    Command(Command),
    /// The host gives a command.
    Host(HostCommand),
    /// The host answers the session's last authentication request; the login lasts for this time.
    Answer(Answer, Option<Duration>),
}

/// The time at which scripts begin: 2026-01-01T00:00:00Z.
pub(super) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
