//! The open reports.

use crate::{Report, ReportId};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;

/// The reports that no server operator has closed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reports {
    open: BTreeMap<ReportId, Arc<Report>>,
    /// The number of the last report, open or closed.
    last: u64,
}

impl Reports {
    pub(crate) fn next_id(&self) -> ReportId {
        ReportId(self.last + 1)
    }

    /// Returns the number of open reports.
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn get(&self, id: ReportId) -> Option<&Arc<Report>> {
        self.open.get(&id)
    }

    /// Returns the open reports above a number, the oldest ones first.
    pub(crate) fn after(&self, id: Option<ReportId>) -> impl Iterator<Item = &Arc<Report>> {
        let first = id.map_or(0, |id| id.0.saturating_add(1));
        // The largest number has none above it.
        let is_last = id == Some(ReportId(u64::MAX));
        let reports = self.open.range(ReportId(first)..).map(|(_, report)| report);
        reports.filter(move |_| !is_last)
    }

    pub(super) fn open(&mut self, report: Arc<Report>) {
        self.use_up(report.id);
        self.open.insert(report.id, report);
    }

    pub(super) fn close(&mut self, id: ReportId) {
        self.open.remove(&id);
    }

    /// Notes that a number was used.
    pub(super) fn use_up(&mut self, id: ReportId) {
        self.last = self.last.max(id.0);
    }
}
