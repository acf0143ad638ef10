//! Commands of users about themselves.

use crate::{Secret, Unchecked, UserModeChange, Words};
use alloc::string::String;
use alloc::vec::Vec;

/// A command of a user about itself, beyond its name and its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "W::Nickname: serde::Serialize",
        deserialize = "W::Nickname: serde::Deserialize<'de>"
    ))
)]
#[non_exhaustive]
pub enum UserCommand<W: Words = Unchecked> {
    /// Makes the user a server operator until it quits (`OPER` in IRC). The login is one of
    /// [`Config::operator_logins`](crate::Config::operator_logins), and the host
    /// [checks](crate::Question::CheckPassword) the password. Attempts are limited as those to log
    /// in are. Answer: [`UserModesChanged`](crate::Event::UserModesChanged).
    BecomeOperator {
        /// The name of the login.
        name: String,
        /// The password.
        password: Secret,
    },
    /// Changes the user's modes, in order; none to read them. Answer:
    /// [`UserModesChanged`](crate::Event::UserModesChanged).
    SetModes {
        /// The changes.
        changes: Vec<UserModeChange>,
    },
    /// Watches nicknames, in use or not: the session is sent
    /// [`PresenceChanged`](crate::Event::PresenceChanged) when somebody takes one of them, gives it
    /// up, or changes (`MONITOR` in IRC). A session watches at most
    /// [`Config::watched_nicknames`](crate::Config::watched_nicknames), until it ends. Answer:
    /// [`WatchedShown`](crate::Event::WatchedShown) with the nicknames of the command; without any,
    /// with all that the session watches.
    Watch {
        /// The nicknames.
        nicknames: Vec<W::Nickname>,
    },
    /// Watches nicknames no longer. Answer: [`WatchedShown`](crate::Event::WatchedShown) with those
    /// that the session still watches.
    Unwatch {
        /// The nicknames; `None` for all.
        nicknames: Option<Vec<W::Nickname>>,
    },
}
