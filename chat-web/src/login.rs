//! The answers of an application's own login.

use http::request::Parts;
use std::pin::Pin;

/// What an application's own login says about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login {
    /// Whoever it is may take any name.
    Anybody,
    /// It is this user, under this name and no other.
    As {
        /// The name.
        nickname: String,
        /// The account, if names are not enough to tell users apart.
        account: Option<String>,
    },
    /// It has to log in first: answered with 401 and this reason.
    Refused(String),
}

/// Asks the application about a request.
pub(crate) type Hook = dyn Fn(&Parts) -> Pin<Box<dyn Future<Output = Login> + Send>> + Send + Sync;
