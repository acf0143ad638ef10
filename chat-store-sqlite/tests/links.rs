//! Stores behind symbolic links.

#![cfg(unix)]

use chat_core::{
    AccountName, ChannelName, Message, MessageId, Nickname, Record, StampedRecord, Target, Text,
    Timestamp, UserInfo,
};
use chat_store::{Opened, Store, StoreError};
use chat_store_sqlite::{Selection, SqliteOptions, backup, check, erase, export};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn open(path: &Path) -> Result<Opened, StoreError> {
    SqliteOptions::default().open(path, START)
}

fn say(store: &mut dyn Store, id: u64) {
    let mut sender = UserInfo::guest(Nickname::parse("alice").expect("a name"));
    sender.account = Some("al".into());
    let target = Target::Channel(ChannelName::lobby());
    let text = Text::clean("hi");
    let message = Message::new(MessageId(id), START, Arc::new(sender), target, text);
    let message = Arc::new(message);
    let record = Record::Said { message, recipient: None, nonce: None, away: None };
    store.commit(&[StampedRecord { at: START, record }]).expect("it commits");
}

/// A folder with a file in a folder in it, a link to that, and a link to the link.
struct Linked {
    folder: TempDir,
    file: PathBuf,
    links: [PathBuf; 2],
}

impl Linked {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).expect("a folder");
        let links = ["chat.db", "other.db"].map(|name| folder.path().join(name));
        symlink("disk/real.db", &links[0]).expect("a link");
        symlink(&links[0], &links[1]).expect("a link");
        Self { file: disk.join("real.db"), folder, links }
    }

    /// Returns the names in a folder, without those of files that come and go.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(folder)).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

#[test]
fn links_to_a_store_open_the_same_store() {
    let linked = Linked::new();
    let paths = [&linked.links[0], &linked.file, &linked.links[1]];
    for (path, id) in paths.into_iter().zip(1..) {
        let Opened { mut store, state } = open(path).expect("it opens");
        assert_eq!(state.counters().last_message, MessageId(id - 1));
        say(&mut *store, id);
        for other in paths {
            let refused = open(other).expect_err("it is in use").to_string();
            assert!(refused.starts_with("another process uses the store "), "{refused}");
        }
    }
    assert_eq!(linked.names("."), ["chat.db", "disk", "other.db"]);
    assert_eq!(linked.names("disk"), ["real.db", "real.db-lock"]);
}

/// The server was killed, so that the log is needed.
#[test]
fn missing_log_of_a_store_behind_a_link_is_noticed() {
    let linked = Linked::new();
    let Opened { mut store, .. } = open(&linked.links[0]).expect("it opens");
    say(&mut *store, 1);
    let saved = TempDir::new().expect("a folder");
    for name in linked.names("disk") {
        fs::copy(linked.folder.path().join("disk").join(&name), saved.path().join(&name))
            .expect("a copy");
    }
    drop(store);
    for name in ["real.db", "real.db-lock", "real.db-wal"] {
        fs::copy(saved.path().join(name), linked.folder.path().join("disk").join(name))
            .expect("a copy");
    }
    let state = open(&linked.links[1]).expect("it opens").state;
    assert_eq!(state.counters().last_message, MessageId(1));
    for name in ["real.db", "real.db-lock"] {
        fs::copy(saved.path().join(name), linked.folder.path().join("disk").join(name))
            .expect("a copy");
    }
    let refused = open(&linked.links[0]).expect_err("its log is missing").to_string();
    assert!(refused.contains("real.db-wal is missing or empty"), "{refused}");
}

#[test]
fn tools_find_a_store_behind_a_link() {
    let linked = Linked::new();
    let mut store = open(&linked.links[0]).expect("it opens").store;
    say(&mut *store, 1);
    let link = &linked.links[1];
    let account = AccountName::from("al");
    let refused = erase(link, &account, &mut |_| ()).expect_err("it is in use").to_string();
    assert!(refused.starts_with("another process uses the store "), "{refused}");
    for target in [linked.file.clone(), linked.links[0].with_extension("db-wal")] {
        let refused = backup(link, &target, true, &mut |_| ()).expect_err("it is the store");
        assert!(refused.to_string().contains("belongs to a store"), "{refused}");
    }
    backup(link, linked.folder.path().join("copy.db"), false, &mut |_| ()).expect("it is copied");
    assert_eq!(check(link).expect("a store"), [""; 0]);
    drop(store);
    let mut count = 0;
    let mut write = |_: &Message| {
        count += 1;
        Ok::<(), ()>(())
    };
    export(link, &Selection::All, &mut write, &mut |_| ()).expect("it is exported");
    assert_eq!(count, 1);
    assert_eq!(erase(link, &account, &mut |_| ()).expect("it is erased"), 1);
    assert_eq!(linked.names("."), ["chat.db", "copy.db", "disk", "other.db"]);
}
