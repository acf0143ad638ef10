//! Adds entries to the audit log.

use super::super::authority::Authority;
use crate::{AuditAction, AuditEntry, AuditId, Event, Record};
use alloc::sync::Arc;

/// Adds the entry about a command that has been carried out, if it has changed something. Entries
/// that are too many or too old make room.
pub(super) fn note(authority: &mut Authority<'_>, event: &Event) {
    let Some(action) = action(authority, event) else { return };
    let (state, by) = (&*authority.state, authority.actor());
    let (log, limit) = (state.durable.audit_log(), state.config.audit_entries);
    if limit == 0 {
        return;
    }
    let id = log.next_id();
    let by_count = u64::try_from(limit).map_or(0, |limit| (id.0 + 1).saturating_sub(limit));
    let by_age = log.first_since(state.oldest_audited()).unwrap_or(id);
    let oldest = by_age.max(AuditId(by_count));
    let entry = Arc::new(AuditEntry::new(id, state.now, by, action));
    authority.record(Record::Audited { entry, oldest });
}

/// Returns the action that an event is the answer to; `None` if nothing was changed.
fn action(authority: &Authority<'_>, event: &Event) -> Option<AuditAction> {
    if let Event::ServerBanned(ban) = event {
        return ban.is_active(authority.now()).then(|| AuditAction::ServerBanned(ban.clone()));
    }
    if let Event::ServerUnbanned { target } = event {
        return Some(AuditAction::ServerUnbanned { target: target.clone() });
    }
    if let Event::Disconnected { user, reason } = event {
        let (user, reason) = (user.without_data(), reason.clone());
        return Some(AuditAction::Disconnected { user, reason });
    }
    if let Event::AccountRemoved { account } = event {
        return Some(AuditAction::AccountRemoved { account: account.clone() });
    }
    if let Event::ChannelClosed { channel, by: _, reason } = event {
        let (channel, reason) = (channel.clone(), reason.clone());
        return Some(AuditAction::ChannelClosed { channel, reason });
    }
    if let Event::ReportClosed { report, reason } = event {
        return Some(AuditAction::ReportClosed {
            report: report.id,
            by: report.by.clone(),
            user: report.user.clone(),
            reason: reason.clone(),
        });
    }
    if let Event::RoleChanged { channel, user, before, after, by: _ } = event {
        let (channel, user) = (channel.clone(), user.without_data());
        return (before != after).then_some(AuditAction::RoleChanged {
            channel,
            user,
            statuses: *after,
        });
    }
    None
}
