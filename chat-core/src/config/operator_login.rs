//! Logins of server operators.

use crate::Secret;
use alloc::string::String;

/// A login with which a user becomes a server operator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperatorLogin {
    /// The name, which is compared exactly.
    pub name: String,
    /// The credentials, a text that only the host understands: it is passed to it with
    /// [`CheckPassword`](crate::Question::CheckPassword).
    pub credentials: Secret,
}

impl OperatorLogin {
    /// Makes a login.
    pub fn new(name: impl Into<String>, credentials: Secret) -> Self {
        Self { name: name.into(), credentials }
    }
}
