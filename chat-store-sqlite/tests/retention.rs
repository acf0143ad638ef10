//! Messages that are no longer kept, and the size of the file.

use chat_core::{
    ChannelId, ChannelName, HistoryRange, Message, MessageId, Nickname, Nonce, Record,
    StampedRecord, Target, Text, Timestamp, UserInfo,
};
use chat_store::{Opened, Store};
use chat_store_sqlite::{Durability, Keep, SqliteOptions, check};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const MINUTE: Duration = Duration::from_secs(60);

fn open(path: &Path, keep: Keep) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.keep = keep;
    options.open(path, START).expect("it opens")
}

/// Returns the time of the message with this id.
fn time(id: u64) -> Timestamp {
    START + MINUTE * u32::try_from(id).expect("a small number")
}

/// A message, of every tenth user a private one.
fn said(id: u64, nonce: Option<Nonce>) -> StampedRecord {
    let at = time(id);
    let mut sender = UserInfo::guest(Nickname::parse("alice").expect("a name"));
    sender.account = Some("al".into());
    let (target, recipient) = match id % 10 {
        0 => (Target::User(Nickname::parse("bob").expect("a name")), Some("bo".into())),
        _ => (Target::Channel(ChannelName::lobby()), None),
    };
    let text = Text::clean(&format!("message {id} {}", "x".repeat(60)));
    let message = Arc::new(Message::new(MessageId(id), at, Arc::new(sender), target, text));
    StampedRecord { at, record: Record::Said { message, recipient, nonce, away: None } }
}

fn say(store: &mut dyn Store, ids: std::ops::RangeInclusive<u64>) {
    let records: Vec<StampedRecord> = ids.map(|id| said(id, None)).collect();
    for records in records.chunks(500) {
        store.commit(records).expect("it commits");
    }
}

fn ids(store: &dyn Store) -> (usize, u64, u64) {
    let mut reader = store.reader().expect("it can be read");
    let page = reader
        .history(ChannelId(1), &ChannelName::lobby(), HistoryRange::Latest, usize::MAX)
        .expect("it reads");
    let [first, last] = [page.messages.first(), page.messages.last()];
    let [first, last] = [first, last].map(|message| message.map_or(0, |message| message.id.0));
    (page.messages.len(), first, last)
}

/// Returns the size of the file, and of a copy without any free space.
fn sizes(path: &Path) -> [f64; 2] {
    let copy = path.with_extension("copy");
    let _ = fs::remove_file(&copy);
    let connection = Connection::open(path).expect("it opens");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).expect("a checkpoint");
    let file = copy.to_str().expect("UTF-8");
    connection.execute("VACUUM INTO ?", (file,)).expect("a copy");
    [path, &copy].map(|path| fs::metadata(path).expect("a file").len() as f64)
}

#[test]
fn messages_above_an_age_are_deleted_and_their_space_is_returned() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut store = open(&path, Keep::For(MINUTE * 4_000)).store;
    say(&mut *store, 1..=20_000);
    let [before, _] = sizes(&path);
    let mut steps = 0;
    while store.maintain(time(20_000)).expect("it does its work") {
        steps += 1;
    }
    assert!(steps >= 32, "in small steps: {steps}");
    assert_eq!(ids(&*store), (3_600, 16_001, 19_999));
    let [after, live] = sizes(&path);
    assert!(after < before / 3.0, "{before} bytes became {after}");
    assert!(after <= live * 1.3, "{after} bytes for {live} of live data");
    drop(store);
    assert_eq!(check(&path).expect("a store"), [""; 0]);
}

#[test]
fn ids_go_on_after_all_messages_were_deleted() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut store = open(&path, Keep::For(MINUTE)).store;
    say(&mut *store, 1..=10);
    // Nothing has to happen meanwhile.
    while store.maintain(time(60)).expect("it does its work") {}
    assert_eq!(ids(&*store), (0, 0, 0));
    drop(store);
    let state = open(&path, Keep::Unlimited).state;
    assert_eq!(state.counters().last_message, MessageId(10));
}

#[test]
fn oldest_messages_are_deleted_above_a_size() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let limit = 1_000_000;
    let mut store = open(&path, Keep::UpTo(limit)).store;
    say(&mut *store, 1..=20_000);
    while store.prune(time(20_000)).expect("it does its work") {}
    let [size, live] = sizes(&path);
    let limit = limit as f64;
    assert!(size <= limit * 1.3 && size <= live * 1.3, "{size} bytes, {live} of live data");
    assert!(live >= limit * 0.7, "not much more than necessary is deleted: {live}");
    assert_eq!(ids(&*store).2, 19_999, "the newest stay");
    drop(store);
    assert_eq!(check(&path).expect("a store"), [""; 0]);
}

#[test]
fn message_stays_as_long_as_its_nonce() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut store = open(&path, Keep::For(MINUTE)).store;
    let nonce = Nonce::parse("n").ok();
    store.commit(&[said(1, nonce), said(2, None), said(9, None)]).expect("it commits");
    // A clock that was set back does not count.
    while store.maintain(START).expect("it does its work") {}
    assert_eq!(ids(&*store), (2, 1, 9));
    while store.maintain(time(10)).expect("it does its work") {}
    assert_eq!(ids(&*store), (2, 1, 9));
    while store.maintain(time(11)).expect("it does its work") {}
    assert_eq!(ids(&*store), (0, 0, 0));
}
