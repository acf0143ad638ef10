//! The columns of a comparison.

use crate::scenario::{CHURN_CPU, CPU, DELIVERIES, P99, P999, RESIDENT};
use crate::server::Kind;
use serde::Serialize;

/// A scenario with its sizes, which are the same for all servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Column {
    /// The single column of a report that compares nothing.
    One,
    Room200,
    Room1000,
    Room200Window,
    Room1000Window,
    Rooms,
    Latency,
    Idle,
    Churn,
}

impl Column {
    /// The columns of the cost of a delivery.
    pub(crate) const THROUGHPUT: [Self; 5] =
        [Self::Room200, Self::Room1000, Self::Room200Window, Self::Room1000Window, Self::Rooms];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::One => "",
            Self::Room200 => "room of 200, w = 1",
            Self::Room1000 => "room of 1,000, w = 1",
            Self::Room200Window => "room of 200, w = 64",
            Self::Room1000Window => "room of 1,000, w = 64",
            Self::Rooms => "100 rooms of 10, all talk",
            Self::Latency => "latency p99 / p99.9 [µs]",
            Self::Idle => "idle connection [bytes]",
            Self::Churn => "a visit [CPU µs]",
        }
    }

    /// Returns true if a server is measured for this column. The floor with longer lines is
    /// measured only where many lines are written at once, and clients of several kinds only in one
    /// large room.
    pub(crate) fn compares(self, kind: Kind) -> bool {
        let is_window = matches!(self, Self::Room200Window | Self::Room1000Window);
        if kind == Kind::FloorAsJson {
            is_window
        } else if matches!(kind, Kind::IrcThree | Kind::Mixed) {
            is_window || matches!(self, Self::Room200 | Self::Room1000)
        } else {
            true
        }
    }

    /// Returns the shown figures.
    pub(crate) fn figures(self) -> &'static [&'static str] {
        match self {
            Self::One => &[],
            Self::Room200
            | Self::Room1000
            | Self::Room200Window
            | Self::Room1000Window
            | Self::Rooms => &[CPU, DELIVERIES],
            Self::Latency => &[P99, P999],
            Self::Idle => &[RESIDENT],
            Self::Churn => &[CHURN_CPU],
        }
    }
}
