//! Faults: received bytes that cannot be read, and how many of them a client may send.

use chat_core::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// Received bytes that cannot be read as a frame. The dialect answers them, and the connection
/// stays open, unless there are [too many faults](Self::MOST).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A frame is too long; the transport has skipped it.
    #[error("line is longer than {limit} bytes")]
    TooLong {
        /// The largest number of bytes.
        limit: usize,
    },
    /// A frame is not UTF-8.
    #[error("line is not valid UTF-8")]
    NotUtf8,
}

impl Fault {
    /// The number of faults within [`WITHIN`](Self::WITHIN) that closes a connection.
    pub const MOST: usize = 10;

    /// The time for which a fault counts.
    pub const WITHIN: Duration = Duration::from_secs(10);
}

/// The faults of a session within the last [`Fault::WITHIN`].
#[derive(Debug, Default)]
pub(crate) struct FaultWindow(VecDeque<Timestamp>);

impl FaultWindow {
    /// Notes a fault. Returns true if there are too many now.
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
        assert!(!window.note(at(10)), "the first fault no longer counts");
    }
}
