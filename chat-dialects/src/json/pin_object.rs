//! The mark of a pinned message as an object.

use crate::times::Rfc3339;
use chat_core::Pin;
use serde::Serialize;

/// The mark of a pinned message.
#[derive(Debug, Serialize)]
pub(super) struct PinObject<'a> {
    by: &'a str,
    at: Rfc3339,
}

impl<'a> From<&'a Pin> for PinObject<'a> {
    fn from(Pin { by, at }: &'a Pin) -> Self {
        Self { by: by.name(), at: (*at).into() }
    }
}
