//! What bytes can do wrong, and how often a client may.

use chat_core::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// Something that a client sent and that cannot be read. It is answered in the client's own
/// dialect, and the connection stays open, unless it happens [too often](Self::MOST).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A frame has more bytes than it may have; the transport has skipped it.
    #[error("line is longer than {limit} bytes")]
    TooLong {
        /// Most bytes.
        limit: usize,
    },
    /// A frame is not UTF-8.
    #[error("line is not valid UTF-8")]
    NotUtf8,
}

impl Fault {
    /// So many faults within [`WITHIN`](Self::WITHIN) close a connection.
    pub const MOST: usize = 10;

    /// For how long a fault counts.
    pub const WITHIN: Duration = Duration::from_secs(10);
}

/// The faults of a session that still count.
#[derive(Debug, Default)]
pub(crate) struct FaultWindow(VecDeque<Timestamp>);

impl FaultWindow {
    /// Notes a fault. Returns whether it was one too many.
    pub(crate) fn note(&mut self, now: Timestamp) -> bool {
        while self.0.front().is_some_and(|&at| now.since(at) >= Fault::WITHIN) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len() >= Fault::MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_faults_in_ten_seconds_are_too_many() {
        let at = |second: u64| Timestamp::from_millis(second * 1_000);
        let mut window = FaultWindow::default();
        assert!((0..9).all(|second| !window.note(at(second))));
        assert!(window.note(at(9)));

        let mut window = FaultWindow::default();
        assert!((0..9).all(|second| !window.note(at(second))));
        assert!(!window.note(at(10)), "the first no longer counts");
    }
}
