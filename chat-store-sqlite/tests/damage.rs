//! Files that are damaged, missing or of another kind: the store opens with everything that was
//! committed, or says in one line what the problem is. It never begins with an empty history.

#![cfg(unix)]

use chat_core::{
    Actor, ChannelId, ChannelName, HistoryRange, Message, MessageId, Modes, Nickname, Record,
    StampedRecord, StatusSet, Target, Text, Timestamp, UserInfo,
};
use chat_store::{Opened, Store, StoreError};
use chat_store_sqlite::{Durability, SqliteOptions};
use rusqlite::Connection;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// The messages of a store, each committed by itself.
const MESSAGES: u64 = 20;
/// The bytes of the log before its first frame.
const LOG_HEADER: u64 = 32;
/// The bytes of a frame: a header and a page.
const FRAME: u64 = 24 + 4_096;

fn rust() -> ChannelName {
    ChannelName::parse("rust").expect("a name")
}

fn stamped(record: Record) -> [StampedRecord; 1] {
    [StampedRecord { at: START, record }]
}

fn created() -> Record {
    Record::ChannelCreated {
        channel: rust(),
        id: ChannelId(2),
        by: Actor::Server,
        owner: Some("al".into()),
        statuses: StatusSet::default(),
        modes: Modes::default(),
        kept: true,
    }
}

fn said(id: u64) -> Record {
    let alice = UserInfo::guest(Nickname::parse("alice").expect("a nickname"));
    let text = Text::clean(&format!("message {id} {}", "x".repeat(900)));
    let target = Target::Channel(rust());
    let message = Message::new(MessageId(id), START, Arc::new(alice), target, text);
    Record::Said { message: Arc::new(message), recipient: None, nonce: None, away: None }
}

/// The files of a store, as they are after the process was killed, or after it has ended.
struct Files {
    folder: TempDir,
}

impl Files {
    fn killed(durability: Durability) -> Self {
        let (folder, copy) = (folder(), folder());
        let mut store = open(&folder.path().join("chat.db"), durability).expect("it opens").store;
        fill(&mut *store);
        for file in ["chat.db", "chat.db-wal", "chat.db-lock"] {
            fs::copy(folder.path().join(file), copy.path().join(file)).expect("a file");
        }
        Self { folder: copy }
    }

    fn closed() -> Self {
        let files = Self { folder: folder() };
        let mut store = open(&files.path("chat.db"), Durability::Power).expect("it opens").store;
        fill(&mut *store);
        drop(store);
        assert!(!files.path("chat.db-wal").exists(), "everything is in the database");
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn len(&self, name: &str) -> u64 {
        fs::metadata(self.path(name)).expect("a file").len()
    }

    /// Returns the end of the last frame in the log. Zeros may follow, in which later commits will
    /// be written.
    fn log_end(&self) -> u64 {
        let log = fs::read(self.path("chat.db-wal")).expect("a log");
        let bytes = log.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
        LOG_HEADER + (bytes - LOG_HEADER).next_multiple_of(FRAME)
    }

    fn cut(&self, name: &str, length: u64) {
        let file = OpenOptions::new().write(true).open(self.path(name)).expect("a file");
        file.set_len(length).expect("it is shorter");
    }

    fn flip(&self, name: &str, at: u64) {
        let path = self.path(name);
        let file = OpenOptions::new().read(true).write(true).open(path).expect("a file");
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).expect("a byte");
        file.write_all_at(&[!byte[0]], at).expect("it is written");
    }

    fn erase(&self, name: &str, at: u64, length: u64) {
        let file = OpenOptions::new().write(true).open(self.path(name)).expect("a file");
        file.write_all_at(&vec![0; length as usize], at).expect("it is written");
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("a file");
    }

    fn execute(&self, sql: &str) {
        let connection = Connection::open(self.path("chat.db")).expect("it opens");
        connection.execute_batch(sql).expect("it is changed");
    }

    fn open(&self) -> Result<Opened, StoreError> {
        open(&self.path("chat.db"), Durability::Power)
    }

    /// Returns the number of messages that a reader finds.
    fn messages(&self) -> usize {
        let store = self.open().expect("it opens").store;
        let mut reader = store.reader().expect("it can be read");
        let page = reader.history(ChannelId(2), &rust(), HistoryRange::Latest, 1_000);
        let messages = page.expect("a page").messages;
        for (message, id) in messages.iter().zip(1..) {
            assert_eq!(message.id, MessageId(id));
            assert!(message.text.as_str().starts_with(&format!("message {id} ")));
        }
        messages.len()
    }

    /// Returns the one line with which the store is refused, without the path.
    fn refusal(&self) -> String {
        let before = self.contents();
        let Err(error) = self.open() else { panic!("the store opens") };
        assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
        assert!(self.contents() == before, "the files are left alone: {error}");
        let line = error.to_string();
        assert_eq!(line.lines().count(), 1, "{line}");
        line.replace(&self.folder.path().display().to_string(), "").replace('/', "")
    }

    /// Returns the contents of database and log. SQLite may create an empty log.
    fn contents(&self) -> [Vec<u8>; 2] {
        ["chat.db", "chat.db-wal"].map(|name| fs::read(self.path(name)).unwrap_or_default())
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn open(path: &Path, durability: Durability) -> Result<Opened, StoreError> {
    let mut options = SqliteOptions::default();
    options.durability = durability;
    options.open(path, START)
}

fn fill(store: &mut dyn Store) {
    store.commit(&stamped(created())).expect("it commits");
    for id in 1..=MESSAGES {
        store.commit(&stamped(said(id))).expect("it commits");
    }
}

#[test]
fn sound_files_have_everything() {
    for files in
        [Files::closed(), Files::killed(Durability::Power), Files::killed(Durability::Process)]
    {
        assert_eq!(files.messages(), 20);
        assert_eq!(files.messages(), 20, "opening changes nothing");
    }
}

#[test]
fn log_is_missed() {
    for durability in [Durability::Power, Durability::Process] {
        let removed = Files::killed(durability);
        removed.remove("chat.db-wal");
        let emptied = Files::killed(durability);
        emptied.cut("chat.db-wal", 0);
        for files in [removed, emptied] {
            assert_eq!(
                files.refusal(),
                "cannot open the store chat.db: the file chat.db-wal is missing or empty, which \
                 has the newest messages: put it back, or restore a backup; to continue without \
                 them, delete chat.db-lock"
            );
        }
    }
    // The user may decide so.
    let files = Files::closed();
    let store = files.open().expect("it opens").store;
    drop(store);
    assert_eq!(files.messages(), 20, "a store that was closed needs no log");
}

#[test]
fn damage_before_the_last_commit_of_the_log_is_noticed() {
    let length = Files::killed(Durability::Power).log_end();
    let commits = [0, 20, 40, length / 4, length / 2, length * 3 / 4];
    for at in commits {
        let files = Files::killed(Durability::Power);
        files.flip("chat.db-wal", at);
        assert_eq!(
            files.refusal(),
            "cannot open the store chat.db: the file chat.db-wal is damaged, and the messages \
             behind the damage would be lost: restore a backup; to continue without them, delete \
             chat.db-lock",
            "byte {at}"
        );
        files.remove("chat.db-lock");
        // Everything before the damage is there.
        files.open().expect("the user has decided so");
    }
}

#[test]
fn erasing_an_account_after_a_crash_needs_the_log_and_ends_that() {
    for durability in [Durability::Power, Durability::Process] {
        let files = Files::killed(durability);
        chat_store_sqlite::erase(files.path("chat.db"), &"al".into(), &mut |_| {})
            .expect("it is erased");
        assert_eq!(files.messages(), 20);
        let files = Files::killed(durability);
        files.remove("chat.db-wal");
        chat_store_sqlite::erase(files.path("chat.db"), &"al".into(), &mut |_| {})
            .expect_err("the newest messages are missing");
    }
}

/// Such a log is what a loss of power in the middle of a commit leaves behind.
#[test]
fn last_commit_that_is_not_whole_is_left_out() {
    let cut = Files::killed(Durability::Power);
    cut.cut("chat.db-wal", cut.log_end() - 1_000);
    assert_eq!(cut.messages(), 19);
    let flipped = Files::killed(Durability::Power);
    flipped.flip("chat.db-wal", flipped.log_end() - 1_000);
    assert_eq!(flipped.messages(), 19);
    let gap = Files::killed(Durability::Power);
    gap.erase("chat.db-wal", gap.log_end() - FRAME, FRAME);
    assert_eq!(gap.messages(), 19, "only the earlier frames of the commit were written");
}

/// A sync is cheap only if it need not note a new length or new blocks of the file.
#[test]
fn log_that_each_commit_syncs_keeps_its_length() {
    let folder = folder();
    let path = folder.path().join("chat.db");
    let mut store = open(&path, Durability::Power).expect("it opens").store;
    let log = || fs::metadata(folder.path().join("chat.db-wal")).expect("a log").len();
    let length = log();
    assert!(length > 4 << 20, "{length} bytes");
    store.commit(&stamped(created())).expect("it commits");
    for id in 1..=1_000 {
        store.commit(&stamped(said(id))).expect("it commits");
        assert_eq!(log(), length, "message {id}");
    }
    drop(store);
    let files = Files { folder };
    let state = files.open().expect("it opens").state;
    assert_eq!(state.last_message(), MessageId(1_000));
}

/// The log of a store that nothing was committed to has zeros only.
#[test]
fn store_that_was_killed_before_its_first_commit_opens() {
    for length in [0, 4_000, LOG_HEADER + FRAME, 1 << 20] {
        let files = Files::closed();
        fs::write(files.path("chat.db-wal"), vec![0; length as usize]).expect("a log");
        assert_eq!(files.messages(), 20);
    }
}

/// Zeros are no log for what the lock says is in it.
#[test]
fn log_of_zeros_is_missed() {
    let files = Files::killed(Durability::Power);
    files.erase("chat.db-wal", 0, files.log_end());
    assert!(files.refusal().contains("the file chat.db-wal is missing or empty"));
}

/// Without a sync of each commit, a loss of power may write the log in any order.
#[test]
fn log_of_unsynced_commits_is_read_up_to_its_first_gap() {
    let files = Files::killed(Durability::Process);
    files.flip("chat.db-wal", files.len("chat.db-wal") / 2);
    let messages = files.messages();
    assert!((1..20).contains(&messages), "{messages} messages are left");
}

/// A loss of power may lose commits without a sync that clients have seen.
#[test]
fn ids_that_may_be_lost_are_not_given_again() {
    let state = |files: &Files| files.open().expect("it opens").state;
    let last_id = |files: &Files| state(files).last_message().0;
    let killed = Files::killed(Durability::Process);
    killed.cut("chat.db-wal", killed.len("chat.db-wal") / 2);
    let restored = state(&killed);
    assert!(restored.last_message().0 > 1_000_000, "nobody can have seen so many messages");
    assert_ne!(restored.epoch(), START, "clients see that ids are lost");
    for files in [Files::closed(), Files::killed(Durability::Power)] {
        assert_eq!(last_id(&files), MESSAGES, "nothing can be lost");
    }
}

#[test]
fn database_is_missed() {
    for files in [Files::closed(), Files::killed(Durability::Power)] {
        files.remove("chat.db");
        let expected = "cannot open the store chat.db: the file is missing or empty, and there was \
                        a store: put it back, or restore a backup; to begin without history, \
                        delete chat.db-lock and chat.db-wal";
        assert_eq!(files.refusal(), expected);
        fs::write(files.path("chat.db"), "").expect("a file");
        assert_eq!(files.refusal(), expected);
    }
}

#[test]
fn database_that_is_cut_off_is_noticed() {
    for share in [1, 5, 9] {
        let files = Files::closed();
        files.cut("chat.db", files.len("chat.db") / 4_096 * share / 10 * 4_096 + 100);
        let refusal = files.refusal();
        assert!(
            refusal.starts_with("cannot open the store chat.db: it is cut off: restore a backup")
                || refusal.contains("or it is damaged"),
            "{refusal}"
        );
    }
}

#[test]
fn files_of_another_kind_are_refused() {
    let refused = |files: &Files, expected: &str| {
        let refusal = files.refusal();
        assert!(refusal.starts_with("cannot open the store chat.db: "), "{refusal}");
        assert!(refusal.contains(expected), "{refusal}");
    };
    let files = Files::closed();
    files.flip("chat.db", 3);
    refused(&files, "it is not a file of this store, or it is damaged");
    let files = Files::closed();
    files.execute("PRAGMA user_version = 99");
    refused(&files, "its format is version 99, and this program knows versions up to");
    let files = Files::closed();
    files.execute("PRAGMA application_id = 1");
    refused(&files, "it is a database of another program: choose another file");
    let files = Files::closed();
    files.execute("UPDATE channels SET modes = 'no JSON'");
    refused(&files, "it is damaged: restore a backup");
    let files = Files::closed();
    files.execute("DROP TABLE statuses");
    refused(&files, "it is damaged: restore a backup");

    // Nobody may write there, not even root.
    let refusal = open(Path::new("/proc/self/chat.db"), Durability::Power);
    let refusal = refusal.expect_err("nobody may write there").to_string();
    assert!(refusal.contains("the server must be allowed to write to it"), "{refusal}");
}

/// SQLite has no checksums in its database, so that not every change is noticed. None may end the
/// process, or be told in more than one line.
#[test]
fn flipped_bytes_of_the_database_do_not_panic() {
    let sound = fs::read(Files::closed().path("chat.db")).expect("a file");
    let files = Files { folder: folder() };
    let (mut refused, mut failed) = (0, 0);
    for at in (0..sound.len()).step_by(509) {
        let mut bytes = sound.clone();
        bytes[at] = !bytes[at];
        fs::write(files.path("chat.db"), bytes).expect("a file");
        match files.open() {
            Err(error) => {
                refused += 1;
                assert_eq!(error.to_string().lines().count(), 1, "byte {at}: {error}");
            }
            Ok(opened) => {
                let mut reader = opened.store.reader().expect("it can be read");
                let page = reader.history(ChannelId(2), &rust(), HistoryRange::Latest, 1_000);
                failed += usize::from(page.is_err());
            }
        }
        for other in ["chat.db-wal", "chat.db-shm", "chat.db-lock"] {
            let _ = fs::remove_file(files.path(other));
        }
    }
    assert!(refused > 5, "{refused} refused, {failed} failed");
}
