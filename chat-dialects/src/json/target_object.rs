//! The target of a ban from the whole server, as a field of an object.

use chat_core::{AccountName, BanTarget};
use serde::Serialize;

/// An account, a nickname or a range of addresses.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TargetObject<'a> {
    Account(&'a str),
    Nickname(&'a str),
    Addresses(String),
}

impl<'a> From<&'a BanTarget> for TargetObject<'a> {
    fn from(target: &'a BanTarget) -> Self {
        match target {
            BanTarget::Account(account) => Self::Account(AccountName::as_str(account)),
            BanTarget::Nickname(nickname) => Self::Nickname(nickname.shown()),
            BanTarget::Addresses(_) | _ => Self::Addresses(target.to_string()),
        }
    }
}
