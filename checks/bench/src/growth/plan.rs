//! The points to measure.

use super::Curve;
use crate::arguments::GrowthArguments;
use crate::generator::{Rooms, Stop};
use crate::scenario::{Connect, Fanout, Idle, Joins, Lobby, Scenario};
use crate::server::Kind;
use std::time::Duration;

/// A point of a curve.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) curve: Curve,
    /// The line that it belongs to.
    pub(crate) series: String,
    /// The value of the quantity that the figure grows with.
    pub(crate) size: usize,
    /// The number of processors that the server and the load generator share.
    pub(crate) cores: usize,
    pub(crate) load: Load,
}

/// The way in which a point is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    /// A scenario on a server; with this many shards, or its default.
    Server { kind: Kind, shards: Option<usize>, scenario: Scenario },
    /// The engine with its dialects, in this process, with users in other rooms.
    InProcess { elsewhere: usize, time: Duration },
}

/// Returns the points of all curves.
///
/// `most` is the maximum number of connections. `shards` is empty if the server does not support
/// shards.
pub(crate) fn plan(
    arguments: &GrowthArguments,
    most: usize,
    processors: usize,
    shards: &[usize],
) -> Vec<Point> {
    let most = most.min(arguments.most);
    let time = Duration::from_secs_f64(arguments.seconds);
    let stop = Stop { after: time, deliveries: u64::MAX };
    let has = |kind: &Kind| arguments.server.contains(kind);
    let mut points = Vec::new();
    let mut add = |curve, series: String, size, cores, load| {
        points.push(Point { curve, series, size, cores, load });
    };
    let server = |kind, scenario| Load::Server { kind, shards: None, scenario };
    let fanout = |rooms, elsewhere, window| {
        Scenario::Fanout(Fanout { rooms, elsewhere, window, size: SIZE, stop })
    };

    for size in fitting(&[10, 30, 100, 300, 1_000, 3_000, 10_000], most) {
        let rooms = Rooms { count: 1, members: size, senders: 1 };
        for window in [1, 64] {
            for kind in [Kind::Floor, Kind::Text].into_iter().filter(has) {
                let load = server(kind, fanout(rooms, 0, window));
                add(Curve::Room, format!("{}, w = {window}", kind.title()), size, 1, load);
            }
        }
    }
    for size in fitting(&[100, 300, 1_000, 3_000, 10_000, 20_000], most.saturating_sub(10)) {
        let rooms = Rooms { count: 1, members: 10, senders: 1 };
        for kind in [Kind::Floor, Kind::Text].into_iter().filter(has) {
            let load = server(kind, fanout(rooms, size, 1));
            add(Curve::Elsewhere, kind.title().into(), size, 1, load);
        }
    }
    for size in fitting(&[100, 1_000, 10_000, 100_000], arguments.most) {
        let load = Load::InProcess { elsewhere: size, time };
        add(Curve::Elsewhere, "in process".into(), size, 1, load);
    }
    for size in fitting(&[10, 30, 100, 300, 990, 3_000, 10_000], most) {
        for kind in [Kind::Floor, Kind::Json].into_iter().filter(has) {
            let load = server(kind, Scenario::Joins(Joins { members: size, stop }));
            add(Curve::Joins, kind.title().into(), size, 1, load);
        }
    }
    for size in fitting(&[1_000, 2_000, 5_000, 10_000], most) {
        for kind in [Kind::Floor, Kind::Text, Kind::Json].into_iter().filter(has) {
            let load = server(kind, Scenario::Lobby(Lobby { users: size }));
            add(Curve::Lobby, kind.title().into(), size, 1, load);
        }
    }
    // The scenario connects a hundred more clients first.
    for size in fitting(&[1_000, 3_000, 10_000, 20_000], most.saturating_sub(100)) {
        for kind in [Kind::Floor, Kind::Text, Kind::Websocket].into_iter().filter(has) {
            let load = server(
                kind,
                Scenario::Idle(Idle { connections: size, per_second: None, time: SETTLING }),
            );
            add(Curve::Memory, kind.title().into(), size, 1, load);
        }
    }
    for size in fitting(&[1_000, 3_000, 10_000], most) {
        for cores in 1..=processors.min(2) {
            for &kind in &arguments.server {
                let load = server(kind, Scenario::Connect(Connect { connections: size }));
                let on = if cores == 1 { "1 processor" } else { "2 processors" };
                add(Curve::Connect, format!("{}, {on}", kind.title()), size, cores, load);
            }
        }
    }
    let throughput = [
        ("room of 1,000, w = 64", Rooms { count: 1, members: 1_000.min(most), senders: 1 }, 64),
        ("room of 1,000, w = 1", Rooms { count: 1, members: 1_000.min(most), senders: 1 }, 1),
        ("100 rooms of 10", Rooms { count: 100.min(most / 10), members: 10, senders: 10 }, 1),
    ];
    if has(&Kind::Text) && processors > 1 {
        for (series, rooms, window) in throughput {
            for &size in shards {
                let scenario = fanout(rooms, 0, window);
                let load = Load::Server { kind: Kind::Text, shards: Some(size), scenario };
                add(Curve::Shards, series.into(), size, 2, load);
            }
        }
    }
    points
}

/// Returns the sizes that are possible; the largest possible size replaces all larger ones.
fn fitting(sizes: &[usize], most: usize) -> Vec<usize> {
    // A room has two members at least, and users elsewhere are in rooms of ten.
    let most = (most / 10 * 10).max(10);
    let mut fitting: Vec<_> = sizes.iter().map(|&size| size.min(most)).collect();
    fitting.dedup();
    fitting
}

/// The size of messages, in bytes.
const SIZE: usize = 64;

/// The time that connections are idle before their memory is read.
const SETTLING: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_sizes_are_replaced_by_the_largest_possible_one() {
        assert_eq!(fitting(&[10, 100, 1_000], 5_000), [10, 100, 1_000]);
        assert_eq!(fitting(&[1_000, 10_000, 20_000], 19_805), [1_000, 10_000, 19_800]);
        assert_eq!(fitting(&[1_000, 10_000, 20_000], 500), [500]);
        assert_eq!(fitting(&[100, 1_000], 3), [10]);
    }

    #[test]
    fn plan_without_shards_has_no_shards_curve() {
        let arguments = GrowthArguments {
            server: vec![Kind::Floor, Kind::Text],
            most: 100,
            ..GrowthArguments::default()
        };
        let of_shards = |shards: &[usize]| {
            let points = plan(&arguments, 100, 2, shards);
            points.iter().filter(|point| point.curve == Curve::Shards).count()
        };
        assert_eq!(of_shards(&[]), 0);
        assert_eq!(of_shards(&[1, 2]), 6);
    }
}
