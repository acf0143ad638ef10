//! The settings of a client.

use super::connection::Login;
use super::names::channel_key;
use super::received::SavedPoints;
use super::saved_logins::SavedLogins;
use super::target::Target;
use chat_server::engine::Secret;

/// The settings of a client, from its command line and environment.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) target: Target,
    pub(super) login: Login,
    pub(super) channel: String,
    pub(super) logins: SavedLogins,
    pub(super) points: SavedPoints,
    /// The password from a file or the environment, for commands of a client without a terminal.
    pub(super) password: Option<Secret>,
}

impl Settings {
    /// Returns true if the first channel is the lobby, which users join by default.
    pub(super) fn lobby(&self) -> bool {
        channel_key(&self.channel) == "lobby"
    }
}
