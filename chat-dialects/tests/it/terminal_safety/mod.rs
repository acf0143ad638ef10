//! Every frame, in every dialect, is one line without control characters, whatever users send.

mod actions;
mod clients;
mod encode;

use actions::actions;
use clients::TestSwitchboard;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Runs, TestRunner};
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(400) })]

    #[test]
    fn every_frame_is_one_harmless_line(actions in actions()) {
        let mut clients = TestSwitchboard::new();
        actions.iter().for_each(|action| clients.act(action));
    }
}

/// The generated actions produce every kind of object often enough for the property to be tested.
#[test]
fn actions_produce_every_kind_of_object() {
    let mut runner = TestRunner::deterministic();
    let mut objects = BTreeMap::<String, usize>::new();
    for _ in 0..300 {
        let mut clients = TestSwitchboard::new();
        let actions = actions().new_tree(&mut runner).expect("nothing is filtered").current();
        actions.iter().for_each(|action| clients.act(action));
        for (kind, count) in clients.objects {
            *objects.entry(kind).or_default() += count;
        }
    }
    let rare = OBJECT_KINDS.iter().filter(|kind| objects.get(**kind).copied().unwrap_or(0) < 20);
    assert_eq!(rare.collect::<Vec<_>>(), Vec::<&&str>::new(), "{objects:#?}");
    let (refused, done) = (objects["error"], objects["ok"] + objects["ack"]);
    assert!(done > 2 * refused, "{done} actions have succeeded, {refused} were refused");
}

/// The kinds of objects that the actions have to produce for clients of version 2.
const OBJECT_KINDS: &[&str] = &[
    "ack",
    "away",
    "channels",
    "chat: action",
    "chat: message",
    "chat: notice",
    "chat: private",
    "error",
    "history",
    "invited",
    "joined",
    "kicked, with a reason",
    "modes",
    "muted, with a reason",
    "ok",
    "renamed",
    "role",
    "roster",
    "topic",
    "unmuted",
    "user_joined",
    "user_left, with a reason",
    "users",
    "welcome",
];
