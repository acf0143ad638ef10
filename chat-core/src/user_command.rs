//! Commands of users about themselves.

use crate::{Secret, UserModeChange};
use alloc::string::String;
use alloc::vec::Vec;

/// A command of a user about itself, beyond its name and its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UserCommand {
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
}
