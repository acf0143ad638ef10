//! Announcements to many sessions wait for other output.

use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Inbound, Recorder, Switchboard, TextDialect};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn open(switchboard: &mut Switchboard<Recorder>, session: u64) {
    let dialect = Arc::new(TextDialect::bracket());
    switchboard.open(NOW, SessionId(session), Peer::default(), dialect, Recorder::default());
}

/// Returns a switchboard with three users in the lobby, all flushed.
fn three_users() -> Switchboard<Recorder> {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let mut switchboard = Switchboard::new(Engine::new(config, NOW));
    switchboard.hold_announcements(3);
    (1..=3).for_each(|session| open(&mut switchboard, session));
    assert_eq!(flushed(&mut switchboard), 3);
    switchboard
}

fn flushed(switchboard: &mut Switchboard<Recorder>) -> usize {
    let mut count = 0;
    switchboard.flush(|_| count += 1);
    count
}

fn type_line(switchboard: &mut Switchboard<Recorder>, session: u64, line: &str) {
    switchboard.receive_frame(NOW, SessionId(session), line.as_bytes());
}

#[test]
fn sessions_with_announcements_only_are_flushed_after_the_release() {
    let mut switchboard = three_users();
    open(&mut switchboard, 4);
    assert!(switchboard.has_announcements());
    assert_eq!(flushed(&mut switchboard), 1, "the new user");
    type_line(&mut switchboard, 4, "/name dora");
    type_line(&mut switchboard, 4, "/away eating");
    type_line(&mut switchboard, 4, "/leave");
    assert_eq!(flushed(&mut switchboard), 1);
    switchboard.receive(NOW, SessionId(4), Inbound::Close(CloseReason::Disconnected));
    assert_eq!(flushed(&mut switchboard), 0);
    switchboard.release_announcements();
    assert!(!switchboard.has_announcements());
    assert_eq!(flushed(&mut switchboard), 3);
    switchboard.release_announcements();
    assert_eq!(flushed(&mut switchboard), 0);
}

#[test]
fn anything_else_does_not_wait() {
    let mut switchboard = three_users();
    open(&mut switchboard, 4);
    flushed(&mut switchboard);
    type_line(&mut switchboard, 4, "/msg user1 hello");
    assert_eq!(flushed(&mut switchboard), 2, "the two users of the private message");
    type_line(&mut switchboard, 4, "hello");
    assert_eq!(flushed(&mut switchboard), 3, "all but the sender, who is shown no echo");
    open(&mut switchboard, 5);
    type_line(&mut switchboard, 5, "/topic of the day");
    assert_eq!(flushed(&mut switchboard), 5, "a new topic");
}

#[test]
fn announcements_to_few_sessions_do_not_wait() {
    let mut switchboard = three_users();
    for session in 1..=2 {
        type_line(&mut switchboard, session, "/join den");
    }
    switchboard.release_announcements();
    flushed(&mut switchboard);
    type_line(&mut switchboard, 2, "/leave");
    assert_eq!(flushed(&mut switchboard), 2);
    assert!(!switchboard.has_announcements());
}

#[test]
fn session_in_the_slot_of_one_that_waited_is_not_flushed_for_it() {
    let mut switchboard = three_users();
    open(&mut switchboard, 4);
    flushed(&mut switchboard);
    switchboard.receive(NOW, SessionId(1), Inbound::Close(CloseReason::Disconnected));
    open(&mut switchboard, 5);
    assert_eq!(flushed(&mut switchboard), 1, "the new user");
    switchboard.release_announcements();
    assert_eq!(flushed(&mut switchboard), 3, "the users that were there before it");
}
