//! The parts of objects that are about accounts and their logins.

use crate::times::Rfc3339;
use chat_core::{SessionCard, Text};
use serde::Serialize;

/// The accounts of the server.
#[derive(Serialize)]
pub(super) struct AccountsObject {
    /// True if clients can register.
    pub(super) register: bool,
}

/// A login of the user's account.
#[derive(Serialize)]
pub(super) struct SessionObject<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    since: Rfc3339,
    /// The last use of its token, exact to an hour.
    used: Rfc3339,
    online: bool,
    /// True for the session that asks.
    current: bool,
}

impl<'a> From<&'a SessionCard> for SessionObject<'a> {
    fn from(card: &'a SessionCard) -> Self {
        Self {
            id: card.id.to_string(),
            device: card.device.as_ref().map(Text::as_str),
            since: card.since.into(),
            used: card.used.into(),
            online: card.is_online,
            current: card.is_current,
        }
    }
}
