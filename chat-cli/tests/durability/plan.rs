//! The end of each run: when, and how.

use crate::fault::Fault;
use std::fmt;

/// The way in which a run of the server ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// SIGKILL, when the clients have received so many frames.
    Early(u64),
    /// SIGKILL, when the clients have received so many frames since they began to talk.
    Moment(u64),
    /// SIGKILL by the server itself, at a call to the disk.
    Call(Fault),
    /// SIGTERM while the clients talk; a fault may be SIGKILL while the store is closed.
    Stop(Option<Fault>),
    /// By itself, because a call to the disk fails.
    Failure(Fault),
    /// A loss of power, when the clients have received so many frames since they began to talk.
    PowerLoss(u64),
}

/// A run of the server.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) end: End,
    /// The frames that the clients receive before they fall silent.
    pub(crate) talk: u64,
    pub(crate) durability: &'static str,
}

/// The named points at which the server ends, with the calls of SQLite that mark them. To add one,
/// add a line: `file call`, the largest number of the call, and the percentage of all runs.
///
/// A commit appends pages to the log and syncs it: a death within a write is before the commit, and
/// one after the sync is between commit and delivery. A checkpoint writes to the database. A write
/// to the log after 200 ms without commits is maintenance: pruning, or work on an index.
const POINTS: &[Point] = &[
    Point { name: "within a commit", file: "log", call: "write", most: 300, percent: 20 },
    Point { name: "around a commit's sync", file: "log", call: "sync", most: 120, percent: 15 },
    Point { name: "within a checkpoint", file: "db", call: "write", most: 30, percent: 8 },
    Point { name: "around a checkpoint's sync", file: "db", call: "sync", most: 1, percent: 3 },
    Point { name: "within maintenance", file: "log", call: "idle-write", most: 8, percent: 6 },
];

struct Point {
    name: &'static str,
    file: &'static str,
    call: &'static str,
    most: u64,
    percent: u8,
}

/// Draws the plan of a run. Without a library for faults, runs end at random moments only.
pub(crate) fn draw(random: &mut fastrand::Rng, has_faults: bool) -> Plan {
    let talk = random.u64(500..4_000);
    let durability = if random.bool() { "power" } else { "process" };
    let mut percent = random.u8(0..100);
    if has_faults {
        for point in POINTS {
            if percent < point.percent {
                let fault = fault(random, point.file, point.call, point.most);
                return Plan { end: End::Call(fault), talk, durability };
            }
            percent -= point.percent;
        }
    }
    let end = match percent {
        0..10 => End::Early(random.u64(0..400)),
        10..13 => End::Stop(None),
        13..16 if has_faults => {
            let (file, call, most) =
                *random.choice(&[("db", "write", 20), ("log", "unlink", 1)]).expect("choices");
            End::Stop(Some(fault(random, file, call, most)))
        }
        _ => End::Moment(random.u64(0..talk)),
    };
    Plan { end, talk, durability }
}

fn fault(random: &mut fastrand::Rng, file: &'static str, call: &'static str, most: u64) -> Fault {
    let actions: &[&str] = match call {
        "write" | "idle-write" => &["kill-before", "kill-within", "kill-after"],
        _ => &["kill-before", "kill-after"],
    };
    // The early calls of each run are met in more runs.
    let most = random.u64(1..=most);
    let action = random.choice(actions).expect("there are some");
    Fault { file, call, nth: random.u64(1..=most), lasts: false, action }
}

impl Plan {
    /// A run that ends without violence.
    pub(crate) fn quiet() -> Self {
        Self { end: End::Stop(None), talk: 500, durability: "power" }
    }

    pub(crate) fn fault(&self) -> Option<&Fault> {
        match &self.end {
            End::Call(fault) | End::Stop(Some(fault)) | End::Failure(fault) => Some(fault),
            End::Early(_) | End::Moment(_) | End::Stop(None) | End::PowerLoss(_) => None,
        }
    }
}

impl End {
    /// Returns its name in the report.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Early(_) => "while clients log in",
            Self::Moment(_) => "at a random moment",
            Self::Call(fault) => {
                let is_at = |point: &&Point| (point.file, point.call) == (fault.file, fault.call);
                POINTS.iter().find(is_at).map_or("at another call", |point| point.name)
            }
            Self::Stop(None) => "SIGTERM",
            Self::Stop(Some(_)) => "while the store is closed",
            Self::Failure(_) => "by a failed call to the disk",
            Self::PowerLoss(_) => "by a loss of power",
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}, {} frames of talk", self.durability, self.end, self.talk)
    }
}
