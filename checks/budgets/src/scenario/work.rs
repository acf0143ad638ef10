//! The work that a scenario does, and its outcome.

use chat_core::Timestamp;

/// An operation, [`ROUNDS`] times.
pub(crate) trait Work {
    /// Does it all. It is called once.
    fn run(&mut self);

    /// What came of it.
    fn outcome(&mut self) -> Outcome;
}

/// What came of some operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Messages that were taken.
    pub(crate) messages: u64,
    /// How many answers, events or frames sessions were sent: each for each session.
    pub(crate) told: u64,
    /// Commands that were refused, and frames that were not understood.
    pub(crate) refused: u64,
}

impl Outcome {
    /// A message was taken, and so many were told, the sender included.
    pub(super) const fn message(told: u64) -> Self {
        Self { messages: 1, told, refused: 0 }
    }

    /// So many were told.
    pub(super) const fn told(told: u64) -> Self {
        Self { messages: 0, told, refused: 0 }
    }

    /// One command was refused, and whoever gave it was told.
    pub(super) const fn refusal() -> Self {
        Self { messages: 0, told: 1, refused: 1 }
    }

    pub(super) const fn times(self, times: u64) -> Self {
        let Self { messages, told, refused } = self;
        Self { messages: messages * times, told: told * times, refused: refused * times }
    }
}

/// How often the operation is done where it counts: what happens now and then, such as that a
/// buffer grows, is shared by as many.
pub(crate) const ROUNDS: u64 = 100;

/// How often the operation is done before: until rooms remember as much as they may, and buffers
/// have grown.
pub(super) const WARM_UP: u64 = 250;

/// When everything happens: as late as any day.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What is said: an ordinary line.
pub(super) const WORDS: &str = "Has anybody seen the minutes of last week's meeting?";
