//! An entry of the audit log as an object.

use super::target_object::TargetObject;
use crate::times::Rfc3339;
use chat_core::{
    AccountName, Actor, AuditAction, AuditEntry, ServerBan, StatusSet, Text, UserInfo,
};
use serde::Serialize;
use std::ops::Not;

/// An entry of the audit log in the JSON of version 2, for hosts that write JSON themselves.
#[derive(Debug, Serialize)]
pub struct AuditObject<'a> {
    id: u64,
    at: Rfc3339,
    /// The nickname of the server operator, or the name of the host.
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_account: Option<&'a str>,
    /// True if the host has done it.
    #[serde(skip_serializing_if = "Not::not")]
    system: bool,
    /// The request for the same.
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(flatten)]
    target: Option<TargetObject<'a>>,
    /// The account of the user, if there is a nickname too.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_account: Option<&'a str>,
    /// The number of a report that was closed, and the nickname of the user who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a AuditEntry> for AuditObject<'a> {
    fn from(entry: &'a AuditEntry) -> Self {
        let by_user = entry.by.user();
        let object = Self {
            id: entry.id.0,
            at: entry.at.into(),
            by: Actor::name(&entry.by),
            by_account: by_user.and_then(|user| account(user)),
            system: by_user.is_none(),
            action: "",
            channel: None,
            target: None,
            user_account: None,
            report: None,
            reported_by: None,
            role: None,
            until: None,
            reason: None,
        };
        match &entry.action {
            AuditAction::ServerBanned(ServerBan { target, until, reason, .. }) => Self {
                action: "server_ban",
                target: Some(target.into()),
                until: until.map(Rfc3339::from),
                reason: reason.as_ref().map(Text::as_str),
                ..object
            },
            AuditAction::ServerUnbanned { target } => {
                Self { action: "server_unban", target: Some(target.into()), ..object }
            }
            AuditAction::Disconnected { user, reason } => Self {
                action: "disconnect",
                reason: reason.as_ref().map(Text::as_str),
                ..object.about(user)
            },
            AuditAction::AccountRemoved { account } => object.of_account("remove_account", account),
            AuditAction::AccountAdded { account } => object.of_account("add_account", account),
            AuditAction::PasswordReset { account } => object.of_account("reset_password", account),
            AuditAction::ChannelClosed { channel, reason } => Self {
                action: "close_channel",
                channel: Some(channel.shown()),
                reason: reason.as_ref().map(Text::as_str),
                ..object
            },
            AuditAction::RoleChanged { channel, user, statuses } => Self {
                action: "server_role",
                channel: Some(channel.shown()),
                role: Some(StatusSet::role(*statuses).name()),
                ..object.about(user)
            },
            AuditAction::ReportClosed { report, by, user, reason } => Self {
                action: "close_report",
                report: Some(report.0),
                reported_by: Some(by.nickname.shown()),
                reason: reason.as_ref().map(Text::as_str),
                ..object.about(user)
            },
            // An action that is newer than this crate.
            _ => Self { action: "other", ..object },
        }
    }
}

impl<'a> AuditObject<'a> {
    fn of_account(self, action: &'static str, account: &'a AccountName) -> Self {
        let target = Some(TargetObject::Account(account.as_str()));
        Self { action, target, ..self }
    }

    fn about(self, user: &'a UserInfo) -> Self {
        let target = Some(TargetObject::Nickname(user.nickname.shown()));
        Self { target, user_account: account(user), ..self }
    }
}

fn account(user: &UserInfo) -> Option<&str> {
    user.account.as_ref().map(AccountName::as_str)
}
