//! Settings of the JSON dialect, which apply to each of its conversations.

use std::sync::Arc;

/// Settings of one [`JsonDialect`](super::JsonDialect).
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The name of the server, which is part of the `welcome` of version 2.
    pub(super) server: Arc<str>,
    /// A request before `hello` is answered with an error, and the connection stays open.
    pub(super) takes_early_requests: bool,
}
