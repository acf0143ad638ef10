//! Inputs of the engine.

use crate::{
    AccountName, Answer, Command, HostCommand, QuestionId, RequestId, Secret, SessionId, Text,
};
use alloc::sync::Arc;
use core::fmt;

/// One input. An input that makes no sense, such as a command of a session that is not open, has no
/// effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Input {
    /// A connection begins.
    Open {
        /// The number of the new session; no open session has it.
        session: SessionId,
        /// The properties of the client that the host knows.
        peer: Peer,
    },
    /// A session gives a command.
    Command {
        /// The session.
        session: SessionId,
        /// The client's own name for the command, which the answer repeats.
        request: Option<RequestId>,
        /// The command.
        command: Command,
    },
    /// A connection has ended, or the host ends it.
    Close {
        /// The session.
        session: SessionId,
        /// The reason.
        reason: CloseReason,
    },
    /// The host answers a [question](crate::Effect::Ask). A late answer has no effect.
    Answer {
        /// The session that the question is about.
        session: SessionId,
        /// The number of the question.
        question: QuestionId,
        /// The answer.
        answer: Answer,
    },
    /// The host gives a command, which needs no user. The effects contain one
    /// [`Effect::HostReply`](crate::Effect::HostReply), before all others that the command causes.
    Host(HostCommand),
    /// Nothing but time passes.
    Tick,
}

/// The properties of a client that the host knows when its session opens.
///
/// The engine uses the nickname and the account when the session takes a name, matches bans and
/// mutes against the account, and passes address and token on with
/// [`Effect::Ask`](crate::Effect::Ask).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Peer {
    /// The client's origin: its network address, or the name of a bot. Other users do not see it.
    pub address: Option<Arc<str>>,
    /// The only nickname that the user may have, if the host has decided it. A user with an account
    /// gets another nickname if this one is not free, as with
    /// [`Identity::nicknames`](crate::Identity::nicknames).
    pub nickname: Option<Arc<str>>,
    /// The account, if the host has authenticated it.
    pub account: Option<AccountName>,
    /// A token that came with the connection, if the host
    /// [authenticates](crate::Config::authenticate).
    pub token: Option<Secret>,
    /// The host name that other users see, such as a cloak of the address. The engine cleans it.
    pub host: Option<Arc<str>>,
    /// The name of the user on its own machine. The engine cleans it.
    pub username: Option<Arc<str>>,
    /// The person's name. The engine cleans it.
    pub real_name: Option<Arc<str>>,
    /// True if the user is a program.
    pub bot: bool,
    /// True if a person types there, who needs longer than a program to take a nickname
    /// ([`Config::person_naming_timeout`](crate::Config::person_naming_timeout)).
    pub person: bool,
}

/// The reason for which a session ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum CloseReason {
    /// The user quit, perhaps with a reason.
    Quit(Option<Text>),
    /// The connection ended.
    Disconnected,
    /// The session took no nickname in time.
    NotNamed,
    /// The session gave no command for too long.
    Idle,
    /// The authentication has expired.
    Expired,
    /// The client sent too much that could not be understood.
    TooManyFaults,
    /// The client does not read fast enough.
    TooSlow,
    /// The dialect ended the conversation.
    Refused,
    /// The host has removed the user, perhaps with a reason.
    Removed(Option<Text>),
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
        "removed",
        "shutting_down",
    ];

    /// Returns true if the connection was lost, and not ended by its user or by the server's rules.
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
            Self::Removed(_) => "removed",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// The reason for other users, if there is more to say than that the user quit.
    pub fn told(&self) -> Option<Text> {
        let words = match self {
            Self::Quit(reason) => return reason.as_ref().map(Text::single_line),
            Self::Removed(Some(reason)) => return Some(reason.single_line()),
            Self::Removed(None) => "removed by the server",
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

/// A phrase for logs: the reason as other users read it, or `quit`, `disconnected` or `refused`.
impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.told()) {
            (Self::Quit(_), Some(reason)) => write!(f, "quit: {reason}"),
            (Self::Removed(Some(reason)), _) => write!(f, "removed: {reason}"),
            (_, Some(reason)) => fmt::Display::fmt(&reason, f),
            (_, None) => f.write_str(self.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_reason_is_shown_as_a_phrase() {
        let table = [
            (CloseReason::Quit(None), "quit"),
            (CloseReason::Quit(Some(Text::clean("lunch"))), "quit: lunch"),
            (CloseReason::Disconnected, "disconnected"),
            (CloseReason::NotNamed, "no name in time"),
            (CloseReason::Idle, "idle"),
            (CloseReason::Expired, "login expired"),
            (CloseReason::TooManyFaults, "too many faults"),
            (CloseReason::TooSlow, "too slow"),
            (CloseReason::Refused, "refused"),
            (CloseReason::Removed(None), "removed by the server"),
            (CloseReason::Removed(Some(Text::clean("spam"))), "removed: spam"),
            (CloseReason::ShuttingDown, "server shutting down"),
        ];
        for (reason, phrase) in table {
            assert_eq!(reason.to_string(), phrase);
        }
    }
}
