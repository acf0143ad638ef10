//! Closes reports.

use super::super::authority::Authority;
use crate::{Event, Record, Refusal, ReportId, Text};

pub(super) fn close(
    authority: &mut Authority<'_>,
    id: ReportId,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let known = authority.state.durable.reports().get(id).cloned();
    let report = known.ok_or(Refusal::NoSuchReport(id))?;
    authority.record(Record::ReportClosed { report: id });
    Ok(Event::ReportClosed { report, reason })
}
