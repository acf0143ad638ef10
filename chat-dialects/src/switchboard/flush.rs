//! Writing out what sessions were sent.

use crate::session::Session;
use crate::{Port, Switchboard};

impl<P: Port> Switchboard<P> {
    /// Lets announcements to at least this many sessions wait: [`flush`](Self::flush) then leaves
    /// out sessions that were sent nothing else, until the host
    /// [releases](Self::release_announcements) them. Announcements are the joins, leaves, quits,
    /// renames and away texts of others. By default none waits.
    ///
    /// A session receives its frames in the same order as without this: whatever comes after an
    /// announcement is flushed together with it.
    pub fn hold_announcements(&mut self, recipients: usize) {
        self.large_audience = recipients;
    }

    /// Calls `look` with each port that [`flush`](Self::flush) would be called with now, for a host
    /// that has to prepare some of them.
    pub fn touched(&mut self, mut look: impl FnMut(&mut P)) {
        for &slot in &self.log.touched {
            if let Some(port) = self.sessions.at(slot).and_then(Session::touched_port) {
                look(port);
            }
        }
    }

    /// Returns true if there are announcements that wait.
    pub fn has_announcements(&self) -> bool {
        !self.log.waiting.is_empty()
    }

    /// Lets the next [`flush`](Self::flush) include the sessions with
    /// [announcements](Self::hold_announcements) that wait.
    pub fn release_announcements(&mut self) {
        for slot in std::mem::take(&mut self.log.waiting) {
            // The session may have ended, and another one may have its slot.
            if let Some(entry) = self.sessions.at(slot) {
                entry.release(&mut self.log);
            }
        }
    }

    /// Calls `flush` with the port of each session that was sent frames since the last flush,
    /// except those with [announcements](Self::hold_announcements) that wait.
    pub fn flush(&mut self, mut flush: impl FnMut(&mut P)) {
        for slot in self.log.touched.drain(..) {
            // The session may have ended, and another one may have its slot.
            if let Some(entry) = self.sessions.at(slot) {
                if let Some(port) = entry.touched_port() {
                    flush(port);
                }
                entry.note_flushed();
            }
        }
    }
}
