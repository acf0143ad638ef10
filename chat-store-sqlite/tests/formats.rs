//! Files of other versions of the format.

mod older;

use chat_core::{
    Actor, ChannelId, ChannelName, Command, Config, Deletion, Effect, Engine, Event, HistoryRange,
    Input, List, ListEntry, Message, MessageId, Modes, Nickname, Peer, Pin, Query, Record,
    SessionId, StampedRecord, Status, StatusSet, Target, Text, Timestamp, UserInfo, UserMask,
};
use chat_store::Opened;
use chat_store_sqlite::{Durability, Selection, SqliteOptions, export};
use older::FORGET_VERSION_8;
use rusqlite::Connection;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
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

/// Removes what versions 8 and 9 have added.
fn forget_version_8(path: &Path) {
    let connection = Connection::open(path).expect("it opens");
    connection.execute_batch(FORGET_VERSION_8).expect("they are removed");
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
    forget_version_8(&path);
    set_version(&path, 6);

    let mut opened = open(&path);
    let mask = UserMask::parse("*!*@c-7f").expect("a mask");
    let entry = ListEntry::of_mask(mask, Actor::Server, START);
    let listed = Record::Listed { channel: tea(), list: List::Bans, entry };
    opened.store.commit(&[record(listed)]).expect("it commits");
    drop(opened);
    assert_eq!(version(&path), 9);
    assert_eq!(bans(&path), ["mallory", "*!*@c-7f"]);
}

#[test]
fn message_of_version_7_can_be_deleted() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let sender = Arc::new(UserInfo::guest(Nickname::parse("ann").expect("a nickname")));
    let (lobby, text) = (ChannelName::lobby(), Text::clean("secret"));
    let target = Target::Channel(lobby.clone());
    let message = Message::new(MessageId(1), START, sender.clone(), target, text);
    let said = Record::Said {
        message: Arc::new(message.clone()),
        recipient: None,
        nonce: None,
        away: None,
    };
    let record = |record| StampedRecord { at: START, record };
    open(&path).store.commit(&[record(said)]).expect("it commits");
    forget_version_8(&path);
    set_version(&path, 7);

    let read = |opened: &Opened| {
        let mut reader = opened.store.reader().expect("it can be read");
        let page = reader.history(ChannelId(1), &lobby, HistoryRange::Latest, 9).expect("it reads");
        page.messages
    };
    let mut exported = Vec::new();
    let mut write = |message: &Message| {
        exported.push(message.clone());
        Ok::<(), Infallible>(())
    };
    export(&path, &Selection::All, &mut write, &mut |_| ()).expect("it is exported");
    assert_eq!(exported, std::slice::from_ref(&message));
    let mut opened = open(&path);
    assert_eq!(version(&path), 9);
    assert_eq!(read(&opened), [Arc::new(message.clone())]);
    let deletion = Deletion { by: sender.into(), at: START, reason: None };
    let message = Arc::new(message.deleted(deletion));
    let changed = Record::MessageChanged { message: message.clone(), accounts: Vec::new() };
    opened.store.commit(&[record(changed)]).expect("it commits");
    drop(opened);
    assert_eq!(read(&open(&path)), [message]);
}

#[test]
fn message_of_version_8_can_be_pinned() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let sender = Arc::new(UserInfo::guest(Nickname::parse("ann").expect("a nickname")));
    let target = Target::Channel(ChannelName::lobby());
    let text = Text::clean("rules");
    let message = Arc::new(Message::new(MessageId(1), START, sender.clone(), target, text));
    let said = Record::Said { message: message.clone(), recipient: None, nonce: None, away: None };
    let record = |record| StampedRecord { at: START, record };
    open(&path).store.commit(&[record(said)]).expect("it commits");
    let connection = Connection::open(&path).expect("it opens");
    let forget = "DROP INDEX messages_pinned; ALTER TABLE messages DROP COLUMN pinned";
    connection.execute_batch(forget).expect("they are removed");
    drop(connection);
    set_version(&path, 8);

    let pins = |opened: Opened| {
        let mut engine = Engine::restore(Config::default(), opened.state, START);
        let session = SessionId(1);
        engine.apply(START, Input::Open { session, peer: Peer::default() }).for_each(drop);
        let query = Query::Pins { channel: "lobby".into() };
        let mut shown = Vec::new();
        for command in [Command::identify("ann"), Command::Query(query)] {
            for effect in engine.apply(START, Input::Command { session, request: None, command }) {
                if let Effect::Reply { event: Event::PinsShown { messages, .. }, .. } = effect {
                    shown.clone_from(messages);
                }
            }
        }
        shown
    };
    assert_eq!(pins(open(&path)), []);
    assert_eq!(version(&path), 9);
    let pin = Some(Pin { by: sender.into(), at: START });
    let pinned = Arc::new(message.with_pin(pin));
    for now in [&pinned, &message, &pinned] {
        let changed = Record::MessageChanged { message: now.clone(), accounts: Vec::new() };
        open(&path).store.commit(&[record(changed)]).expect("it commits");
        let expected = now.pin().map(|_| now.clone());
        assert_eq!(pins(open(&path)), expected.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn file_of_a_newer_version_is_not_opened() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    drop(open(&path));
    set_version(&path, 10);
    let error = options().open(&path, START).expect_err("a newer version").to_string();
    assert!(error.contains("its format is version 10"), "{error}");
    assert_eq!(version(&path), 10);
}
