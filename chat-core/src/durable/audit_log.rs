//! The audit log.

use crate::{AuditEntry, AuditId, Timestamp};
use alloc::collections::VecDeque;
use alloc::sync::Arc;

/// The entries of the audit log, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub(crate) struct AuditLog(VecDeque<Arc<AuditEntry>>);

impl AuditLog {
    /// Returns the number of the next entry. The last entry is never forgotten, so that no number
    /// is used twice.
    pub(crate) fn next_id(&self) -> AuditId {
        AuditId(self.0.back().map_or(0, |last| last.id.0) + 1)
    }

    /// Returns the number of the first entry that is not older than a time.
    pub(crate) fn first_since(&self, oldest: Timestamp) -> Option<AuditId> {
        let expired = self.0.partition_point(|entry| entry.at < oldest);
        self.0.get(expired).map(|entry| entry.id)
    }

    /// Returns the entries below a number that are not older than a time, the newest ones first.
    pub(crate) fn before(
        &self,
        bound: Option<AuditId>,
        oldest: Timestamp,
    ) -> impl Iterator<Item = &Arc<AuditEntry>> {
        let end = bound.map_or(self.0.len(), |id| self.0.partition_point(|known| known.id < id));
        self.0.range(..end).rev().take_while(move |entry| entry.at >= oldest)
    }

    /// Adds an entry, and forgets those below a number.
    pub(super) fn push(&mut self, entry: Arc<AuditEntry>, oldest: AuditId) {
        if entry.id >= self.next_id() {
            self.0.push_back(entry);
        }
        while self.0.len() > 1 && self.0.front().is_some_and(|first| first.id < oldest) {
            self.0.pop_front();
        }
    }
}
