//! Counters of a switchboard, for the metrics of a server.

use chat_core::{CloseReason, Event, Refusal};
use std::collections::BTreeMap;

/// Counts since the last [`take_counters`](crate::Switchboard::take_counters).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Frames received.
    pub frames: u64,
    /// Faults: received data that is no frame.
    pub faults: u64,
    /// Messages accepted, to channels and to users, those of the host included.
    pub messages: u64,
    /// Replies and events sent, counted once for each session.
    pub deliveries: u64,
    /// Replies and events dropped because a session's queue was full.
    pub lagged: u64,
    /// Refused commands of sessions by the [code](Refusal::code) of the refusal.
    pub refused: BTreeMap<&'static str, u64>,
    /// Closed sessions by [reason](CloseReason::code).
    pub closed: BTreeMap<&'static str, u64>,
}

impl Counters {
    pub(crate) fn note_reply(&mut self, event: &Event) {
        if let Event::Rejected(refusal) = event {
            self.note_refusal(refusal);
        } else if let Event::EnteredMany { refused, .. } = event {
            refused.iter().for_each(|one| self.note_refusal(&one.refusal));
        } else if let Event::Sent { repeated: false, .. } = event {
            self.messages += 1;
        }
    }

    pub(crate) fn note_host_reply(&mut self, event: &Event) {
        if let Event::Sent { .. } = event {
            self.messages += 1;
        }
    }

    pub(crate) fn note_close(&mut self, reason: &CloseReason) {
        *self.closed.entry(reason.code()).or_default() += 1;
    }

    fn note_refusal(&mut self, refusal: &Refusal) {
        *self.refused.entry(refusal.code()).or_default() += 1;
    }
}
