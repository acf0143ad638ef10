//! Reads the audit log.

use super::reader::Reader;
use crate::{AuditId, Event, QueryResult};

pub(super) fn show(reader: Reader<'_>, older_than: Option<AuditId>, limit: usize) -> QueryResult {
    reader.check_server_operator()?;
    let state = reader.state;
    let limit = limit.min(state.config.listing);
    let mut rest = state.durable.audit_log().before(older_than, state.oldest_audited());
    let entries = rest.by_ref().take(limit).cloned().collect();
    Ok(Event::AuditLogShown { entries, more: rest.next().is_some() })
}
