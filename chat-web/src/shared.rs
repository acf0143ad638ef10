//! The state that the handlers of all requests share.

use crate::login::Hook;
use chat_runtime::Hub;
use http::HeaderValue;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use transport_ws::WsEndpoint;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) started: Instant,
    pub(crate) endpoint: WsEndpoint,
    pub(crate) login: Arc<Hook>,
    pub(crate) challenge: HeaderValue,
    pub(crate) open_api: bool,
    pub(crate) metrics: MetricsAccess,
    pub(crate) tasks: TaskTracker,
}

/// Who may read the metrics, beside what the application's login says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricsAccess {
    /// They are not there.
    Nobody,
    /// Everybody on a server without an authenticator, otherwise those who have an account.
    Accounts,
    /// Everybody.
    Anybody,
}
