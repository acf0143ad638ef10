//! Questions of the engine to its host, and the answers.

use crate::{AccountName, Text, Timestamp};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The number of a question. The answer has the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuestionId(pub u64);

/// The result of an authentication by the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Answer {
    /// The session belongs to this account.
    Account(Identity),
    /// The session has no account, and may take any free nickname.
    Guest,
    /// The session may not come in; the reason is for people.
    Refused(Text),
    /// The host cannot authenticate at the moment.
    Unavailable,
}

impl Answer {
    /// The stable names of all answers.
    pub const CODES: &[&str] = &["account", "guest", "refused", "unavailable"];

    /// Returns the stable name of the answer, in `snake_case`, for metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Guest => "guest",
            Self::Refused(_) => "refused",
            Self::Unavailable => "unavailable",
        }
    }
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
