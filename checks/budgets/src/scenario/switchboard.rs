//! Engine and dialects together: frames in, frames out.

use super::Scenario;
use super::client_dialect::ClientDialect;
use super::test_switchboard::TestSwitchboard;
use super::work::{NOW, Outcome, Work};
use std::time::Duration;

pub(super) const SCENARIOS: &[Scenario] = &[
    // A user who is alone in the lobby sends a message: the frame is decoded, the command carried
    // out and answered.
    receiving("receive-message-text", 0, || alone(ClientDialect::Bracket)),
    receiving("receive-message-json-1", 1, || alone(ClientDialect::Json1)),
    receiving("receive-message-json-2", 2, || alone(ClientDialect::Json2)),
    receiving("receive-message-txtchat", 1, || alone(ClientDialect::TxtChat)),
    receiving("receive-message-irc", 0, || alone(ClientDialect::Irc)),
    receiving("fan-out-one-dialect-100", 100, || among([ClientDialect::Json2; 4])),
    receiving("fan-out-four-dialects-100", 100, || {
        among([
            ClientDialect::Bracket,
            ClientDialect::Json1,
            ClientDialect::Json2,
            ClientDialect::TxtChat,
        ])
    }),
    receiving("fan-out-irc-100", 100, || among([ClientDialect::IrcTags; 4])),
    receiving("fan-out-irc-with-others-100", 100, || {
        among([
            ClientDialect::Bracket,
            ClientDialect::Irc,
            ClientDialect::Json2,
            ClientDialect::IrcTags,
        ])
    }),
    // A client of IRC leaves the lobby and joins it. Three instructions for each member move the
    // list of sessions.
    Scenario {
        name: "irc-join-and-leave-1000",
        outcome: Outcome::delivered(2),
        prepare: || joins_and_leaves(1_000),
    },
    Scenario {
        name: "irc-join-and-leave-10000",
        outcome: Outcome::delivered(2),
        prepare: || joins_and_leaves(10_000),
    },
    Scenario {
        name: "tick-10000-idle",
        outcome: Outcome::delivered(0),
        prepare: || idle().ticking(NOW + Duration::from_secs(1)),
    },
    Scenario {
        // At every tick a hundred sessions have been silent for long enough to be pinged.
        name: "tick-10000-idle-100-silent",
        outcome: Outcome::delivered(100),
        prepare: || idle().ticking(NOW + Duration::from_secs(30)),
    },
];

const fn receiving(name: &'static str, delivered: u64, prepare: fn() -> Box<dyn Work>) -> Scenario {
    Scenario { name, outcome: Outcome::message(delivered), prepare }
}

/// One user who sends messages, alone in the lobby.
fn alone(client_dialect: ClientDialect) -> Box<dyn Work> {
    TestSwitchboard::new()
        .with(client_dialect, [1].into_iter())
        .receiving(1, client_dialect.message(1))
}

/// A user of the text dialect who sends messages to a hundred others, who use the four dialects in
/// turn, as if they had connected in random order.
fn among(client_dialects: [ClientDialect; 4]) -> Box<dyn Work> {
    let speaker = ClientDialect::Bracket;
    let dialects = client_dialects.map(ClientDialect::dialect);
    let test_switchboard = (2..=101).fold(
        TestSwitchboard::new().with(speaker, [1].into_iter()),
        |test_switchboard, number| {
            let turn = number as usize % client_dialects.len();
            test_switchboard.with_dialect(
                client_dialects[turn],
                &dialects[turn],
                [number].into_iter(),
            )
        },
    );
    test_switchboard.receiving(1, speaker.message(1))
}

/// A client of IRC that joins the lobby with so many members and leaves it, again and again.
fn joins_and_leaves(members: u64) -> Box<dyn Work> {
    let client_dialect = ClientDialect::IrcNoNames;
    let frames = ["PART #lobby", "JOIN #lobby"].map(Vec::from).to_vec();
    TestSwitchboard::new().with(client_dialect, 1..=members + 1).receiving_all(1, frames)
}

/// Ten thousand idle clients with keep-alive checks.
fn idle() -> TestSwitchboard {
    TestSwitchboard::new().with(ClientDialect::Json2, 1..=10_000).with_keep_alive(1..=10_000, 100)
}
