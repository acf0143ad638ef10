//! The plan of a run.

use crate::Dice;
use std::time::Duration;

/// The plan of a run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    /// True if each commit outlasts a loss of power; otherwise everything does after a second.
    pub(crate) syncs_each_commit: bool,
    /// The faults, and the time before each of them.
    pub(crate) faults: Vec<(Duration, Fault)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The server's process is killed, and started again.
    Kill,
    /// The server's machine loses power, and everything that was not synced.
    LosePower,
    /// The disk is full for a time.
    Fill(Duration),
    /// Commits find no room this many times.
    Slow(u32),
    /// A commit fails, after its records were written or before.
    FailCommit { is_written: bool },
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x0d15_c0de);
        let fault = |dice: &mut Dice| match dice.between(0, 9) {
            0..=3 => Fault::Kill,
            4 => Fault::LosePower,
            5 => Fault::Fill(Duration::from_millis(dice.between(100, 5_000))),
            6 => Fault::Slow(u32::try_from(dice.between(1, 8)).unwrap_or(1)),
            7 => Fault::FailCommit { is_written: false },
            _ => Fault::FailCommit { is_written: true },
        };
        let count = dice.between(3, 10);
        Self {
            clients: usize::try_from(dice.between(2, 6)).unwrap_or(2),
            syncs_each_commit: dice.percent(60),
            faults: (0..count)
                .map(|_| (Duration::from_millis(dice.between(50, 6_000)), fault(&mut dice)))
                .collect(),
        }
    }
}

/// Returns the name of a client's host, which is that of its account too.
pub(crate) fn name(index: usize) -> String {
    format!("client{index}")
}

/// The name of the server's host.
pub(crate) const SERVER: &str = "server";
