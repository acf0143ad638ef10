//! What happens in a script, and what everybody is told because of it.

use chat_core::script::Action;
use chat_core::{Answer, Peer, SessionId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that happens, and what everybody is told because of it.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// What is shown above what is told.
    pub(crate) heading: String,
    pub(crate) act: Act,
    /// The action of the script that it carries out, if it does.
    pub(crate) action: Option<Action>,
    /// Whether the host is asked who somebody is.
    pub(crate) asks: bool,
    /// By the number of the session; nobody is in here who was told nothing.
    pub(crate) told: BTreeMap<usize, Told>,
    /// How many sessions are open afterwards.
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
    /// The host answers a question, unless there is none.
    Answer {
        session: usize,
        answer: Option<Answer>,
    },
    Unsayable,
    Wait {
        duration: Duration,
    },
    Stop,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) frames: Vec<String>,
    pub(crate) closed: bool,
}

impl Moment {
    pub(crate) fn frames(&self) -> impl Iterator<Item = (usize, &String)> {
        self.told
            .iter()
            .flat_map(|(&session, told)| told.frames.iter().map(move |frame| (session, frame)))
    }
}

/// The session of a number that counts from 0.
pub(crate) fn id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}
