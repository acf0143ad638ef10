//! Engine and dialects together: frames in, frames out.

use super::hall::Hall;
use super::tongue::Tongue;
use super::{NOW, Outcome, Scenario, Work};
use std::time::Duration;

pub(super) const SCENARIOS: &[Scenario] = &[
    // Somebody alone in the lobby says something: the frame is understood, carried out and answered.
    receiving("receive-message-text", 0, || alone(Tongue::Bracket)),
    receiving("receive-message-json-1", 1, || alone(Tongue::Json1)),
    receiving("receive-message-json-2", 2, || alone(Tongue::Json2)),
    receiving("receive-message-txtchat", 1, || alone(Tongue::TxtChat)),
    receiving("fan-out-one-dialect-100", 100, || among([Tongue::Json2; 4])),
    receiving("fan-out-four-dialects-100", 100, || {
        among([Tongue::Bracket, Tongue::Json1, Tongue::Json2, Tongue::TxtChat])
    }),
    Scenario {
        name: "tick-10000-idle",
        outcome: Outcome::told(0),
        prepare: || idle().in_silence(NOW + Duration::from_secs(1)),
    },
    Scenario {
        // Every tick finds a hundred that have been silent for long enough to be asked whether they are there.
        name: "tick-10000-idle-100-silent",
        outcome: Outcome::told(100),
        prepare: || idle().in_silence(NOW + Duration::from_secs(30)),
    },
];

const fn receiving(name: &'static str, told: u64, prepare: fn() -> Box<dyn Work>) -> Scenario {
    Scenario { name, outcome: Outcome::message(told), prepare }
}

/// Somebody who says something, and nobody else.
fn alone(tongue: Tongue) -> Box<dyn Work> {
    Hall::new().with(tongue, [1].into_iter()).receiving(1, tongue.message(1))
}

/// Somebody who says something in text, and a hundred who hear it, a quarter in each tongue: in turn, since that is how they
/// come.
fn among(tongues: [Tongue; 4]) -> Box<dyn Work> {
    let speaker = Tongue::Bracket;
    let dialects = tongues.map(Tongue::dialect);
    let hall = (2..=101).fold(Hall::new().with(speaker, [1].into_iter()), |hall, number| {
        let turn = number as usize % tongues.len();
        hall.with_dialect(tongues[turn], &dialects[turn], [number].into_iter())
    });
    hall.receiving(1, speaker.message(1))
}

/// Ten thousand who have said nothing since they came, and are looked after.
fn idle() -> Hall {
    Hall::new().with(Tongue::Json2, 1..=10_000).watched(1..=10_000, 100)
}
