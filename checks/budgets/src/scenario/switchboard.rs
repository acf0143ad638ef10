//! Engine and dialects together: frames in, frames out.

use super::Scenario;
use super::client_dialect::ClientDialect;
use super::test_switchboard::TestSwitchboard;
use super::work::{NOW, Outcome, Work};
use std::time::Duration;

pub(super) const SCENARIOS: &[Scenario] = &[
    // Somebody alone in the lobby says something: the frame is understood, carried out and
    // answered.
    receiving("receive-message-text", 0, || alone(ClientDialect::Bracket)),
    receiving("receive-message-json-1", 1, || alone(ClientDialect::Json1)),
    receiving("receive-message-json-2", 2, || alone(ClientDialect::Json2)),
    receiving("receive-message-txtchat", 1, || alone(ClientDialect::TxtChat)),
    receiving("fan-out-one-dialect-100", 100, || among([ClientDialect::Json2; 4])),
    receiving("fan-out-four-dialects-100", 100, || {
        among([
            ClientDialect::Bracket,
            ClientDialect::Json1,
            ClientDialect::Json2,
            ClientDialect::TxtChat,
        ])
    }),
    Scenario {
        name: "tick-10000-idle",
        outcome: Outcome::told(0),
        prepare: || idle().in_silence(NOW + Duration::from_secs(1)),
    },
    Scenario {
        // Every tick finds a hundred that have been silent for long enough to be asked whether they
        // are there.
        name: "tick-10000-idle-100-silent",
        outcome: Outcome::told(100),
        prepare: || idle().in_silence(NOW + Duration::from_secs(30)),
    },
];

const fn receiving(name: &'static str, told: u64, prepare: fn() -> Box<dyn Work>) -> Scenario {
    Scenario { name, outcome: Outcome::message(told), prepare }
}

/// Somebody who says something, and nobody else.
fn alone(client_dialect: ClientDialect) -> Box<dyn Work> {
    TestSwitchboard::new()
        .with(client_dialect, [1].into_iter())
        .receiving(1, client_dialect.message(1))
}

/// Somebody who says something in text, and a hundred who hear it, a quarter in each tongue: in
/// turn, since that is how they come.
fn among(tongues: [ClientDialect; 4]) -> Box<dyn Work> {
    let speaker = ClientDialect::Bracket;
    let dialects = tongues.map(ClientDialect::dialect);
    let test_switchboard = (2..=101).fold(
        TestSwitchboard::new().with(speaker, [1].into_iter()),
        |test_switchboard, number| {
            let turn = number as usize % tongues.len();
            test_switchboard.with_dialect(tongues[turn], &dialects[turn], [number].into_iter())
        },
    );
    test_switchboard.receiving(1, speaker.message(1))
}

/// Ten thousand who have said nothing since they came, and are looked after.
fn idle() -> TestSwitchboard {
    TestSwitchboard::new().with(ClientDialect::Json2, 1..=10_000).watched(1..=10_000, 100)
}
