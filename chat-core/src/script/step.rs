//! The steps that a script consists of.

use crate::{Answer, Command, Peer};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// What a line of a script makes happen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Sessions do something, one after the other: each with its label.
    Act(Vec<(String, Action)>),
    /// Time passes.
    Wait(Duration),
}

/// What a session does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Its connection begins.
    Connect(Peer),
    /// Its connection ends.
    Disconnect,
    /// It gives a command.
    Command(Command),
    /// The host answers the last question about it; what proves who it is holds for so long.
    Answer(Answer, Option<Duration>),
}
