//! An entry of the audit log as a line.

use super::words::{date_and_time, identity_of};
use chat_core::{AuditAction, AuditEntry, ServerBan, Text};
use std::fmt;

/// An entry of the audit log as a line for people: its number, its time in UTC, the server operator
/// or the host, and the action.
#[derive(Clone, Copy, Debug)]
pub struct AuditLine<'a>(pub &'a AuditEntry);

impl fmt::Display for AuditLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuditEntry { id, at, by, action, .. } = self.0;
        let by = by.user().map_or_else(|| by.to_string(), |user| identity_of(user));
        write!(f, "{} {} {by} {}", id.0, date_and_time(*at), words(action))
    }
}

fn words(action: &AuditAction) -> String {
    match action {
        AuditAction::ServerBanned(ban) => {
            format!("banned {} from the server{}", ban.target, end_and_reason(ban))
        }
        AuditAction::ServerUnbanned { target } => {
            format!("lifted the ban of {target} from the server")
        }
        AuditAction::Disconnected { user, reason } => {
            format!("disconnected {}{}", identity_of(user), because(reason.as_ref()))
        }
        AuditAction::AccountRemoved { account } => format!("removed account {account}"),
        AuditAction::AccountAdded { account } => format!("added account {account}"),
        AuditAction::PasswordReset { account } => {
            format!("set a new password for account {account}")
        }
        AuditAction::ChannelClosed { channel, reason } => {
            format!("closed {channel}{}", because(reason.as_ref()))
        }
        AuditAction::RoleChanged { channel, user, statuses } => {
            format!("made {} {} of {channel}", identity_of(user), statuses.role())
        }
        AuditAction::ReportClosed { report, by, user, reason } => format!(
            "closed report {} of {} by {}{}",
            report.0,
            identity_of(user),
            identity_of(by),
            because(reason.as_ref())
        ),
        _ => "did something that this version does not know".to_owned(),
    }
}

/// Returns the end of a ban, if it has one, and its reason.
pub(super) fn end_and_reason(ban: &ServerBan) -> String {
    let until = ban.until.map(|until| format!(" until {}", date_and_time(until)));
    format!("{}{}", until.unwrap_or_default(), because(ban.reason.as_ref()))
}

fn because(reason: Option<&Text>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}
