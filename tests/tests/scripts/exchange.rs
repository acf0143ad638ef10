//! The inputs of a script, each with the frames that sessions receive because of it.

use chat_core::script::Action;
use chat_core::{Answer, HostCommand, Peer, SessionId};
use std::collections::BTreeMap;
use std::time::Duration;

/// An input, and the frames that sessions receive because of it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The line above the frames in a transcript.
    pub(crate) heading: String,
    pub(crate) act: Act,
    /// The action of the script that it carries out, if any.
    pub(crate) action: Option<Action>,
    /// True if it causes a question to the host.
    pub(crate) asks: bool,
    /// The output by the number of the session, without sessions that received nothing.
    pub(crate) outputs: BTreeMap<usize, Output>,
    /// The number of sessions that are open afterwards.
    pub(crate) open: usize,
    pub(crate) labels: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Open {
        session: usize,
        peer: Peer,
    },
    Leave {
        session: usize,
    },
    Send {
        session: usize,
        frame: String,
    },
    /// The host answers a question, if there is one.
    Answer {
        session: usize,
        answer: Option<Answer>,
    },
    /// The host gives a command.
    Host {
        command: HostCommand,
    },
    Unsupported,
    Wait {
        duration: Duration,
    },
    Stop,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    pub(crate) frames: Vec<String>,
    pub(crate) closed: bool,
}

impl Exchange {
    pub(crate) fn frames(&self) -> impl Iterator<Item = (usize, &String)> {
        self.outputs
            .iter()
            .flat_map(|(&session, output)| output.frames.iter().map(move |frame| (session, frame)))
    }
}

/// Returns the session id for a number that counts from 0.
pub(crate) fn id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}
