//! Ids after a return to an older state: none is given twice, and clients see it by the epoch.

use chat_core::{
    ChannelName, Message, MessageId, Nickname, Record, StampedRecord, Target, Text, Timestamp,
    UserInfo,
};
use chat_store::{Opened, Store};
use chat_store_sqlite::{Durability, SqliteOptions, backup};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn open(path: &Path, now: Timestamp) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Power;
    options.open(path, now).expect("it opens")
}

fn say(store: &mut dyn Store, ids: std::ops::RangeInclusive<u64>) {
    let alice = Arc::new(UserInfo::guest(Nickname::parse("alice").expect("a name")));
    for id in ids {
        let (text, target) = (Text::clean("hello"), Target::Channel(ChannelName::lobby()));
        let message = Message::new(MessageId(id), START, alice.clone(), target, text);
        let message = Arc::new(message);
        let record = Record::Said { message, recipient: None, nonce: None, away: None };
        store.commit(&[StampedRecord { at: START, record }]).expect("it commits");
    }
}

/// The folder of a store, with a copy that was made when it had half of its messages.
struct Restored {
    folder: TempDir,
    epoch: Timestamp,
}

/// The last id that clients have seen.
const SEEN: u64 = 20;

impl Restored {
    /// Makes a copy with `copy` while the store is open or closed, and puts it in the place of the
    /// store after more messages.
    fn after(is_open: bool, copy: impl Fn(&Path, &Path)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (path, copied) = (folder.path().join("chat.db"), folder.path().join("copy.db"));
        let Opened { mut store, state, .. } = open(&path, START);
        let epoch = state.epoch();
        say(&mut *store, 1..=SEEN / 2);
        if !is_open {
            drop(store);
            copy(&path, &copied);
            store = open(&path, START).store;
        } else {
            copy(&path, &copied);
        }
        say(&mut *store, SEEN / 2 + 1..=SEEN);
        drop(store);
        fs::copy(&copied, &path).expect("it is restored");
        Self { folder, epoch }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("chat.db")
    }

    /// Checks that a new epoch begins, and that it lasts from then on.
    fn check(&self) {
        let opened = open(&self.path(), START + HOUR);
        let (epoch, last) = (opened.state.epoch(), opened.state.last_message().0);
        assert_ne!(epoch, self.epoch);
        assert!(last > SEEN + 3_600_000, "one for each millisecond: {last}");
        assert!(last < 1 << 53);
        let mut store = opened.store;
        say(&mut *store, last + 1..=last + 1);
        drop(store);
        let state = open(&self.path(), START + HOUR * 2).state;
        assert_eq!((state.epoch(), state.last_message().0), (epoch, last + 1));
    }
}

#[test]
fn backup_begins_a_new_epoch_when_it_is_opened() {
    let restored = Restored::after(true, |path, copy| {
        backup(path, copy, false, &mut |_| ()).expect("it is copied");
    });
    // As the guide says.
    fs::remove_file(restored.folder.path().join("chat.db-lock")).expect("a file");
    restored.check();
}

#[test]
fn backup_begins_a_new_epoch_beside_the_old_lock() {
    let restored = Restored::after(true, |path, copy| {
        backup(path, copy, false, &mut |_| ()).expect("it is copied");
    });
    restored.check();
}

#[test]
fn older_copy_of_the_file_begins_a_new_epoch() {
    let restored = Restored::after(false, |path, copy| {
        fs::copy(path, copy).expect("it is copied");
    });
    restored.check();
}

#[test]
fn epoch_goes_on_after_the_store_was_closed() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let Opened { mut store, state, .. } = open(&path, START);
    say(&mut *store, 1..=3);
    drop(store);
    let again = open(&path, START + HOUR).state;
    assert_eq!((again.epoch(), again.last_message().0), (state.epoch(), 3));
}

#[test]
fn copy_of_the_present_state_goes_on() {
    let folder = TempDir::new().expect("a folder");
    let (path, copy) = (folder.path().join("chat.db"), folder.path().join("copy.db"));
    let Opened { mut store, state, .. } = open(&path, START);
    say(&mut *store, 1..=3);
    drop(store);
    fs::copy(&path, &copy).expect("it is copied");
    fs::copy(&copy, &path).expect("it is copied back");
    let again = open(&path, START + HOUR).state;
    assert_eq!((again.epoch(), again.last_message().0), (state.epoch(), 3));
}
