//! The identities of senders of whom no message is left.

use chat_core::{
    ChannelId, ChannelName, HistoryRange, Message, MessageId, Nickname, Record, StampedRecord,
    Target, Text, Timestamp, UserInfo,
};
use chat_store::Store;
use chat_store_sqlite::{Durability, Keep, SqliteOptions, check};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const MINUTE: Duration = Duration::from_secs(60);

fn open(path: &Path) -> Box<dyn Store> {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.keep = Keep::For(MINUTE * 1_000);
    options.open(path, START).expect("it opens").store
}

/// Returns the time of the message with this id: ten each minute.
fn time(id: u64) -> Timestamp {
    START + MINUTE * u32::try_from(id / 10).expect("a small number")
}

fn said(id: u64, sender: &str) -> StampedRecord {
    let at = time(id);
    let sender = Arc::new(UserInfo::guest(Nickname::parse(sender).expect("a name")));
    let target = Target::Channel(ChannelName::lobby());
    let message = Arc::new(Message::new(MessageId(id), at, sender, target, Text::clean("hi")));
    let record = Record::Said { message, recipient: None, nonce: None, away: None };
    StampedRecord { at, record }
}

/// Says something as these senders, in the order of the ids.
fn say(store: &mut dyn Store, ids: std::ops::RangeInclusive<u64>, sender: impl Fn(u64) -> String) {
    let records: Vec<_> = ids.map(|id| said(id, &sender(id))).collect();
    for records in records.chunks(500) {
        store.commit(records).expect("it commits");
    }
}

fn maintain(store: &mut dyn Store, now: Timestamp) -> usize {
    let mut steps = 0;
    while store.maintain(now).expect("it does its work") {
        steps += 1;
    }
    steps
}

/// Returns the number of rows, and the lowest and the highest id.
fn rows(path: &Path) -> (i64, i64, i64) {
    let connection = Connection::open(path).expect("it opens");
    let query = "SELECT count(*), min(id), max(id) FROM senders";
    connection
        .query_row(query, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("it reads")
}

fn names(store: &dyn Store, limit: usize) -> Vec<String> {
    let mut reader = store.reader().expect("it can be read");
    let lobby = ChannelName::lobby();
    let page = reader.history(ChannelId(1), &lobby, HistoryRange::Latest, limit).expect("it reads");
    page.messages.iter().map(|message| message.sender.name().to_owned()).collect()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("chat.db")
}

#[test]
fn unused_rows_are_deleted_an_hour_after_the_last_sweep_at_the_earliest() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder));
    maintain(&mut *store, START);
    // Every sender but the first says one thing.
    let sender = |id: u64| if id.is_multiple_of(10) { "n0".to_owned() } else { format!("n{id}") };
    say(&mut *store, 1..=20_000, sender);
    assert_eq!(rows(&file(&folder)), (18_001, 1, 18_001));
    // The messages below 10,000 are not kept any more.
    let steps = maintain(&mut *store, time(20_000));
    assert_eq!(rows(&file(&folder)), (9_001, 10, 18_001), "n0 has the id 10");
    assert!(steps > 50, "in small steps: {steps}");
    maintain(&mut *store, time(20_590));
    assert_eq!(rows(&file(&folder)).0, 9_001, "not within an hour");
    maintain(&mut *store, time(20_600));
    assert_eq!(rows(&file(&folder)).0, 8_461);
    assert_eq!(names(&*store, 3), ["n19998", "n19999", "n0"]);
    drop(store);
    assert_eq!(check(file(&folder)).expect("a store"), [""; 0]);
}

#[test]
fn nothing_is_swept_while_no_message_was_deleted() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder));
    maintain(&mut *store, START);
    say(&mut *store, 1..=100, |id| format!("n{id}"));
    maintain(&mut *store, time(100));
    assert_eq!(maintain(&mut *store, time(9_000)), 0);
    assert_eq!(rows(&file(&folder)).0, 100);
}

#[test]
fn sender_whose_row_was_deleted_says_something_again() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder));
    maintain(&mut *store, START);
    say(&mut *store, 1..=3, |id| format!("n{id}"));
    maintain(&mut *store, time(20_000));
    // The row with the highest id stays, so that no id is given twice.
    assert_eq!(rows(&file(&folder)), (1, 3, 3));
    let again = [said(20_001, "n1"), said(20_002, "n3"), said(20_003, "n4")];
    store.commit(&again).expect("it commits");
    assert_eq!(names(&*store, 9), ["n1", "n3", "n4"]);
    assert_eq!(rows(&file(&folder)), (3, 3, 5));
    maintain(&mut *store, time(40_000));
    assert_eq!(rows(&file(&folder)), (1, 5, 5));
}

/// Between the steps of a sweep, senders come back whose rows are about to be deleted.
#[test]
fn row_that_is_used_during_a_sweep_stays() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder));
    maintain(&mut *store, START);
    say(&mut *store, 1..=3_000, |id| format!("n{id}"));
    let (mut next, mut expected, mut steps) = (20_001, Vec::new(), 0);
    while store.maintain(time(20_000)).expect("it does its work") {
        steps += 1;
        // The step after a message makes the index of searches longer.
        if steps % 3 == 0 && next <= 20_100 {
            let name = format!("n{}", 3_000 - 20 * (next - 20_000));
            store.commit(&[said(next, &name)]).expect("it commits");
            expected.push(name);
            next += 1;
        }
    }
    assert!(steps > 20 && expected.len() > 6, "{steps} steps, {} messages", expected.len());
    assert_eq!(names(&*store, 1_000), expected);
    assert_eq!(rows(&file(&folder)).0, i64::try_from(expected.len()).expect("few") + 1);
    drop(store);
    assert_eq!(check(file(&folder)).expect("a store"), [""; 0]);
}
