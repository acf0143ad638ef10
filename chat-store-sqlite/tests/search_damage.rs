//! Damaged pages of the index for searches: the store opens, answers, and makes the index anew.

use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, ChannelId, ChannelName, Message, MessageId, Nickname, Record, StampedRecord,
    Target, Text, Timestamp, UserInfo,
};
use chat_store::Store;
use chat_store_sqlite::{Durability, SqliteOptions, backup, check, erase};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// Enough messages for an index of several levels.
const COUNT: u64 = 1_500;

fn open(path: &Path) -> Box<dyn Store> {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.open(path, START).expect("it opens").store
}

fn say(store: &mut dyn Store, ids: impl Iterator<Item = u64>) {
    let mut sender = UserInfo::guest(Nickname::parse("alice").expect("a nickname"));
    sender.account = Some(AccountName::from("alice"));
    let sender = Arc::new(sender);
    let record = |id| {
        let target = Target::Channel(ChannelName::lobby());
        let text = Text::clean(&format!("said {id} w{} x{}", id * 7_919, id * 104_729));
        let message = Arc::new(Message::new(MessageId(id), START, sender.clone(), target, text));
        let record = Record::Said { message, recipient: None, nonce: None, away: None };
        StampedRecord { at: START, record }
    };
    let records: Vec<_> = ids.map(record).collect();
    store.commit(&records).expect("it commits");
}

fn found(store: &dyn Store) -> u64 {
    let request = SearchRequest::new(Text::clean("said w"), 10_000);
    let request = request.with_channel(ChannelId(1), ChannelName::lobby());
    let mut reader = store.reader().expect("it can be read");
    reader.search(&request).expect("it searches").messages.len() as u64
}

fn maintain(store: &mut dyn Store) {
    for _ in 0..1_000 {
        if !store.maintain(START).expect("it does its work") {
            return;
        }
    }
    panic!("the work has no end");
}

/// A stopped store with a whole index, and the pages of that.
fn filled(folder: &TempDir) -> (PathBuf, Vec<usize>) {
    let path = folder.path().join("chat.db");
    let mut store = open(&path);
    say(&mut *store, 1..=COUNT);
    maintain(&mut *store);
    drop(store);
    let connection = Connection::open(&path).expect("it opens");
    let pages = "SELECT pageno FROM dbstat WHERE name GLOB 'search_*' ORDER BY pageno";
    let mut statement = connection.prepare(pages).expect("it is valid");
    let pages = statement.query_map((), |row| row.get::<_, i64>(0)).expect("pages");
    let pages = pages.map(|page| usize::try_from(page.expect("a page")).expect("a page")).collect();
    (path, pages)
}

/// Changes bytes in each root of the index, and in some of its other pages, and calls a function
/// with each of these files.
fn with_each_damage(mut then: impl FnMut(&Path, &str)) {
    let folder = TempDir::new().expect("a folder");
    let (path, pages) = filled(&folder);
    assert!(pages.len() > 10, "{pages:?}");
    let sound = fs::read(&path).expect("a file");
    let size = usize::from(u16::from_be_bytes([sound[16], sound[17]]));
    let some = pages.iter().take(8).chain(pages.iter().skip(8).step_by(4));
    for page in some {
        for (at, length) in
            [(0, size), (0, 1), (5, 2), (10, 2), (size - 700, 600), (size - 100, 100)]
        {
            let mut bytes = sound.clone();
            let start = (page - 1) * size + at;
            bytes[start..start + length].iter_mut().for_each(|byte| *byte = !*byte);
            for entry in fs::read_dir(folder.path()).expect("a folder") {
                fs::remove_file(entry.expect("an entry").path()).expect("it is removed");
            }
            fs::write(&path, &bytes).expect("a file");
            then(&path, &format!("page {page}, {length} bytes at {at}"));
        }
    }
}

/// Checks a store that has no problem, except for damage of the index. Returns true if it has that.
fn is_damaged(path: &Path, case: &str) -> bool {
    let problems = check(path).expect("it is a store");
    let of_index = "the index for searches is damaged: no message is lost, and the server makes a \
                    new index after its next start";
    assert!(problems.is_empty() || problems == [of_index], "{case}: {problems:?}");
    !problems.is_empty()
}

#[test]
fn damaged_page_of_the_index_never_makes_the_store_unusable() {
    with_each_damage(|path, case| {
        let mut store = open(path);
        // Some damage is words that are not found.
        found(&*store);
        maintain(&mut *store);
        say(&mut *store, COUNT + 1..=COUNT + 10);
        maintain(&mut *store);
        found(&*store);
        drop(store);
        // The next start returns the pages of an index that was replaced.
        drop(open(path));
        is_damaged(path, case);
    });
}

#[test]
fn damage_that_a_check_finds_is_repaired_at_the_next_start() {
    let mut damaged = 0;
    with_each_damage(|path, case| {
        damaged += usize::from(is_damaged(path, case));
        let mut store = open(path);
        assert_eq!(found(&*store), COUNT, "{case}");
        maintain(&mut *store);
        assert_eq!(found(&*store), COUNT, "{case}");
        drop(store);
        assert_eq!(check(path).expect("it is a store"), [""; 0], "{case}");
    });
    assert!(damaged > 50, "{damaged}");
}

#[test]
fn damaged_index_of_other_tokens_is_replaced() {
    with_each_damage(|path, case| {
        let connection = Connection::open(path).expect("it opens");
        // The state itself may be damaged.
        let _ = connection.execute("UPDATE search_state SET version = 'old'", ());
        drop(connection);
        let mut store = open(path);
        maintain(&mut *store);
        drop(store);
        is_damaged(path, case);
    });
}

#[test]
fn damaged_index_does_not_prevent_a_backup_or_an_erasure() {
    with_each_damage(|path, case| {
        let copy = path.with_file_name("copy.db");
        is_damaged(path, case);
        backup(path, &copy, false, &mut |_| ()).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(found(&*open(&copy)), COUNT, "{case}");
        fs::remove_file(&copy).expect("it is removed");
        erase(path, &"alice".into(), &mut |_| ()).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(check(path).expect("it is a store"), [""; 0], "{case}");
        let file = fs::read(path).expect("a file");
        for word in ["w7919", "alice"] {
            let mut windows = file.windows(word.len());
            assert!(!windows.any(|window| window == word.as_bytes()), "{case}: {word}");
        }
    });
}
