//! Nothing that one user sends reaches the terminal of another as it was: every frame, in every
//! dialect, is one line of harmless characters.

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
    fn every_frame_is_one_line_that_does_no_harm(actions in actions()) {
        let mut clients = TestSwitchboard::new();
        actions.iter().for_each(|action| clients.act(action));
    }
}

/// A test of what never happens is worth something only where much does.
#[test]
fn whatever_can_be_told_has_been_told() {
    let mut runner = TestRunner::deterministic();
    let mut told = BTreeMap::<String, usize>::new();
    for _ in 0..300 {
        let mut clients = TestSwitchboard::new();
        let actions = actions().new_tree(&mut runner).expect("nothing is filtered").current();
        actions.iter().for_each(|action| clients.act(action));
        for (news, count) in clients.told {
            *told.entry(news).or_default() += count;
        }
    }
    let seldom = NEWS.iter().filter(|news| told.get(**news).copied().unwrap_or(0) < 20);
    assert_eq!(seldom.collect::<Vec<_>>(), Vec::<&&str>::new(), "{told:#?}");
    let (refused, done) = (told["error"], told["ok"] + told["ack"]);
    assert!(done > 2 * refused, "{done} actions have succeeded, {refused} have not");
}

/// What programs of version 2 are told.
const NEWS: &[&str] = &[
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
