//! The message that another replies to as an object.

use crate::times::Rfc3339;
use chat_core::{Nickname, ReplyTo};
use serde::Serialize;

/// The message that another replies to. Without a nickname, the server has said it.
#[derive(Debug, Serialize)]
pub(super) struct ReplyObject<'a> {
    id: u64,
    at: Rfc3339,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<&'a str>,
}

impl<'a> From<&'a ReplyTo> for ReplyObject<'a> {
    fn from(ReplyTo { id, at, nickname }: &'a ReplyTo) -> Self {
        Self { id: id.0, at: (*at).into(), nickname: nickname.as_ref().map(Nickname::shown) }
    }
}
