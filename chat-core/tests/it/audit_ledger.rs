//! An account of the audit log that is kept from replies alone, without any record.

use chat_core::{AuditAction, AuditEntry, Event, SessionId, Timestamp, View};

/// The actions that have to be in the audit log, in words. Changes of roles are left out, because a
/// reply does not tell whether a server operator or an owner has made one.
#[derive(Default)]
pub(crate) struct AuditLedger(Vec<(Timestamp, String)>);

impl AuditLedger {
    /// Notes the reply to a session or to the host.
    pub(crate) fn note(
        &mut self,
        view: View<'_>,
        now: Timestamp,
        session: Option<SessionId>,
        event: &Event,
    ) {
        if let Some(action) = action_of(view, now, session, event) {
            self.0.push((now, action));
        }
    }

    /// Compares with the audit log that records have made.
    pub(crate) fn compare(&self, found: Vec<AuditEntry>, limit: usize) {
        assert!(found.len() <= limit, "more entries than there may be");
        assert!(found.is_sorted_by(|one, other| one.id.0 + 1 == other.id.0), "{found:?}");
        let is_complete = found.first().is_none_or(|first| first.id.0 == 1);
        assert!(is_complete || found.len() == limit, "an entry was forgotten too early");
        let words: Vec<_> =
            found.iter().filter_map(|entry| Some((entry.at, words(&entry.action)?))).collect();
        assert!(self.0.ends_with(&words), "{words:?} are not the last of {:?}", self.0);
        assert!(!is_complete || words.len() == self.0.len(), "{:?} are not all there", self.0);
    }
}

fn action_of(
    view: View<'_>,
    now: Timestamp,
    session: Option<SessionId>,
    event: &Event,
) -> Option<String> {
    if let Event::ServerBanned(ban) = event {
        let is_active = ban.until.is_none_or(|until| now < until);
        return is_active.then(|| format!("banned {}", ban.target));
    }
    if let Event::ServerUnbanned { target } = event {
        return Some(format!("unbanned {target}"));
    }
    if let Event::Disconnected { user, .. } = event {
        return Some(format!("disconnected {}", user.nickname));
    }
    if let Event::ChannelClosed { channel, .. } = event {
        return Some(format!("closed {channel}"));
    }
    if let Event::ReportClosed { report, .. } = event {
        return Some(format!("closed report {}", report.id.0));
    }
    if let Event::AccountRemoved { account } = event {
        // The user of a session that has deleted its own account has quit.
        let by_other = session.is_none_or(|session| view.user_of(session).is_some());
        return by_other.then(|| format!("removed {account}"));
    }
    None
}

fn words(action: &AuditAction) -> Option<String> {
    match action {
        AuditAction::ServerBanned(ban) => Some(format!("banned {}", ban.target)),
        AuditAction::ServerUnbanned { target } => Some(format!("unbanned {target}")),
        AuditAction::Disconnected { user, .. } => Some(format!("disconnected {}", user.nickname)),
        AuditAction::AccountRemoved { account } => Some(format!("removed {account}")),
        AuditAction::ChannelClosed { channel, .. } => Some(format!("closed {channel}")),
        AuditAction::ReportClosed { report, .. } => Some(format!("closed report {}", report.0)),
        AuditAction::RoleChanged { .. } => None,
        // The engine makes no such entries.
        AuditAction::AccountAdded { .. } | AuditAction::PasswordReset { .. } | _ => {
            unreachable!("a variant that this test does not know")
        }
    }
}
