//! The state of an open session.

use super::bucket::Bucket;
use super::throttle::Key as ThrottleKey;
use crate::address_range::parse_address;
use crate::{
    AccountName, AppData, Checked, Config, Identity, MessageCommand, MessageId, MessageKind,
    Nickname, Nonce, Peer, Profile, Query, Question, QuestionId, Refusal, RequestId, ResumePoint,
    Secret, Target, Text, Timestamp, TokenId, UserId,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::Ipv6Addr;
use core::time::Duration;

#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Session {
    who: SessionUser,
    /// The time at which the login expires.
    expires: Option<Timestamp>,
    last_active: Timestamp,
    /// The session's current deadline.
    pub(super) armed: Option<Timestamp>,
    bucket: Bucket,
    /// The session token of its login.
    pub(crate) token: Option<TokenId>,
    /// The command that waits for the host's answer.
    pub(crate) asked: Option<Box<Asked>>,
    /// The network address, with an IPv4 address mapped into IPv6.
    address: Option<Ipv6Addr>,
}

/// The user of a session, or its state before it has one.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum SessionUser {
    /// No user yet. Boxed, because it is larger than the other variant and short-lived.
    Newcomer(Box<Newcomer>),
    /// A user, whose nickname the host may have decided.
    User { id: UserId, named_by_host: bool },
}

/// The state of a session that is needed only until it has a user.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Newcomer {
    pub(crate) peer: Peer,
    /// The nicknames that the host offers for the user.
    pub(crate) offered: Vec<Arc<str>>,
    /// True if the session has logged in to an account that the engine keeps.
    pub(crate) is_logged_in: bool,
    /// A session token from the host, and the description of the device. It becomes valid when the
    /// client is sent it with its welcome.
    pub(crate) fresh_token: Option<(Secret, Option<Text>)>,
}

/// A command that waits for an answer of the host.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Asked {
    pub(crate) question: QuestionId,
    pub(crate) request: Option<RequestId>,
    /// The time at which the command fails without an answer.
    pub(crate) until: Timestamp,
    pub(crate) command: Waiting,
    /// The number of changes of messages before the question.
    pub(crate) changes_made: u64,
}

/// A command that waits, with all that is needed to carry it out.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Waiting {
    Identify(NameRequest),
    Query {
        query: Query<Checked>,
        question: Question,
    },
    /// The messages after this one, for a client that has resumed.
    Resume {
        after: MessageId,
        question: Question,
    },
    /// A command about a message that is no longer in memory.
    Message {
        #[cfg_attr(
            feature = "serde",
            serde(deserialize_with = "super::snapshot::read_message_command")
        )]
        command: Box<MessageCommand<Checked>>,
        question: Question,
    },
    /// A reply to a message that is no longer in memory.
    Reply {
        reply: Box<Reply>,
        question: Question,
    },
    Password(Box<PasswordCheck>),
}

/// A message that replies to another.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reply {
    pub(crate) to: Target,
    pub(crate) kind: MessageKind,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::text::deserialize_lines"))]
    pub(crate) text: Text,
    pub(crate) nonce: Option<Nonce>,
    pub(crate) data: AppData,
    /// The message that it replies to.
    pub(crate) parent: MessageId,
}

/// A command that needs a password, which the host checks.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct PasswordCheck {
    pub(crate) purpose: PasswordPurpose,
    /// The account; `None` if there is none of the name.
    pub(crate) account: Option<AccountName>,
    /// The credentials that the host was given.
    pub(crate) credentials: Option<Secret>,
    /// The keys under which the attempt is counted.
    pub(crate) keys: [ThrottleKey; 2],
    /// The client's description of the device.
    pub(crate) device: Option<Text>,
}

/// The purpose for which a password is checked.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum PasswordPurpose {
    Identify(NameRequest),
    Register { code: Option<Secret> },
    LogIn,
    Exchange { mechanism: Text, messages: Vec<Secret> },
    Change { new: Secret },
    Delete,
    BecomeOperator,
}

impl PasswordPurpose {
    /// Returns the refusal of a wrong password.
    pub(crate) fn wrong(&self) -> Refusal {
        match self {
            Self::Change { .. } | Self::Delete => Refusal::PasswordWrong,
            Self::Identify(_)
            | Self::Register { .. }
            | Self::LogIn
            | Self::Exchange { .. }
            | Self::BecomeOperator => Refusal::LoginFailed,
        }
    }

    /// Returns the new password of the account.
    pub(crate) fn new_password(&self) -> Option<&Secret> {
        match self {
            Self::Change { new } => Some(new),
            Self::Identify(_)
            | Self::Register { .. }
            | Self::LogIn
            | Self::Exchange { .. }
            | Self::Delete
            | Self::BecomeOperator => None,
        }
    }
}

/// The arguments of an identify command, without the token.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct NameRequest {
    /// The last message that the client has received.
    pub(crate) resume: Option<ResumePoint>,
    /// The requested nickname, or the reason for which it is invalid.
    pub(crate) nickname: Result<Option<Nickname>, Refusal>,
    pub(crate) lobby: bool,
    pub(crate) reconnect_key: Option<Secret>,
    pub(crate) profile: Option<Box<Profile<Text>>>,
}

/// The state of a session's identification, which decides the permitted commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The session has no user.
    Nameless,
    /// The session has no user, and waits for the host's answer.
    Asking,
    /// The session has this user.
    Named(UserId),
}

/// The reason for a deadline of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The host has not answered.
    Unanswered,
    /// The login has expired.
    Expired,
    /// The session has sent no command for too long.
    Silent,
}

impl Standing {
    /// Returns the user of the session.
    pub(crate) fn user(self) -> Option<UserId> {
        match self {
            Self::Named(user) => Some(user),
            Self::Nameless | Self::Asking => None,
        }
    }
}

impl Session {
    pub(super) fn new(peer: Peer, now: Timestamp) -> Self {
        Self {
            address: peer.address.as_deref().and_then(parse_address),
            who: SessionUser::Newcomer(Box::new(Newcomer {
                offered: peer.nickname.iter().cloned().collect(),
                peer,
                is_logged_in: false,
                fresh_token: None,
            })),
            expires: None,
            last_active: now,
            armed: None,
            bucket: Bucket::default(),
            token: None,
            asked: None,
        }
    }

    /// Gives the session its user, whose nickname the host may have decided. The rate limit starts
    /// anew, so that earlier attempts to find a free nickname do not count. Returns the peer.
    pub(super) fn set_user(&mut self, id: UserId, named_by_host: bool, now: Timestamp) -> Peer {
        self.last_active = now;
        self.bucket = Bucket::default();
        match core::mem::replace(&mut self.who, SessionUser::User { id, named_by_host }) {
            SessionUser::Newcomer(newcomer) => newcomer.peer,
            SessionUser::User { .. } => Peer::default(),
        }
    }

    /// Stores the identity from the host.
    pub(crate) fn set_identity(&mut self, identity: Identity) {
        self.expires = identity.expires;
        if let Some(newcomer) = self.newcomer_mut() {
            newcomer.peer.account = Some(identity.account);
            newcomer.offered = identity.nicknames;
        }
    }

    pub(crate) fn address(&self) -> Option<Ipv6Addr> {
        self.address
    }

    /// Returns its user, once it has one.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self.who {
            SessionUser::Newcomer(_) => None,
            SessionUser::User { id, .. } => Some(id),
        }
    }

    /// Returns the state that it has before it has a user.
    pub(crate) fn newcomer(&self) -> Option<&Newcomer> {
        match &self.who {
            SessionUser::Newcomer(newcomer) => Some(newcomer),
            SessionUser::User { .. } => None,
        }
    }

    pub(crate) fn newcomer_mut(&mut self) -> Option<&mut Newcomer> {
        match &mut self.who {
            SessionUser::Newcomer(newcomer) => Some(newcomer),
            SessionUser::User { .. } => None,
        }
    }

    /// Returns true if the host has decided the nickname of its user.
    pub(crate) fn is_named_by_host(&self) -> bool {
        matches!(self.who, SessionUser::User { named_by_host: true, .. })
    }

    pub(crate) fn standing(&self) -> Standing {
        match &self.who {
            SessionUser::User { id, .. } => Standing::Named(*id),
            SessionUser::Newcomer(_) if self.asked.is_some() => Standing::Asking,
            SessionUser::Newcomer(_) => Standing::Nameless,
        }
    }

    /// Notes the activity, and charges the cost of a command to the rate limit. Returns the time to
    /// wait if the limit does not allow the command.
    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        config: &Config,
        cost: u32,
    ) -> Result<(), Duration> {
        self.last_active = now;
        self.bucket.take(now, config, cost)
    }

    /// Returns the time after which the rate limit allows a command of this cost.
    pub(crate) fn wait(&self, now: Timestamp, config: &Config, cost: u32) -> Duration {
        self.bucket.wait(now, config, cost)
    }

    /// Returns the question that it waits for, and the time until which it does.
    pub(crate) fn question(&self) -> Option<(QuestionId, Timestamp)> {
        self.asked.as_ref().map(|asked| (asked.question, asked.until))
    }

    /// Returns its next deadline, if it has one, and the cause.
    pub(crate) fn deadline(&self, config: &Config) -> Option<(Timestamp, Due)> {
        let newcomer = self.newcomer();
        let patience = match newcomer {
            None => config.idle_timeout,
            Some(newcomer) if newcomer.peer.person => config.person_naming_timeout,
            Some(_) => config.naming_timeout,
        };
        let silent = patience.map(|patience| (self.last_active + patience, Due::Silent));
        let unanswered = self.question().map(|(_, until)| (until, Due::Unanswered));
        let expired = self.expires.map(|at| (at, Due::Expired));
        [silent, unanswered, expired].into_iter().flatten().min()
    }
}
