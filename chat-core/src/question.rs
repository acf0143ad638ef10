//! Questions of the engine to its host, and the answers.

use crate::search::SearchRequest;
use crate::{
    AccountName, ChannelId, ChannelName, HistoryRange, Message, MessageId, Nickname, Secret, Text,
    Timestamp,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The number of a question. The answer has the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuestionId(pub u64);

/// A question to the host: work that the engine cannot do itself, because it must wait. A session
/// has at most one question at a time, and waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Question {
    /// Authenticates the session. Answer: [`Account`](Answer::Account), [`Guest`](Answer::Guest),
    /// [`Refused`](Answer::Refused) or [`Unavailable`](Answer::Unavailable).
    Authenticate {
        /// The client's network address, as the host has given it.
        address: Option<Arc<str>>,
        /// The client's token.
        token: Option<Secret>,
    },
    /// Checks the name and the password of a new account, and hashes the password. Answer:
    /// [`Password`](Answer::Password) with credentials and a token,
    /// [`PasswordRefused`](Answer::PasswordRefused) or [`Unavailable`](Answer::Unavailable).
    Register {
        /// The account, which does not exist yet.
        account: AccountName,
        /// The password.
        password: Secret,
        /// The code with which the client proves that it may register.
        code: Option<Secret>,
    },
    /// Checks a password, and hashes the new one if there is one. Answer:
    /// [`Password`](Answer::Password), [`PasswordRefused`](Answer::PasswordRefused) or
    /// [`Unavailable`](Answer::Unavailable).
    ///
    /// The host takes the same time for an unknown account as for a wrong password, so that clients
    /// cannot find out which accounts exist.
    CheckPassword {
        /// The name of the account, as the client has written it.
        account: Text,
        /// The password.
        password: Secret,
        /// The credentials that the host has given for the account, or `None` if there is no such
        /// account.
        credentials: Option<Secret>,
        /// The new password, if the client changes it.
        new: Option<Secret>,
    },
    /// Checks the messages of a [`LoginExchange`](crate::LoginExchange). Answer:
    /// [`Challenge`](Answer::Challenge) with the next message, [`Password`](Answer::Password) after
    /// the last one, [`PasswordRefused`](Answer::PasswordRefused) or
    /// [`Unavailable`](Answer::Unavailable).
    ///
    /// The host answers for an unknown account as for a wrong password, so that clients cannot find
    /// out which accounts exist.
    Exchange {
        /// The name of the mechanism.
        mechanism: Text,
        /// The name of the account, as the client has written it.
        account: Text,
        /// The messages so far: those of the client and of the host in turn.
        messages: Vec<Secret>,
        /// The credentials that the host has given for the account, or `None` if there is no such
        /// account.
        credentials: Option<Secret>,
    },
    /// Reads a page of a channel's history, which reaches beyond the messages in memory. The engine
    /// asks only with [`Config::older_history`](crate::Config::older_history). Answer:
    /// [`Messages`](Answer::Messages), [`Refused`](Answer::Refused) or
    /// [`Unavailable`](Answer::Unavailable).
    History {
        /// The channel.
        channel: ChannelName,
        /// Its id. Messages of an earlier channel of the same name are not part of its history.
        id: ChannelId,
        /// The part of the history.
        range: HistoryRange,
        /// The largest number of messages.
        limit: usize,
    },
    /// Reads a page of the private messages between an account and a user, in the same way.
    PrivateHistory {
        /// The account of the asking user.
        account: AccountName,
        /// The nickname of the other user at the time of the messages.
        nickname: Nickname,
        /// The part of the history.
        range: HistoryRange,
        /// The largest number of messages.
        limit: usize,
    },
    /// Reads messages that a client has missed, which reach beyond those in memory, in the same
    /// way: the oldest ones of all channels and of the mailbox together.
    Missed(Box<MissedRequest>),
    /// Reads one message, which is no longer in memory, for a command about it. Answer:
    /// [`Messages`](Answer::Messages) with the message, or with none if there is no such message in
    /// these places, [`Refused`](Answer::Refused) or [`Unavailable`](Answer::Unavailable).
    Message(Box<MessageRequest>),
    /// Searches messages, those in memory too. The engine asks only with
    /// [`Config::older_history`](crate::Config::older_history), and otherwise searches in memory.
    /// Answer: [`Found`](Answer::Found), [`Refused`](Answer::Refused) or
    /// [`Unavailable`](Answer::Unavailable).
    Search(Box<SearchRequest>),
}

/// A message, and the places in which it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MessageRequest {
    /// The message.
    pub id: MessageId,
    /// The channels that the message may be in.
    pub channels: Vec<(ChannelName, ChannelId)>,
    /// The account in whose mailbox the message may be.
    pub account: Option<AccountName>,
}

impl MessageRequest {
    /// Makes a request without places.
    pub fn new(id: MessageId) -> Self {
        Self { id, channels: Vec::new(), account: None }
    }
}

/// The messages that a client has missed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MissedRequest {
    /// The channels, and the message of each after which the messages are missed.
    pub channels: Vec<MissedChannel>,
    /// The account whose private messages are missed, and the last message that was not.
    pub mailbox: Option<(AccountName, MessageId)>,
    /// The largest number of messages.
    pub limit: usize,
    /// The newest message at the moment of the question. Later ones need not be part of the answer.
    pub up_to: MessageId,
}

impl MissedRequest {
    /// Makes a request without channels and without a mailbox.
    pub fn new(limit: usize, up_to: MessageId) -> Self {
        Self { channels: Vec::new(), mailbox: None, limit, up_to }
    }

    /// Adds a channel, and the last message of it that was not missed.
    pub fn with_channel(mut self, channel: ChannelName, id: ChannelId, after: MessageId) -> Self {
        self.channels.push(MissedChannel { channel, id, after });
        self
    }

    /// Adds the mailbox of an account, and the last message of it that was not missed.
    pub fn with_mailbox(mut self, account: AccountName, after: MessageId) -> Self {
        self.mailbox = Some((account, after));
        self
    }
}

/// A channel of which a client has missed messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MissedChannel {
    /// The channel.
    pub channel: ChannelName,
    /// Its id. Messages of an earlier channel of the same name are not part of it.
    pub id: ChannelId,
    /// The last message that was not missed.
    pub after: MessageId,
}

/// The answer of the host to a [`Question`]. An answer that does not fit the question counts as
/// [`Unavailable`](Self::Unavailable).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Answer {
    /// The session belongs to this account.
    Account(Identity),
    /// The session has no account, and may take any free nickname.
    Guest,
    /// The session may not come in, or not read the messages; the reason is for people.
    Refused(Text),
    /// The password is right.
    Password {
        /// The credentials of the account from now on, for [`CheckPassword`
        /// ](Question::CheckPassword): a text that only the host understands. `None`: they do not
        /// change.
        credentials: Option<Secret>,
        /// A new session token, chosen at random.
        token: Option<Secret>,
    },
    /// The next message of a [`LoginExchange`](crate::LoginExchange).
    Challenge {
        /// The message.
        message: Secret,
    },
    /// The password is wrong, or not good enough for an account.
    PasswordRefused(PasswordRefusal),
    /// The host cannot answer at the moment. The client is told to try again.
    Unavailable,
    /// A page of messages, as the host has stored them. The engine adds newer ones from memory, and
    /// cuts the page to its size.
    Messages {
        /// The messages, in any order. Those of another channel, and those that are not in the
        /// range, are left out.
        messages: Vec<Arc<Message>>,
        /// True if the host has more messages in the direction that was asked for.
        more: bool,
    },
    /// The messages that a search has found. They are all that the client is shown.
    Found {
        /// The messages, in any order. Those that were not searched for are left out, and the
        /// oldest ones beyond the limit.
        messages: Vec<Arc<Message>>,
        /// The id below which the host has not searched: that of the last message if the page is
        /// full, or a lower one if the host searches a part of its messages at a time. `None` if
        /// the host has searched everything.
        next: Option<MessageId>,
    },
}

impl Answer {
    /// The stable names of all answers to [`Question::Authenticate`].
    pub const CODES: &[&str] = &["account", "guest", "refused", "unavailable"];

    /// Returns the stable name of the answer, in `snake_case`, for metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Guest => "guest",
            Self::Refused(_) => "refused",
            Self::Password { .. } => "account",
            Self::Challenge { .. } => "challenge",
            Self::PasswordRefused(_) => "refused",
            Self::Unavailable => "unavailable",
            Self::Messages { .. } => "messages",
            Self::Found { .. } => "found",
        }
    }
}

/// The reason for which the host does not accept a password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PasswordRefusal {
    /// The password is not that of the account, or there is no such account.
    Wrong,
    /// The new password is too easy to guess, or cannot be a password; the reason is for people.
    TooWeak(Text),
    /// Clients cannot register at the moment.
    Closed,
    /// The client has sent another code than the operator's, or none.
    WrongCode,
}

/// An account that the host has checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Identity {
    /// The account. Sessions of one account are one user.
    pub account: AccountName,
    /// Names for the user, the best first. The user gets the first one that is a valid and free
    /// nickname, and cannot change it. If none is, the user gets the nickname that the client asks
    /// for, or else the next of `user1`, `user2`, …, and may change it. If the list is empty, the
    /// client chooses.
    pub nicknames: Vec<Arc<str>>,
    /// The time at which the session ends at the latest.
    pub expires: Option<Timestamp>,
}

impl Identity {
    /// Makes an identity without nicknames, so that the client chooses one, and without an end.
    pub fn new(account: impl Into<AccountName>) -> Self {
        Self { account: account.into(), nicknames: Vec::new(), expires: None }
    }

    /// Sets the nicknames, the best first.
    #[must_use]
    pub fn with_nicknames<N: Into<Arc<str>>>(
        mut self,
        nicknames: impl IntoIterator<Item = N>,
    ) -> Self {
        self.nicknames = nicknames.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the time at which the session ends at the latest.
    #[must_use]
    pub fn until(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }
}
