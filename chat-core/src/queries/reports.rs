//! Reads the open reports.

use super::reader::Reader;
use crate::{Event, QueryResult, ReportId};

pub(super) fn show(reader: Reader<'_>, after: Option<ReportId>, limit: usize) -> QueryResult {
    reader.check_server_operator()?;
    let open = reader.state.durable.reports();
    let mut rest = open.after(after);
    let limit = limit.min(reader.state.config.listing);
    let reports = rest.by_ref().take(limit).cloned().collect();
    Ok(Event::ReportsShown { reports, count: open.len(), more: rest.next().is_some() })
}
