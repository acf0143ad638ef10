//! The objects that only server operators are sent.

use crate::times::Rfc3339;
use chat_core::{AccountName, BanTarget, ServerBan, Text};
use serde::Serialize;
use std::ops::Not;

/// An object that a server operator is sent.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum OperatorObject<'a> {
    /// Bans from the whole server.
    ServerBans {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        count: usize,
        bans: Vec<ServerBanObject<'a>>,
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
}

/// A ban from the whole server.
#[derive(Serialize)]
pub(super) struct ServerBanObject<'a> {
    #[serde(flatten)]
    target: TargetObject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum TargetObject<'a> {
    Account(&'a str),
    Nickname(&'a str),
    Addresses(String),
}

impl<'a> From<&'a ServerBan> for ServerBanObject<'a> {
    fn from(ban: &'a ServerBan) -> Self {
        let target = match &ban.target {
            BanTarget::Account(account) => TargetObject::Account(AccountName::as_str(account)),
            BanTarget::Nickname(nickname) => TargetObject::Nickname(nickname.shown()),
            BanTarget::Addresses(_) | _ => TargetObject::Addresses(ban.target.to_string()),
        };
        let reason = ban.reason.as_ref().map(Text::as_str);
        Self { target, until: ban.until.map(Rfc3339::from), reason }
    }
}
