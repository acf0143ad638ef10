//! Files of other versions of the format.

use chat_core::{
    Actor, ChannelName, Command, Config, Effect, Engine, Event, Input, List, ListEntry, Peer,
    Query, Record, SessionId, StampedRecord, Status, StatusSet, Timestamp, UserMask,
};
use chat_core::{ChannelId, Modes};
use chat_store::Opened;
use chat_store_sqlite::{Durability, SqliteOptions};
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn options() -> SqliteOptions {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options
}

fn open(path: &Path) -> Opened {
    options().open(path, START).expect("it opens")
}

fn tea() -> ChannelName {
    ChannelName::parse("tea").expect("a name")
}

/// Changes the version that is written in a file.
fn set_version(path: &Path, version: i32) {
    let connection = Connection::open(path).expect("it opens");
    connection.pragma_update(None, "user_version", version).expect("it is set");
}

fn version(path: &Path) -> i32 {
    let connection = Connection::open(path).expect("it opens");
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version")
}

/// Returns the bans of #tea as its first member reads them.
fn bans(path: &Path) -> Vec<String> {
    let mut engine = Engine::restore(Config::default(), open(path).state, START);
    let session = SessionId(1);
    engine.apply(START, Input::Open { session, peer: Peer::default() }).for_each(drop);
    let list = Query::List { channel: "tea".into(), list: List::Bans, offset: 0, limit: 9 };
    let commands = [Command::identify("ann"), Command::join("tea"), Command::Query(list)];
    let mut shown = Vec::new();
    for command in commands {
        for effect in engine.apply(START, Input::Command { session, request: None, command }) {
            if let Effect::Reply { event: Event::ListShown { entries, .. }, .. } = effect {
                shown = entries.iter().map(|entry| entry.subject.to_string()).collect();
            }
        }
    }
    shown
}

#[test]
fn bans_of_version_6_are_kept_beside_masks() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut operator = StatusSet::default();
    operator.insert(Status::Operator);
    let created = Record::ChannelCreated {
        channel: tea(),
        id: ChannelId(2),
        by: Actor::Server,
        owner: None,
        statuses: operator,
        modes: Modes::default(),
        kept: true,
    };
    let record = |record| StampedRecord { at: START, record };
    open(&path).store.commit(&[record(created)]).expect("it commits");
    // An entry as version 6 wrote it.
    let entry =
        r#"{"nickname":"mallory","account":"mal","user":7,"by":"Server","at":1,"reason":null}"#;
    let connection = Connection::open(&path).expect("it opens");
    let insert = "INSERT INTO list_entries (channel, list, entry) VALUES (2, '\"Bans\"', ?)";
    connection.execute(insert, (entry,)).expect("it is inserted");
    drop(connection);
    set_version(&path, 6);

    let mut opened = open(&path);
    let mask = UserMask::parse("*!*@c-7f").expect("a mask");
    let entry = ListEntry::of_mask(mask, Actor::Server, START);
    let listed = Record::Listed { channel: tea(), list: List::Bans, entry };
    opened.store.commit(&[record(listed)]).expect("it commits");
    drop(opened);
    assert_eq!(version(&path), 7);
    assert_eq!(bans(&path), ["mallory", "*!*@c-7f"]);
}

#[test]
fn file_of_a_newer_version_is_not_opened() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    drop(open(&path));
    set_version(&path, 8);
    let error = options().open(&path, START).expect_err("a newer version").to_string();
    assert!(error.contains("its format is version 8"), "{error}");
    assert_eq!(version(&path), 8);
}
