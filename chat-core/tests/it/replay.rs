//! The same inputs give the same effects, byte for byte, which replay and replication rely on.

use crate::generate::{InputGenerator, small_limits};
use chat_core::{
    Effect, Engine, Event, Input, MessageReaction, Pin, Refusal, SavedEngine, Timestamp,
};
use std::collections::{BTreeSet, HashSet};
use std::mem::discriminant;

const INPUTS: usize = 60_000;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[test]
fn recorded_inputs_give_the_same_effects_again() {
    let recorded = record();
    let lines: Vec<String> = recorded.iter().map(json).collect();
    let read: Vec<(Timestamp, Input)> = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("a recorded input can be read"))
        .collect();
    assert_eq!(read, recorded);

    let (first, second) = (effects(&recorded), effects(&read));
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(one, other);
    }
    assert_eq!(first.len(), second.len());
}

/// Checks that the generated inputs cause nearly all events and refusals. The invariants are tested
/// with the same kind of inputs.
#[test]
fn generated_inputs_cause_nearly_all_events_and_refusals() {
    let mut engine = Engine::new(small_limits(), START);
    let mut events = HashSet::new();
    let mut refusals = BTreeSet::new();
    for (at, input) in record() {
        for effect in engine.apply(at, input) {
            match effect {
                Effect::Reply { event: Event::Rejected(refusal), .. }
                | Effect::HostReply { event: Event::Rejected(refusal) } => {
                    refusals.insert(refusal.code());
                }
                Effect::Reply { event, .. }
                | Effect::HostReply { event }
                | Effect::Deliver { event, .. } => {
                    events.insert(discriminant(event));
                }
                Effect::Ask { .. } | Effect::Close { .. } | Effect::Record(_) => {}
                _ => unreachable!("a variant that this test does not know"),
            }
        }
    }
    assert_eq!(events.len(), 65, "an event other than a refusal has not happened");
    // The engine keeps accounts in all runs.
    refusals.insert(Refusal::NoAccounts.code());
    // These limits are constants, which the short words of the generator do not reach.
    refusals.insert(Refusal::DataTextTooLong { limit: 0 }.code());
    refusals.insert(Refusal::TooManyDataEntries { limit: 0 }.code());
    refusals.insert(Refusal::TooManyReactions { limit: MessageReaction::MOST }.code());
    refusals.insert(Refusal::TooManyPins { limit: Pin::MOST }.code());
    let never: Vec<_> = Refusal::CODES.iter().filter(|code| !refusals.contains(*code)).collect();
    assert!(never.is_empty(), "{never:?} have not happened");
}

#[test]
fn two_engines_yield_the_same_effects() {
    let recorded = record();
    let mut one = Engine::new(small_limits(), START);
    let mut other = Engine::new(small_limits(), START);
    for (at, input) in recorded {
        let effects = one.apply(at, input.clone());
        let others = other.apply(at, input);
        assert_eq!(effects.at(), others.at());
        assert!(effects.eq(others));
        assert_eq!(one.next_deadline(), other.next_deadline());
    }
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

/// An engine that is replaced with one from its own snapshot, again and again, is the same as one
/// that is not.
#[test]
fn engine_from_a_snapshot_continues_as_the_first_one() {
    let mut one = Engine::new(small_limits(), START);
    let mut other = Engine::new(small_limits(), START);
    for (count, (at, input)) in record().into_iter().enumerate() {
        // A prime, so that snapshots follow all kinds of inputs.
        if count % 97 == 0 {
            let saved: SavedEngine =
                serde_json::from_str(&json(&other.snapshot())).expect("a snapshot can be read");
            other = saved.resume(small_limits());
            assert_same(&format!("{one:?}"), &format!("{other:?}"), count);
            assert_same(&json(&one.snapshot()), &json(&other.snapshot()), count);
        }
        let effects = one.apply(at, input.clone());
        let others = other.apply(at, input);
        assert_eq!(effects.at(), others.at());
        assert!(effects.eq(others), "input {count}");
        assert_eq!(one.next_deadline(), other.next_deadline());
    }
}

/// Shows where two long texts differ.
fn assert_same(one: &str, other: &str, count: usize) {
    let place = one.bytes().zip(other.bytes()).position(|(one, other)| one != other);
    let Some(place) = place else { return assert_eq!(one.len(), other.len()) };
    let part = |text: &str| {
        let bytes = &text.as_bytes()[place.saturating_sub(500)..];
        String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned()
    };
    assert_eq!(part(one), part(other), "after {count} inputs");
}

/// Records a long run of several clients, the same every time.
fn record() -> Vec<(Timestamp, Input)> {
    let mut engine = Engine::new(small_limits(), START);
    let mut generator = InputGenerator::new(START);
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut inputs = Vec::with_capacity(INPUTS);
    while inputs.len() < INPUTS {
        // xorshift64 (Marsaglia 2003): good enough for varied inputs.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let [.., a, b, c, d] = random.to_be_bytes();
        let (at, input) = generator.input([a, b, c, d]);
        inputs.push((at, input.clone()));
        for effect in engine.apply(at, input) {
            generator.note(effect);
        }
    }
    inputs
}

fn effects(inputs: &[(Timestamp, Input)]) -> Vec<String> {
    let mut engine = Engine::new(small_limits(), START);
    let mut lines = Vec::new();
    for (at, input) in inputs {
        lines.extend(engine.apply(*at, input.clone()).map(|effect| json(&effect)));
    }
    lines
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the core's types can be serialised as JSON")
}
