//! Entries of the lists of a channel, as objects.

use crate::times::Rfc3339;
use chat_core::{AccountName, ListEntry, ListSubject, Text};
use serde::Serialize;

/// An entry of a list of a channel: about a nickname, or with a mask.
#[derive(Serialize)]
pub(super) struct EntryObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    by: &'a str,
    at: Rfc3339,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a ListEntry> for EntryObject<'a> {
    fn from(entry: &'a ListEntry) -> Self {
        let (nickname, mask) = match &entry.subject {
            ListSubject::User { nickname, .. } => (Some(nickname.shown()), None),
            ListSubject::Mask { mask } => (None, Some(mask.as_str())),
            _ => (None, None),
        };
        Self {
            nickname,
            mask,
            account: entry.account().map(AccountName::as_str),
            by: entry.by.name(),
            at: entry.at.into(),
            reason: entry.reason.as_ref().map(Text::as_str),
        }
    }
}
