//! The answers of an application's own login.

use http::request::Parts;
use std::pin::Pin;

/// The answer of an application's own login about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login {
    /// The client may take any name.
    Anybody,
    /// The client is this user, and can have no other name.
    As {
        /// The name.
        nickname: String,
        /// The account, if names do not identify users.
        account: Option<String>,
    },
    /// The client has to log in first. The response is 401 with this reason.
    Refused(String),
}

/// The application's login as a function of a request.
pub(crate) type Hook = dyn Fn(&Parts) -> Pin<Box<dyn Future<Output = Login> + Send>> + Send + Sync;
