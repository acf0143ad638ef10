//! What a switchboard counts, for whoever watches a server.

use chat_core::{CloseReason, Event, Refusal};
use std::collections::BTreeMap;

/// What has happened since the last [`take_tally`](crate::Switchboard::take_tally).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames that have come.
    pub frames: u64,
    /// What could not be made a frame of.
    pub faults: u64,
    /// Messages that were taken, in channels and private ones.
    pub messages: u64,
    /// What sessions have been sent: answers and events, each for each session.
    pub deliveries: u64,
    /// What could not be sent since a session's queue was full.
    pub lagged: u64,
    /// Commands that were refused, by the [code](Refusal::code) of the refusal.
    pub refused: BTreeMap<&'static str, u64>,
    /// Sessions that have ended, by [the reason](CloseReason::code).
    pub closed: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn note_reply(&mut self, event: &Event) {
        if let Event::Rejected(refusal) = event {
            self.note_refusal(refusal);
        } else if let Event::EnteredMany { refused, .. } = event {
            refused.iter().for_each(|one| self.note_refusal(&one.refusal));
        } else if let Event::Sent { .. } = event {
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
