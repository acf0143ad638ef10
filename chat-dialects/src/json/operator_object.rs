//! The objects that only server operators are sent.

use super::audit_object::AuditObject;
use super::report_object::ReportObject;
use super::target_object::TargetObject;
use crate::times::Rfc3339;
use chat_core::{ServerBan, Text};
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
    /// A user has reported a message or a user.
    Reported {
        #[serde(flatten)]
        report: Box<ReportObject<'a>>,
    },
    /// Open reports, the oldest ones first.
    Reports {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        count: usize,
        reports: Vec<ReportObject<'a>>,
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
    /// Entries of the audit log, the newest ones first.
    AuditLog {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        entries: Vec<AuditObject<'a>>,
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

impl<'a> From<&'a ServerBan> for ServerBanObject<'a> {
    fn from(ban: &'a ServerBan) -> Self {
        let reason = ban.reason.as_ref().map(Text::as_str);
        Self { target: (&ban.target).into(), until: ban.until.map(Rfc3339::from), reason }
    }
}
