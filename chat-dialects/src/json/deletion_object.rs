//! The deletion of a message as an object.

use crate::times::Rfc3339;
use chat_core::{Deletion, Text};
use serde::Serialize;

/// The deletion of a message.
#[derive(Debug, Serialize)]
pub(super) struct DeletionObject<'a> {
    by: &'a str,
    at: Rfc3339,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a Deletion> for DeletionObject<'a> {
    fn from(Deletion { by, at, reason }: &'a Deletion) -> Self {
        Self { by: by.name(), at: (*at).into(), reason: reason.as_ref().map(Text::as_str) }
    }
}
