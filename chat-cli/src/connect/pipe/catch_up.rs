//! Puts missed messages in front of those that are said meanwhile.

use crate::connect::connection::Welcome;
use crate::connect::received::{Received, ResumePoint};
use std::mem;

/// The messages that a client still has to receive, and those that wait for them.
pub(super) struct CatchUp {
    received: Received,
    /// Messages that were said while older ones are still missing.
    held: Vec<String>,
    /// The highest id of a message that was printed.
    printed: u64,
    ask_again: bool,
    /// Up to where all messages have been written.
    written: ResumePoint,
}

/// The most messages that wait. Further ones are printed at once, out of order, and not lost.
const MOST_HELD: usize = 10_000;

impl CatchUp {
    pub(super) fn new(point: Option<ResumePoint>, welcome: &Welcome) -> Self {
        let received = Received::from(point.unwrap_or_default());
        let mut this = Self {
            received,
            held: Vec::new(),
            printed: 0,
            ask_again: false,
            written: ResumePoint::default(),
        };
        this.welcomed(welcome);
        this.written();
        this
    }

    /// Handles a welcome. If the server has resumed, the missed messages follow.
    pub(super) fn welcomed(&mut self, welcome: &Welcome) {
        self.received.welcomed(welcome.epoch.as_ref(), welcome.resumed);
    }

    /// Returns the place at which the missed messages continue.
    pub(super) fn point(&self) -> &ResumePoint {
        self.received.point()
    }

    /// Notes a message that was said now. Returns true if it waits for missed ones.
    pub(super) fn holds(&mut self, id: u64, raw: &str) -> bool {
        let waits = self.received.is_catching_up() && self.held.len() < MOST_HELD;
        if waits {
            self.held.push(raw.to_owned());
        } else {
            self.received.arrived(id);
        }
        waits
    }

    /// Notes a missed message, or one that has waited. Returns false if it was printed before.
    pub(super) fn is_new(&mut self, id: u64) -> bool {
        let is_new = id > self.printed;
        self.printed = id.max(self.printed);
        self.received.page(Some(id), true);
        is_new
    }

    /// Begins to fetch messages that the server has dropped.
    pub(super) fn begin(&mut self) {
        self.received.begin();
    }

    /// Handles the end of a page. Returns the messages that need not wait any longer.
    pub(super) fn end_page(&mut self, is_empty: bool, more: bool) -> Vec<String> {
        self.received.page(None, more);
        self.ask_again = is_empty && more;
        if more { Vec::new() } else { mem::take(&mut self.held) }
    }

    pub(super) fn take_ask_again(&mut self) -> bool {
        mem::take(&mut self.ask_again)
    }

    /// Notes that everything that was printed has been written.
    pub(super) fn written(&mut self) {
        self.written = self.received.point().clone();
    }

    /// Returns up to where all messages have been written.
    pub(super) fn written_to(&self) -> &ResumePoint {
        &self.written
    }
}
