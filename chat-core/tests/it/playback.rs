//! Compares pages of messages and events with the whole history.

use chat_core::{
    Command, Config, Engine, Event, HistoryRange, Input, Peer, Playback, PlaybackItem, Query,
    Recipient, SessionId, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const ANN: SessionId = SessionId(1);

/// A command of a user, and the milliseconds before it.
type Step = (u8, u64);

/// Carries out commands in one channel, which few milliseconds separate.
fn engine(steps: &[Step], config: Config) -> (Engine, Timestamp) {
    let mut engine = Engine::new(config, START);
    let mut now = START;
    let bob = SessionId(2);
    for (session, name) in [(ANN, "ann"), (bob, "bob")] {
        engine.apply(now, Input::Open { session, peer: Peer::default() }).for_each(drop);
        apply(&mut engine, now, session, Command::identify(name));
        apply(&mut engine, now, session, Command::Join { channel: "a".into(), key: None });
    }
    for (index, &(kind, pause)) in steps.iter().enumerate() {
        // Equal events of one millisecond have equal keys.
        let pause = pause + u64::from(kind == 7);
        now = Timestamp::from_millis(now.as_millis() + pause);
        let topic = Some(format!("topic {index}"));
        let (session, command) = match kind {
            0..=2 => (ANN, Command::say("a", "hello")),
            3 => (bob, Command::say("lobby", "hello")),
            4 => (ANN, Command::SetTopic { channel: "a".into(), topic }),
            5 => (bob, Command::Leave { channel: "a".into(), reason: topic }),
            6 => (bob, Command::Rename { nickname: format!("bob{index}") }),
            _ => (bob, Command::Join { channel: "a".into(), key: None }),
        };
        apply(&mut engine, now, session, command);
    }
    (engine, now)
}

fn apply(engine: &mut Engine, now: Timestamp, session: SessionId, command: Command) {
    engine.apply(now, Input::Command { session, request: None, command }).for_each(drop);
}

/// Reads a page that begins at an item, or the newest one.
fn page(
    engine: &Engine,
    range: fn(Start) -> HistoryRange,
    start: Option<&PlaybackItem<Event>>,
    limit: usize,
) -> Playback<Event> {
    let (range, event) = match start {
        None => (HistoryRange::Latest, None),
        Some(PlaybackItem::Message(message)) => (range(Start::Message(message.id)), None),
        Some(PlaybackItem::Event(event)) => (range(Start::Event(event.at)), event.event.key()),
        Some(_) => unreachable!("a variant that this test does not know"),
    };
    let query = Query::Playback { of: Recipient::Channel("a".into()), range, event, limit };
    match engine.query(ANN, query) {
        Ok(Event::Playback(playback)) => *playback,
        other => panic!("{other:?}"),
    }
}

enum Start {
    Message(chat_core::MessageId),
    Event(Timestamp),
}

fn before(start: Start) -> HistoryRange {
    match start {
        Start::Message(id) => HistoryRange::Before(id),
        Start::Event(at) => HistoryRange::BeforeTime(at),
    }
}

fn after(start: Start) -> HistoryRange {
    match start {
        Start::Message(id) => HistoryRange::After(id),
        Start::Event(at) => HistoryRange::AfterTime(at),
    }
}

fn around(start: Start) -> HistoryRange {
    match start {
        Start::Message(id) => HistoryRange::Around(id),
        Start::Event(at) => HistoryRange::At(at),
    }
}

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::default() })]

    #[test]
    fn pages_are_parts_of_the_whole_history(
        steps in prop::collection::vec((0..8_u8, 0..3_u64), 0..40),
        events_per_channel in 0..20_usize,
        history_per_channel in 0..20_usize,
    ) {
        let config = Config {
            events_per_channel,
            history_per_channel,
            commands_per_second: 0,
            ..Config::default()
        };
        let (engine, _) = engine(&steps, config);
        let whole = page(&engine, before, None, usize::MAX);
        prop_assert!(!whole.more);
        let whole = whole.items;
        let is_event = |item: &&PlaybackItem<Event>| matches!(item, PlaybackItem::Event(_));
        prop_assert!(whole.iter().filter(is_event).count() <= events_per_channel);
        for limit in 0..6 {
            let newest = page(&engine, before, None, limit);
            prop_assert_eq!(&newest.items[..], &whole[whole.len().saturating_sub(limit)..]);
            prop_assert_eq!(newest.more, whole.len() > limit);
            for (index, start) in whole.iter().enumerate() {
                let older = page(&engine, before, Some(start), limit);
                prop_assert_eq!(&older.items[..], &whole[index.saturating_sub(limit)..index]);
                prop_assert_eq!(older.more, index > limit);

                let rest = &whole[index + 1..];
                let newer = page(&engine, after, Some(start), limit);
                prop_assert_eq!(&newer.items[..], &rest[..limit.min(rest.len())]);
                prop_assert_eq!(newer.more, rest.len() > limit);

                let first = index.saturating_sub(limit / 2);
                let last = whole.len().min(first + limit);
                let both = page(&engine, around, Some(start), limit);
                prop_assert_eq!(&both.items[..], &whole[first..last]);
            }
        }
    }
}

#[test]
fn event_that_is_no_longer_kept_counts_as_its_time() {
    let steps = [(4, 5), (0, 5), (4, 5), (4, 5)];
    let (engine, _) = engine(&steps, Config { events_per_channel: 1, ..Config::default() });
    let at = |millis| Timestamp::from_millis(START.as_millis() + millis);
    let query = |range| Query::Playback {
        of: Recipient::Channel("a".into()),
        range,
        event: Some(chat_core::EventKey(1)),
        limit: 9,
    };
    for (range, count) in [
        (HistoryRange::AfterTime(at(5)), 2),
        (HistoryRange::AfterTime(at(15)), 1),
        (HistoryRange::BeforeTime(at(15)), 1),
        (HistoryRange::At(at(10)), 2),
    ] {
        let Ok(Event::Playback(playback)) = engine.query(ANN, query(range)) else {
            panic!("the channel can be read");
        };
        assert_eq!(playback.items.len(), count, "{range:?}");
    }
}
