//! Messages of channels that keep them for a time of their own.

use chat_core::{
    Actor, ChannelId, ChannelName, HistoryRange, Message, MessageId, Modes, Nickname, Nonce,
    Record, StampedRecord, StatusSet, Target, Text, Timestamp, UserInfo,
};
use chat_store::{Opened, Store};
use chat_store_sqlite::{Durability, Keep, SqliteOptions, check};
use std::path::{Path, PathBuf};
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

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("chat.db")
}

/// Returns the time of the message with this id.
fn time(id: u64) -> Timestamp {
    START + MINUTE * u32::try_from(id).expect("a small number")
}

/// The channel of this id.
fn channel(id: u64) -> ChannelName {
    ChannelName::parse(&format!("#c{id}")).expect("a name")
}

fn modes(keep: Option<Duration>) -> Modes {
    Modes { keep, ..Modes::default() }
}

fn created(id: u64, keep: Option<Duration>) -> StampedRecord {
    let record = Record::ChannelCreated {
        channel: channel(id),
        id: ChannelId(id),
        by: Actor::Server,
        owner: None,
        statuses: StatusSet::default(),
        modes: modes(keep),
        kept: true,
    };
    StampedRecord { at: START, record }
}

fn changed(id: u64, keep: Option<Duration>) -> StampedRecord {
    let record = Record::ModesChanged { channel: channel(id), modes: modes(keep) };
    StampedRecord { at: START, record }
}

fn said(id: u64, to: u64, nonce: Option<Nonce>) -> StampedRecord {
    let at = time(id);
    let mut sender = UserInfo::guest(Nickname::parse("alice").expect("a name"));
    sender.account = Some("al".into());
    let (target, text) = (Target::Channel(channel(to)), Text::clean("hi"));
    let message = Arc::new(Message::new(MessageId(id), at, Arc::new(sender), target, text));
    let record = Record::Said { message, recipient: None, nonce, away: None };
    StampedRecord { at, record }
}

fn maintain(store: &mut dyn Store, now: Timestamp) -> usize {
    let mut steps = 0;
    while store.maintain(now).expect("it does its work") {
        steps += 1;
    }
    steps
}

/// Returns the number of messages in a channel, and the oldest one.
fn found(store: &dyn Store, id: u64) -> (usize, u64) {
    let mut reader = store.reader().expect("it can be read");
    let page = reader
        .history(ChannelId(id), &channel(id), HistoryRange::Latest, usize::MAX)
        .expect("it reads");
    (page.messages.len(), page.messages.first().map_or(0, |message| message.id.0))
}

#[test]
fn only_messages_above_the_age_of_their_channel_are_deleted() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    let hours = |hours: u32| Some(MINUTE * 60 * hours);
    let setup = [created(2, None), created(3, hours(10)), created(4, None), changed(4, hours(20))];
    store.commit(&setup).expect("it commits");
    let records: Vec<_> = (1..=6_000).map(|id| said(id, 2 + id % 3, None)).collect();
    for records in records.chunks(500) {
        store.commit(records).expect("it commits");
    }
    let steps = maintain(&mut *store, time(6_000));
    assert!(steps >= 8, "in small steps: {steps}");
    assert_eq!(found(&*store, 2), (2_000, 3));
    assert_eq!(found(&*store, 3), (200, 5_401));
    assert_eq!(found(&*store, 4), (400, 4_802));
    drop(store);
    assert_eq!(check(file(&folder)).expect("a store"), [""; 0]);
}

#[test]
fn busy_server_deletes_them_too() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::For(MINUTE * 100)).store;
    store.commit(&[created(2, Some(MINUTE)), created(3, None)]).expect("it commits");
    let records: Vec<_> = (1..=20).map(|id| said(id, 2 + id % 2, None)).collect();
    store.commit(&records).expect("it commits");
    while store.prune(time(21)).expect("it does its work") {}
    assert_eq!((found(&*store, 2), found(&*store, 3)), ((1, 20), (10, 1)));
    while store.prune(time(111)).expect("it does its work") {}
    assert_eq!((found(&*store, 2), found(&*store, 3)), ((0, 0), (5, 11)));
}

#[test]
fn time_of_a_channel_outlasts_a_restart_until_it_is_removed() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    store
        .commit(&[created(2, Some(MINUTE)), said(1, 2, None), said(2, 2, None)])
        .expect("it commits");
    drop(store);
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    maintain(&mut *store, time(3));
    assert_eq!(found(&*store, 2), (1, 2));
    store.commit(&[changed(2, None)]).expect("it commits");
    maintain(&mut *store, time(99));
    assert_eq!(found(&*store, 2), (1, 2));
    drop(store);
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    maintain(&mut *store, time(99));
    assert_eq!(found(&*store, 2), (1, 2));
    assert_eq!(open_counters(store, &folder), MessageId(2));
}

#[test]
fn channel_created_again_has_no_time() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    let forgotten = Record::ChannelForgotten { channel: channel(2), id: ChannelId(2) };
    let forgotten = StampedRecord { at: START, record: forgotten };
    let records = [created(2, Some(MINUTE)), said(1, 2, None), forgotten, created(2, None)];
    let Record::ChannelCreated { channel: name, by, statuses, modes, kept, .. } =
        created(2, None).record
    else {
        panic!("it is created")
    };
    store.commit(&records[..3]).expect("it commits");
    let (id, owner) = (ChannelId(3), None);
    let again = Record::ChannelCreated { channel: name, id, by, owner, statuses, modes, kept };
    store
        .commit(&[StampedRecord { at: START, record: again }, said(2, 2, None)])
        .expect("it commits");
    maintain(&mut *store, time(99));
    let mut reader = store.reader().expect("it can be read");
    let page =
        reader.history(ChannelId(3), &channel(2), HistoryRange::Latest, 9).expect("it commits");
    assert_eq!(page.messages.len(), 1);
}

#[test]
fn message_stays_as_long_as_its_nonce_and_others_are_deleted() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    let nonce = Nonce::parse("n").ok();
    let records = [created(2, Some(MINUTE)), said(1, 2, nonce), said(2, 2, None), said(9, 2, None)];
    store.commit(&records).expect("it commits");
    maintain(&mut *store, time(9));
    assert_eq!(found(&*store, 2), (2, 1));
    maintain(&mut *store, time(11));
    assert_eq!(found(&*store, 2), (0, 0));
}

#[test]
fn many_channels_wait_their_turn() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    let setup: Vec<_> = (2..=251).map(|id| created(id, Some(MINUTE))).collect();
    store.commit(&setup).expect("it commits");
    // The last channel alone has messages.
    store.commit(&[said(1, 251, None)]).expect("it commits");
    let mut steps = 1..9;
    let last = steps.find(|_| {
        store.prune(time(9)).expect("it does its work");
        found(&*store, 251) == (0, 0)
    });
    assert_eq!(last, Some(3), "a step examines 100 channels");
}

#[test]
fn round_that_fails_changes_no_time() {
    let folder = TempDir::new().expect("a folder");
    let mut store = open(&file(&folder), Keep::Unlimited).store;
    store.commit(&[created(2, None), said(1, 2, None)]).expect("it commits");
    // A message has a row already.
    store.commit(&[changed(2, Some(MINUTE)), said(1, 2, None)]).expect_err("it fails");
    maintain(&mut *store, time(99));
    assert_eq!(found(&*store, 2), (1, 1));
}

/// Returns the id of the newest message, after the store was opened again.
fn open_counters(store: Box<dyn Store>, folder: &TempDir) -> MessageId {
    drop(store);
    open(&file(folder), Keep::Unlimited).state.counters().last_message
}
