//! What goes into the engine.

use crate::{Answer, Command, QuestionId, RequestId, Secret, SessionId, Text};
use alloc::sync::Arc;

/// One input. Inputs that make no sense (a command of a session that is not open) have no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Input {
    /// A connection begins.
    Open {
        /// Its number, which no open session has.
        session: SessionId,
        /// What the host knows of the other side.
        peer: Peer,
    },
    /// A session asks for something.
    Command {
        /// Who asks.
        session: SessionId,
        /// What the client calls this request, to be handed back with the answer.
        request: Option<RequestId>,
        /// What it asks for.
        command: Command,
    },
    /// A connection is gone, or is to go.
    Close {
        /// Which.
        session: SessionId,
        /// Why.
        reason: CloseReason,
    },
    /// The host answers an [`Effect::Ask`](crate::Effect::Ask). One that comes too late has no effect.
    Answer {
        /// About whom the question was.
        session: SessionId,
        /// Which question.
        question: QuestionId,
        /// The answer.
        answer: Answer,
    },
    /// Nothing but time passes.
    Tick,
}

/// What the host knows of the other side of a session. The engine carries it and reads nothing into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Peer {
    /// Where it comes from: an address, the name of a bot.
    pub host: Option<Arc<str>>,
    /// The one name that the user may have, if the host has decided it. A user with an account gets another name if this
    /// one is not free, as with [`Identity::nicknames`](crate::Identity::nicknames).
    pub nickname: Option<Arc<str>>,
    /// The account that the host has checked.
    pub account: Option<Arc<str>>,
    /// What came with the connection and proves who it is, if the host [asks for that](crate::Config::authenticate).
    pub token: Option<Secret>,
    /// The person's name.
    pub real_name: Option<Arc<str>>,
    /// Whether a person types there, who needs longer than a program to take a name
    /// ([`Config::person_naming_timeout`](crate::Config::person_naming_timeout)).
    pub person: bool,
}

/// Why a session ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum CloseReason {
    /// It asked to, and perhaps said why.
    Quit(Option<Text>),
    /// The connection ended.
    Disconnected,
    /// It took no name in time.
    NotNamed,
    /// It gave no command for too long.
    Idle,
    /// What proved who it is holds no longer.
    Expired,
    /// Too much of what it sent could not be understood.
    TooManyFaults,
    /// It does not read what it is sent.
    TooSlow,
    /// Its dialect ended the conversation.
    Refused,
    /// The server stops.
    ShuttingDown,
}

impl CloseReason {
    /// Every [`code`](Self::code) that there is.
    pub const CODES: &'static [&'static str] = &[
        "quit",
        "disconnected",
        "not_named",
        "idle",
        "login_expired",
        "too_many_faults",
        "too_slow",
        "refused",
        "shutting_down",
    ];

    /// Whether the connection was lost, rather than ended by its user or by the server's rules.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Disconnected | Self::TooSlow)
    }

    /// A name for programs: `snake_case`, and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Quit(_) => "quit",
            Self::Disconnected => "disconnected",
            Self::NotNamed => "not_named",
            Self::Idle => "idle",
            Self::Expired => "login_expired",
            Self::TooManyFaults => "too_many_faults",
            Self::TooSlow => "too_slow",
            Self::Refused => "refused",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// What those who stay are told, if it is more than that somebody left.
    pub fn told(&self) -> Option<Text> {
        let words = match self {
            Self::Quit(reason) => return reason.clone(),
            Self::Disconnected | Self::Refused => return None,
            Self::NotNamed => "no name in time",
            Self::Idle => "idle",
            Self::Expired => "login expired",
            Self::TooManyFaults => "too many faults",
            Self::TooSlow => "too slow",
            Self::ShuttingDown => "server shutting down",
        };
        Some(Text::clean(words))
    }
}
