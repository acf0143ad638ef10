//! Credentials: how a client proves to be an account.

use crate::Secret;
use alloc::boxed::Box;
use alloc::string::String;

/// A proof that a session belongs to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Credential {
    /// A token that the host checks, if it [authenticates](crate::Config::authenticate).
    Token(Secret),
    /// A session token that the engine has accepted from the host at an earlier login.
    Session(Secret),
    /// The name and the password of an account. The host checks the password. Boxed, because it is
    /// larger than all other commands, which are moved often.
    Password(Box<PasswordLogin>),
}

/// The name and the password of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PasswordLogin {
    /// The account. Its name is compared like a nickname: without regard to case and width.
    pub account: String,
    /// The password.
    pub password: Secret,
    /// The client's own description of the device, such as `Firefox on Linux`, with which the user
    /// recognises the login later. It is cleaned, and cut to
    /// [`SessionCard::LONGEST_DEVICE`](crate::SessionCard::LONGEST_DEVICE) bytes.
    pub device: Option<String>,
}

impl PasswordLogin {
    /// Makes a login without a description of the device.
    pub fn new(account: impl Into<String>, password: Secret) -> Self {
        Self { account: account.into(), password, device: None }
    }
}
