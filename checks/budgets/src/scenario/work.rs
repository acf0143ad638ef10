//! The work that a scenario does, and its outcome.

use chat_core::Timestamp;

/// An operation, [`ROUNDS`] times.
pub(crate) trait Work {
    /// Runs all operations. It is called once.
    fn run(&mut self);

    /// Returns the outcome.
    fn outcome(&mut self) -> Outcome;
}

/// The outcome of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Messages that were accepted.
    pub(crate) messages: u64,
    /// Replies, events or frames that sessions were sent, counted for each session.
    pub(crate) delivered: u64,
    /// Commands that were refused, and frames that were not understood.
    pub(crate) refused: u64,
}

impl Outcome {
    /// One message was accepted, and `delivered` sessions were sent something, including the
    /// sender.
    pub(super) const fn message(delivered: u64) -> Self {
        Self { messages: 1, delivered, refused: 0 }
    }

    /// `delivered` sessions were sent something.
    pub(super) const fn delivered(delivered: u64) -> Self {
        Self { messages: 0, delivered, refused: 0 }
    }

    /// One command was refused, and its sender was told.
    pub(super) const fn refusal() -> Self {
        Self { messages: 0, delivered: 1, refused: 1 }
    }

    pub(super) const fn times(self, times: u64) -> Self {
        let Self { messages, delivered, refused } = self;
        Self { messages: messages * times, delivered: delivered * times, refused: refused * times }
    }
}

/// Number of counted operations. Rare costs, such as the growth of a buffer, are spread over all of
/// them.
pub(crate) const ROUNDS: u64 = 100;

/// Number of operations before counting, enough to fill the history of rooms and to grow buffers.
pub(super) const WARM_UP: u64 = 250;

/// The time of all operations.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The text of all messages.
pub(super) const WORDS: &str = "Has anybody seen the minutes of last week's meeting?";
