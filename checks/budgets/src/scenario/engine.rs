//! The engine alone: inputs in, effects out.

use super::Scenario;
use super::crowd::{Crowd, command, identify, join, nickname, open, say, tell};
use super::work::Outcome;
use chat_core::{Command, HistoryRange, Input, Recipient};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "engine-message-to-10",
        outcome: Outcome::message(10),
        prepare: || Crowd::new(10).in_room(HALL, 1..=10).repeating(|_| [say(5, HALL)]),
    },
    Scenario {
        name: "engine-message-to-1000",
        outcome: Outcome::message(1_000),
        prepare: || Crowd::new(1_000).in_room(HALL, 1..=1_000).repeating(|_| [say(500, HALL)]),
    },
    Scenario {
        // Users in other rooms should cost no more than lookups in larger maps.
        name: "engine-message-to-10-of-10000",
        outcome: Outcome::message(10),
        prepare: || {
            Crowd::new(10_000).in_room(HALL, 5_001..=5_010).repeating(|_| [say(5_005, HALL)])
        },
    },
    Scenario {
        name: "engine-message-to-10-of-100-accounts",
        outcome: Outcome::message(10),
        prepare: || Crowd::of_accounts(100).in_room(HALL, 1..=10).repeating(|_| [say(5, HALL)]),
    },
    Scenario {
        // A message costs the same, however many accounts the durable state knows.
        name: "engine-message-to-10-of-1000000-accounts",
        outcome: Outcome::message(10),
        prepare: || {
            Crowd::of_accounts(1_000_000).in_room(HALL, 1..=10).repeating(|_| [say(5, HALL)])
        },
    },
    Scenario {
        name: "engine-join-and-leave-1000",
        outcome: Outcome::delivered(2 * 1_000),
        prepare: || {
            let crowd = Crowd::new(1_000).in_room(HALL, (1..=1_000).filter(|&n| n != MIDDLE_USER));
            crowd.repeating(|_| [join(MIDDLE_USER, HALL), leave(MIDDLE_USER, HALL)])
        },
    },
    Scenario {
        // The visitor gets a welcome and a goodbye; the others are told of the join and the quit.
        name: "engine-visit-to-lobby-of-10",
        outcome: Outcome::delivered(2 + 2 * 10),
        prepare: || {
            Crowd::new(10).in_room("lobby", 1..=10).repeating(|round| {
                let visitor = 1_000 + round;
                [open(visitor), identify(visitor, true), quit(visitor)]
            })
        },
    },
    Scenario {
        name: "engine-private-message",
        outcome: Outcome::message(2),
        prepare: || Crowd::new(10).repeating(|_| [tell(5, Recipient::User(nickname(7)))]),
    },
    Scenario {
        name: "engine-history-of-50",
        outcome: Outcome::delivered(1),
        prepare: || {
            let crowd = Crowd::new(10).in_room(HALL, 1..=10).after(50, || say(5, HALL));
            crowd.repeating(|_| [command(7, last(50))])
        },
    },
    Scenario {
        name: "engine-refused-command",
        outcome: Outcome::refusal(),
        prepare: || Crowd::new(10).in_room(HALL, 1..=9).repeating(|_| [say(10, HALL)]),
    },
    Scenario {
        // Each room has nine other members, who are in no other room: 90 are told, and the renamed
        // user gets a reply.
        name: "engine-rename-in-10-rooms",
        outcome: Outcome::delivered(1 + 90),
        prepare: || {
            let rooms = 0..10;
            let crowd = rooms.fold(Crowd::new(91), |crowd, room| {
                let others = 1 + room * 9..=9 + room * 9;
                crowd.in_room(&format!("room{room}"), others.chain([MEMBER_OF_ALL]))
            });
            crowd.repeating(|round| [rename(MEMBER_OF_ALL, ["even", "odd"][(round % 2) as usize])])
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

/// The room of most scenarios.
const HALL: &str = "hall";

/// A user in the middle of the id range, so that look-ups are neither best nor worst cases.
const MIDDLE_USER: u64 = 500;

/// The user who is in all rooms.
const MEMBER_OF_ALL: u64 = 91;
