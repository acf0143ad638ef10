//! People are shown the first members of a large channel.

use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Recorder, Switchboard, TextDialect};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[test]
fn twenty_members_are_shown_and_the_others_are_counted() {
    let mut switchboard = Switchboard::new(Engine::new(Config::default(), NOW));
    let shown: Vec<Vec<String>> = (1..=23)
        .map(|session| {
            let (text, port) = (Arc::new(TextDialect::bracket()), Recorder::default());
            switchboard.open(NOW, SessionId(session), Peer::default(), text, port.clone());
            switchboard.receive_frame(NOW, SessionId(session), b"/join den");
            port.take()
        })
        .collect();

    let welcome = |new: usize| -> Vec<&str> {
        let lines = shown[new - 1].iter().map(String::as_str);
        lines.filter(|line| !line.contains("den")).collect()
    };
    assert_eq!(welcome(21).len(), 21, "the own name and twenty others");
    assert!(welcome(21).iter().all(|line| line.ends_with(" joined the chat")));
    assert_eq!(welcome(22).len(), 22);
    assert_eq!(welcome(22).last(), Some(&"* and 1 more"));
    assert_eq!(welcome(23).last(), Some(&"* and 2 more"));

    let join = |new: usize| shown[new - 1].last().expect("an answer").as_str();
    assert_eq!(join(3), "* you are on #den: user1, user2, user3");
    assert!(join(20).ends_with(", user9"), "{}", join(20));
    assert!(join(21).ends_with(" and 1 more"), "{}", join(21));
    assert!(join(23).ends_with(" and 3 more"), "{}", join(23));
}
