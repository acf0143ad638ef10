//! The engine alone: inputs in, effects out.

use super::Scenario;
use super::crowd::{Crowd, command, identify, join, nickname, open, say, tell};
use super::work::Outcome;
use chat_core::{Command, HistoryRange, Input, Recipient};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "engine-message-to-10",
        outcome: Outcome::message(10),
        prepare: || Crowd::new(10).in_room(HALL, 1..=10).doing(|_| [say(5, HALL)]),
    },
    Scenario {
        name: "engine-message-to-1000",
        outcome: Outcome::message(1_000),
        prepare: || Crowd::new(1_000).in_room(HALL, 1..=1_000).doing(|_| [say(500, HALL)]),
    },
    Scenario {
        // Whoever is online elsewhere should cost no more than a longer way down the maps.
        name: "engine-message-to-10-of-10000",
        outcome: Outcome::message(10),
        prepare: || Crowd::new(10_000).in_room(HALL, 5_001..=5_010).doing(|_| [say(5_005, HALL)]),
    },
    Scenario {
        name: "engine-join-and-leave-1000",
        outcome: Outcome::told(2 * 1_000),
        prepare: || {
            let crowd = Crowd::new(1_000).in_room(HALL, (1..=1_000).filter(|&n| n != COMER));
            crowd.doing(|_| [join(COMER, HALL), leave(COMER, HALL)])
        },
    },
    Scenario {
        // The visitor hears a welcome and a farewell, the others that they come and go.
        name: "engine-visit-to-lobby-of-10",
        outcome: Outcome::told(2 + 2 * 10),
        prepare: || {
            Crowd::new(10).in_room("lobby", 1..=10).doing(|round| {
                let visitor = 1_000 + round;
                [open(visitor), identify(visitor, true), quit(visitor)]
            })
        },
    },
    Scenario {
        name: "engine-private-message",
        outcome: Outcome::message(2),
        prepare: || Crowd::new(10).doing(|_| [tell(5, Recipient::User(nickname(7)))]),
    },
    Scenario {
        name: "engine-history-of-50",
        outcome: Outcome::told(1),
        prepare: || {
            let crowd = Crowd::new(10).in_room(HALL, 1..=10).having(50, || say(5, HALL));
            crowd.doing(|_| [command(7, last(50))])
        },
    },
    Scenario {
        name: "engine-refused-command",
        outcome: Outcome::refusal(),
        prepare: || Crowd::new(10).in_room(HALL, 1..=9).doing(|_| [say(10, HALL)]),
    },
    Scenario {
        // In each room are nine others, who are in no other room: 90 hear of it, and the one whose
        // name it is.
        name: "engine-rename-in-10-rooms",
        outcome: Outcome::told(1 + 90),
        prepare: || {
            let rooms = 0..10;
            let crowd = rooms.fold(Crowd::new(91), |crowd, room| {
                let others = 1 + room * 9..=9 + room * 9;
                crowd.in_room(&format!("room{room}"), others.chain([EVERYWHERE]))
            });
            crowd.doing(|round| [rename(EVERYWHERE, ["even", "odd"][(round % 2) as usize])])
        },
    },
];

fn leave(number: u64, room: &str) -> Input {
    command(number, Command::Leave { channel: room.into(), reason: None })
}

fn quit(number: u64) -> Input {
    command(number, Command::Quit { reason: None })
}

fn rename(number: u64, nickname: &str) -> Input {
    command(number, Command::Rename { nickname: nickname.into() })
}

fn last(limit: usize) -> Command {
    Command::ReadHistory { channel: HALL.into(), range: HistoryRange::Latest, limit }
}

/// The room in which most things happen.
const HALL: &str = "hall";

/// Somebody in the middle, neither first nor last wherever they are looked up.
const COMER: u64 = 500;

/// The one who is in all rooms.
const EVERYWHERE: u64 = 91;
