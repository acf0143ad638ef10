//! The settings of a client.

use super::connection::Login;
use super::names::channel_key;
use super::target::Target;

/// The settings of a client, from its command line and environment.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) target: Target,
    pub(super) login: Login,
    pub(super) channel: String,
}

impl Settings {
    /// Returns true if the first channel is the lobby, which users join by default.
    pub(super) fn lobby(&self) -> bool {
        channel_key(&self.channel) == "lobby"
    }
}
