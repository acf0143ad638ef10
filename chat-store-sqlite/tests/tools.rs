//! Backups, exports, checks and erasure, beside a store that is in use or not.

use chat_core::{
    AccountName, Actor, AppData, ChannelId, ChannelName, Message, MessageId, Modes, Nickname,
    Nonce, Record, Secret, StampedRecord, Status, StatusSet, Target, Text, Timestamp, TokenDigest,
    UserInfo,
};
use chat_store::Opened;
use chat_store_sqlite::{
    Durability, Selection, SqliteOptions, backup, check, erase, export, list_accounts,
};
use rusqlite::Connection;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn open(path: &Path) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.open(path, START).expect("it opens")
}

fn said(id: u64, account: &str, target: Target, recipient: Option<&str>, text: &str) -> Record {
    let mut sender = UserInfo::guest(Nickname::parse(&account.to_uppercase()).expect("a name"));
    sender.account = Some(account.into());
    let mut message =
        Message::new(MessageId(id), START, Arc::new(sender), target, Text::clean(text));
    message.data = AppData::new([("k", format!("data of {text}"))]).expect("valid data");
    let nonce = Nonce::parse(&format!("nonce-{id}")).ok();
    let recipient = recipient.map(AccountName::from);
    Record::Said { message: Arc::new(message), recipient, nonce, away: None }
}

/// A store with messages of the accounts `al` and `bo`, in the lobby, in `#rust` and in private.
fn filled(folder: &TempDir) -> (PathBuf, Opened) {
    let path = folder.path().join("chat.db");
    let mut opened = open(&path);
    let lobby = || Target::Channel(ChannelName::lobby());
    let rust = ChannelName::parse("rust").expect("a name");
    let user = |name: &str| Target::User(Nickname::parse(name).expect("a name"));
    let created = Record::ChannelCreated {
        channel: rust.clone(),
        id: ChannelId(2),
        by: Actor::Server,
        owner: Some("al".into()),
        statuses: StatusSet::default(),
        modes: Modes::default(),
        kept: true,
    };
    let mut records = vec![
        Record::AccountSeen { account: "al".into() },
        Record::AccountSeen { account: "bo".into() },
        created,
    ];
    let mut id = 0;
    for round in 0..200 {
        for (account, target, recipient) in [
            ("al", lobby(), None),
            ("bo", lobby(), None),
            ("al", Target::Channel(rust.clone()), None),
            ("al", user("BO"), Some("bo")),
            ("bo", user("AL"), Some("al")),
        ] {
            id += 1;
            let text = format!("text-of-{account} number {round} {}", "x".repeat(round * 7));
            records.push(said(id, account, target, recipient, &text));
        }
    }
    for records in records.chunks(50) {
        let stamped =
            records.iter().map(|record| StampedRecord { at: START, record: record.clone() });
        opened.store.commit(&stamped.collect::<Vec<_>>()).expect("it commits");
    }
    (path, opened)
}

fn exported(path: &Path, selection: &Selection) -> Vec<(u64, String)> {
    let mut messages = Vec::new();
    let write = &mut |message: &Message| {
        messages.push((message.id.0, message.text.as_str().to_owned()));
        Ok::<(), Infallible>(())
    };
    export(path, selection, write, &mut |_| ()).expect("it is exported");
    messages
}

/// Returns true if any file of the folder contains these bytes.
fn contains(folder: &Path, bytes: &str) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let contents = fs::read(entry.expect("an entry").path()).expect("a file");
        contents.windows(bytes.len()).any(|window| window == bytes.as_bytes())
    })
}

#[test]
fn backup_beside_a_server_is_a_sound_store_with_the_same_messages() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = filled(&folder);
    let copy = folder.path().join("backup.db");
    let mut last = None;
    backup(&path, &copy, false, &mut |progress| last = Some(progress)).expect("it is copied");
    let last = last.expect("it tells of its progress");
    assert_eq!(last.done, last.total);
    assert_eq!(check(&copy).expect("it is a store"), [""; 0]);
    assert_eq!(exported(&copy, &Selection::All), exported(&path, &Selection::All));
    assert_eq!(exported(&copy, &Selection::All).len(), 1_000);
    let refused = backup(&path, &copy, false, &mut |_| ()).expect_err("the file exists");
    assert_eq!(refused.to_string(), format!("the file {} exists already", copy.display()));
    // The rest of a backup that was killed is no obstacle.
    fs::write(folder.path().join("backup.db-partial"), "half").expect("a file");
    backup(&path, &copy, true, &mut |_| ()).expect("it is replaced");
    assert!(!folder.path().join("backup.db-partial").exists());
    drop(opened);
    let restored = open(&copy);
    assert!(restored.state.counters().last_message > MessageId(1_000_000), "ids go on far above");
}

#[test]
fn backup_never_replaces_a_store() {
    let folder = TempDir::new().expect("a folder");
    let (path, mut opened) = filled(&folder);
    let beside = |end: &str| folder.path().join(format!("chat.db{end}"));
    let in_use = ["", "-wal", "-shm", "-lock"].map(beside);
    // A symbolic link to the file would be replaced itself, and not the file.
    for target in &in_use {
        let refused = backup(&path, target, true, &mut |_| ()).expect_err("it is the store");
        let expected = format!(
            "the file {} belongs to a store: choose another file for the backup",
            target.display()
        );
        assert_eq!(refused.to_string(), expected);
    }
    // Beside a database that nothing uses.
    let closed = folder.path().join("closed.db");
    backup(&path, &closed, false, &mut |_| ()).expect("it is copied");
    for end in ["-wal", "-shm", "-lock", "-journal"] {
        let target = folder.path().join(format!("./closed.db{end}"));
        let refused = backup(&path, &target, true, &mut |_| ()).expect_err("it may be needed");
        assert!(refused.to_string().contains("belongs to a store"), "{refused}");
        assert!(!target.exists());
    }
    // Another store, and one whose name is that of the incomplete file.
    let other = folder.path().join("other.db");
    drop(open(&other));
    let refused = backup(&path, &other, true, &mut |_| ()).expect_err("it is a store");
    assert!(refused.to_string().contains("other.db belongs to a store"), "{refused}");
    let partial = folder.path().join("new.db-partial");
    backup(&path, &partial, false, &mut |_| ()).expect("it is copied");
    let new = folder.path().join("new.db");
    let refused = backup(&partial, &new, false, &mut |_| ()).expect_err("it is the store");
    assert!(refused.to_string().contains("new.db-partial belongs to a store"), "{refused}");
    assert_eq!(exported(&partial, &Selection::All).len(), 1_000);
    // The server goes on in the same file.
    let said = said(1_001, "al", Target::Channel(ChannelName::lobby()), None, "after it");
    opened.store.commit(&[StampedRecord { at: START, record: said }]).expect("it commits");
    drop(opened);
    assert_eq!(exported(&path, &Selection::All).len(), 1_001);
}

#[test]
fn failed_backup_leaves_no_file_and_names_the_problem() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = filled(&folder);
    drop(opened);
    let folder_in_it = folder.path().join("folder");
    fs::create_dir(&folder_in_it).expect("a folder");
    let missing = folder.path().join("missing/copy.db");
    for target in [&folder_in_it, &missing] {
        let refused = backup(&path, target, true, &mut |_| ()).expect_err("it cannot be written");
        let expected = format!("cannot write the backup {}: ", target.display());
        assert!(refused.to_string().starts_with(&expected), "{refused}");
    }
    assert!(!folder.path().join("folder-partial").exists());
    let is_folder = format!(
        "cannot open the store {}: it is a folder: name a file in it",
        folder_in_it.display()
    );
    let al = AccountName::from("al");
    for refused in [
        check(&folder_in_it).expect_err("it is a folder").to_string(),
        erase(&folder_in_it, &al, &mut |_| ()).expect_err("it is a folder").to_string(),
        SqliteOptions::default().open(&folder_in_it, START).expect_err("a folder").to_string(),
    ] {
        assert_eq!(refused, is_folder);
    }
    assert!(!folder.path().join("folder-lock").exists());
}

#[test]
fn export_has_the_messages_of_a_channel_or_of_an_account() {
    let folder = TempDir::new().expect("a folder");
    let (path, _opened) = filled(&folder);
    let rust = Selection::Channel(ChannelName::parse("#Rust").expect("a name"));
    let ids = |selection: &Selection| -> Vec<u64> {
        exported(&path, selection).iter().take(5).map(|(id, _)| *id).collect()
    };
    assert_eq!(ids(&rust), [3, 8, 13, 18, 23]);
    assert_eq!(ids(&Selection::Account("bo".into())), [2, 4, 5, 7, 9]);
    let nobody = Selection::Account("nobody".into());
    let missing = export(&path, &nobody, &mut |_| Ok::<(), Infallible>(()), &mut |_| ());
    assert_eq!(missing.expect_err("none").to_string(), "the store has no account nobody");
    let nowhere = folder.path().join("nowhere.db");
    let missing = check(&nowhere).expect_err("there is no file").to_string();
    assert!(missing.starts_with("there is no store "), "{missing}");
    assert!(!nowhere.exists());
}

#[test]
fn erased_account_is_in_no_file_and_others_keep_their_messages() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = filled(&folder);
    let al = AccountName::from("al");
    let refused = erase(&path, &al, &mut |_| ()).expect_err("the store is in use");
    assert!(refused.to_string().starts_with("another process uses the store"), "{refused}");
    drop(opened);
    assert!(contains(folder.path(), "text-of-al"));
    assert_eq!(erase(&path, &al, &mut |_| ()).expect("it is erased"), 600);
    for gone in ["text-of-al", "data of text-of-al", "\"al\""] {
        assert!(!contains(folder.path(), gone), "{gone}");
    }
    assert_eq!(check(&path).expect("it is a store"), [""; 0]);
    let left = exported(&path, &Selection::All);
    let of = |text: &str| left.iter().filter(|(_, found)| found.starts_with(text)).count();
    assert_eq!((left.len(), of("[erased]"), of("text-of-bo")), (800, 400, 400));
    let again = erase(&path, &al, &mut |_| ()).expect_err("it is gone");
    assert_eq!(again.to_string(), "the store has no account al");
    let state = open(&path).state;
    assert_eq!(state.counters().last_message, MessageId(1_000));
}

#[test]
fn interrupted_erasure_is_finished_by_the_next() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = filled(&folder);
    drop(opened);
    // As if the process had been killed after the messages, and before the file was written anew.
    let connection = Connection::open(&path).expect("it opens");
    connection.execute("DELETE FROM mailboxes WHERE account = 'al'", ()).expect("a change");
    connection
        .execute("UPDATE messages SET text = '[erased]' WHERE channel = 2", ())
        .expect("a change");
    drop(connection);
    erase(&path, &"al".into(), &mut |_| ()).expect("it is erased");
    assert!(!contains(folder.path(), "text-of-al"));
    assert_eq!(check(&path).expect("it is a store"), [""; 0]);
}

#[test]
fn check_names_rows_that_do_not_fit_and_damaged_pages() {
    let folder = TempDir::new().expect("a folder");
    let (path, opened) = filled(&folder);
    assert_eq!(check(&path).expect("it is a store"), [""; 0]);
    drop(opened);
    let connection = Connection::open(&path).expect("it opens");
    for change in [
        "DELETE FROM messages WHERE id = 4",
        "UPDATE messages SET sender = 99 WHERE id = 1",
        "UPDATE messages SET channel = 7 WHERE id = 2",
        "DELETE FROM mailboxes WHERE message = 9",
        "INSERT INTO invitations VALUES (8, 'al')",
        "UPDATE counters SET last_channel = 1",
    ] {
        connection.execute(change, ()).expect("a change");
    }
    drop(connection);
    assert_eq!(
        check(&path).expect("it is a store"),
        [
            "message 4 is in a mailbox and has no row",
            "message 4 is in a mailbox and has no row",
            "message 4 has a nonce and no row",
            "message 1 has no sender",
            "message 2 is of no channel",
            "message 9 is private and in no mailbox",
            "account al is invited into a channel that does not exist",
            "channel 2 is above the counter of channels",
        ]
    );
    let mut bytes = fs::read(&path).expect("a file");
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    fs::write(&path, bytes).expect("a file");
    assert_ne!(check(&path).expect("it is a store"), [""; 0]);
    let copy = folder.path().join("copy.db");
    let refused = backup(&path, &copy, false, &mut |_| ()).expect_err("it is damaged");
    assert!(refused.to_string().starts_with("the backup would be damaged"), "{refused}");
    assert!(!copy.exists());
}

#[test]
fn accounts_are_listed_beside_a_server() {
    let folder = TempDir::new().expect("a folder");
    let (path, mut opened) = filled(&folder);
    assert_eq!(list_accounts(&path).expect("a store"), [], "these accounts have no passwords");
    let later = Timestamp::from_millis(START.as_millis() + 60_000);
    let registered = |account: &str| {
        let (account, credentials) = (account.into(), Secret::new("a hash"));
        Record::AccountRegistered { account, credentials }
    };
    let token = TokenDigest::of(&Secret::new("a token"));
    let issued = Record::TokenIssued { account: "al".into(), digest: token, device: None };
    let rust = ChannelName::parse("rust").expect("a name");
    let mut statuses = StatusSet::default();
    statuses.insert(Status::Owner);
    let (nickname, account) = (Nickname::parse("AL").expect("a name"), Some("al".into()));
    let owner = Record::RoleChanged { channel: rust.clone(), nickname, account, statuses };
    let records = [registered("zoe"), registered("al"), issued, owner];
    let records = records.map(|record| StampedRecord { at: later, record });
    opened.store.commit(&records).expect("it commits");
    let listed = list_accounts(&path).expect("a store");
    let [al, zoe] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&al.name, al.since, al.last_seen), (&"al".into(), later, Some(START)));
    assert_eq!((&al.tokens[..], &al.owned[..]), (&[token.id()][..], &[rust][..]));
    assert_eq!((&zoe.name, zoe.last_seen), (&"zoe".into(), None));
    assert!(zoe.tokens.is_empty() && zoe.owned.is_empty());

    let removed = Record::AccountRemoved { account: "al".into() };
    opened.store.commit(&[StampedRecord { at: later, record: removed }]).expect("it commits");
    assert_eq!(list_accounts(&path).expect("a store").len(), 1);
}
