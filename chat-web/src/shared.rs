//! The state that the handlers of all requests share.

use crate::login::Hook;
use crate::login_routes::LoginRoutes;
use chat_runtime::Hub;
use http::HeaderValue;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use transport_ws::WsEndpoint;

/// The state that all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) started: Instant,
    pub(crate) endpoint: WsEndpoint,
    pub(crate) login: Arc<Hook>,
    pub(crate) page_login: Option<LoginRoutes>,
    pub(crate) challenge: HeaderValue,
    pub(crate) open_api: bool,
    pub(crate) metrics: MetricsAccess,
    pub(crate) tasks: TaskTracker,
}

/// The access rule for the metrics, in addition to the application's login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricsAccess {
    /// The route does not exist.
    Nobody,
    /// Everybody on a server without an authenticator, otherwise accounts.
    Accounts,
    /// Everybody.
    Anybody,
}
