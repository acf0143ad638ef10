//! The index for searches: made anew when it is old, damaged or missing.

mod older;

use chat_core::search::SearchRequest;
use chat_core::{
    ChannelId, ChannelName, Message, MessageId, Nickname, Record, StampedRecord, Target, Text,
    Timestamp, UserInfo,
};
use chat_store::{Opened, Store};
use chat_store_sqlite::SqliteOptions;
use older::FORGET_VERSION_8;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// Messages in the lobby: more than one step of the index.
const COUNT: u64 = 1_300;

struct File {
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("chat.db")
    }

    fn open(&self) -> Box<dyn Store> {
        let Opened { store, .. } =
            SqliteOptions::default().open(self.path(), START).expect("it opens");
        store
    }
}

/// Says `said N`, for each number, in the lobby.
fn say(store: &mut dyn Store, ids: impl Iterator<Item = u64>) {
    let sender = Arc::new(UserInfo::guest(Nickname::parse("alice").expect("a nickname")));
    let record = |id| {
        let target = Target::Channel(ChannelName::lobby());
        let text = Text::clean(&format!("said {id}"));
        let message = Arc::new(Message::new(MessageId(id), START, sender.clone(), target, text));
        let record = Record::Said { message, recipient: None, nonce: None, away: None };
        StampedRecord { at: START, record }
    };
    let records: Vec<_> = ids.map(record).collect();
    store.commit(&records).expect("it commits");
}

/// Returns the ids of all messages with a text.
fn find(store: &dyn Store, text: &str) -> Vec<u64> {
    let request = SearchRequest::new(Text::clean(text), 10_000);
    let request = request.with_channel(ChannelId(1), ChannelName::lobby());
    let mut reader = store.reader().expect("it can be read");
    let found = reader.search(&request).expect("it searches");
    assert_eq!(found.next, None, "it is one page");
    found.messages.iter().map(|message| message.id.0).collect()
}

fn maintain(store: &mut dyn Store) {
    while store.maintain(START).expect("it does its work") {}
}

fn all() -> Vec<u64> {
    (1..=COUNT).rev().collect()
}

fn assert_finds_everything(store: &dyn Store) {
    assert_eq!(find(store, "said"), all());
    assert_eq!(find(store, "said 7"), {
        let with_7 = all().into_iter().filter(|id| id.to_string().starts_with('7'));
        with_7.collect::<Vec<_>>()
    });
}

/// The number of messages in the index, with FTS5's own check that it is sound.
fn indexed(path: &Path) -> i64 {
    let connection = Connection::open(path).expect("it opens");
    let check = "INSERT INTO search (search, rank) VALUES ('integrity-check', 0)";
    connection.execute(check, ()).expect("the index is sound");
    let count = "SELECT count(*) FROM search_docsize";
    connection.query_row(count, (), |row| row.get(0)).expect("a number")
}

fn change(file: &File, sql: &str) {
    let connection = Connection::open(file.path()).expect("it opens");
    connection.execute_batch(sql).expect("it is changed");
}

#[test]
fn commits_index_messages_before_too_many_wait() {
    let file = File::new();
    let mut store = file.open();
    let count = 10_000;
    for first in (1..=count).step_by(10) {
        say(&mut *store, first..=first + 9);
    }
    let waiting = count.cast_signed() - indexed(&file.path());
    assert!((1..=8_192).contains(&waiting), "{waiting} messages are not indexed");
    for id in [1, 999, 1_000, 9_999] {
        assert!(find(&*store, &format!("said {id}")).contains(&id));
    }
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), count.cast_signed());
}

#[test]
fn busy_store_indexes_some_messages_when_it_prunes() {
    let file = File::new();
    let mut store = file.open();
    say(&mut *store, 1..=1_000);
    assert!(!store.prune(START).expect("it does its work"), "there is nothing to delete");
    assert_eq!(indexed(&file.path()), 0, "so few wait for a rest");
    say(&mut *store, 1_001..=COUNT);
    assert!(!store.prune(START).expect("it does its work"), "there is nothing to delete");
    assert_eq!(indexed(&file.path()), 1_024);
    assert_finds_everything(&*store);
}

#[test]
fn file_of_version_1_gets_an_index() {
    let file = File::new();
    say(&mut *file.open(), 1..=COUNT);
    change(&file, FORGET_VERSION_8);
    change(
        &file,
        "DROP TABLE search; DROP TABLE search_state; \
         ALTER TABLE counters DROP COLUMN epoch; \
         DROP TABLE registrations; DROP TABLE tokens; DROP TABLE memberships; \
         DROP TABLE private_marks; DROP TABLE audit_log; DROP TABLE reports; \
         PRAGMA user_version = 1",
    );
    let mut store = file.open();
    assert_finds_everything(&*store);
    let more = store.maintain(START).expect("it does its work");
    assert!(more, "the index is made in steps");
    say(&mut *store, COUNT + 1..=COUNT + 1);
    assert_eq!(find(&*store, "said 1301"), [1_301]);
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), COUNT.cast_signed() + 1);
    assert_eq!(find(&*store, "said").len(), all().len() + 1);
    let version = "SELECT user_version FROM pragma_user_version";
    let connection = Connection::open(file.path()).expect("it opens");
    let version: i64 = connection.query_row(version, (), |row| row.get(0)).expect("a number");
    assert_eq!(version, 9);
}

#[test]
fn index_of_other_tokens_is_made_anew() {
    let file = File::new();
    let mut store = file.open();
    say(&mut *store, 1..=COUNT);
    maintain(&mut *store);
    drop(store);
    change(&file, "UPDATE search_state SET version = 'old'; DELETE FROM search WHERE rowid < 500");
    let mut store = file.open();
    assert_finds_everything(&*store);
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), COUNT.cast_signed());
    assert_finds_everything(&*store);
}

#[test]
fn index_with_other_rows_than_it_should_have_is_made_anew() {
    for state in ["low = 100", "high = 1000"] {
        let file = File::new();
        let mut store = file.open();
        say(&mut *store, 1..=COUNT);
        maintain(&mut *store);
        drop(store);
        change(&file, &format!("UPDATE search_state SET {state}"));
        let mut store = file.open();
        assert_eq!(indexed(&file.path()), 0);
        assert_finds_everything(&*store);
        maintain(&mut *store);
        assert_eq!(indexed(&file.path()), COUNT.cast_signed());
        assert_finds_everything(&*store);
    }
}

#[test]
fn tokens_in_another_order_are_not_found() {
    let file = File::new();
    let mut store = file.open();
    say(&mut *store, 1..=COUNT);
    maintain(&mut *store);
    assert_eq!(find(&*store, "said-7"), [0_u64; 0]);
    assert_eq!(find(&*store, "7 said").len(), find(&*store, "said 7").len());
}

#[test]
fn damaged_index_is_made_anew() {
    let file = File::new();
    let mut store = file.open();
    say(&mut *store, 1..=COUNT);
    maintain(&mut *store);
    change(&file, "UPDATE search_data SET block = x'0badbadbadbadbad' WHERE id > 10");
    assert_finds_everything(&*store);
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), COUNT.cast_signed());
    assert_finds_everything(&*store);

    // The writer finds the damage.
    change(&file, "UPDATE search_data SET block = x'0bad' WHERE id <= 10");
    say(&mut *store, COUNT + 1..=COUNT + 1);
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), COUNT.cast_signed() + 1);
    assert_eq!(find(&*store, "said").len(), all().len() + 1);
}

#[test]
fn messages_that_are_removed_leave_the_index() {
    let file = File::new();
    let mut store = file.open();
    let rust = ChannelName::parse("rust").expect("a name");
    say(&mut *store, 1..=COUNT);
    maintain(&mut *store);
    // The channel of the messages becomes one that is then forgotten.
    let created = Record::ChannelCreated {
        channel: rust.clone(),
        id: ChannelId(2),
        by: chat_core::Actor::Server,
        owner: None,
        statuses: Default::default(),
        modes: Default::default(),
        kept: true,
    };
    let forgotten = Record::ChannelForgotten { channel: rust, id: ChannelId(2) };
    store.commit(&[StampedRecord { at: START, record: created }]).expect("it commits");
    change(&file, "UPDATE messages SET channel = 2 WHERE id <= 600");
    store.commit(&[StampedRecord { at: START, record: forgotten }]).expect("it commits");
    assert_eq!(find(&*store, "said").len(), all().len() - 600);
    maintain(&mut *store);
    assert_eq!(indexed(&file.path()), COUNT.cast_signed() - 600);
    assert_eq!(find(&*store, "said").len(), all().len() - 600);
}
