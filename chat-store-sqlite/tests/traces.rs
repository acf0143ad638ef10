//! A text that was deleted is in no file any more.

use chat_core::{
    ChannelId, ChannelName, Deletion, HistoryRange, Message, MessageId, Nickname, Record,
    StampedRecord, Target, Text, Timestamp, UserInfo,
};
use chat_store::Opened;
use chat_store_sqlite::{Durability, SqliteOptions};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// A word that is in a deleted message only.
const SECRET: &str = "xylophonequartz";

fn open(path: &Path, durability: Durability) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = durability;
    options.open(path, START).expect("it opens")
}

fn message(id: u64, text: &str) -> Message {
    let sender = Arc::new(UserInfo::guest(Nickname::parse("ann").expect("a nickname")));
    let target = Target::Channel(ChannelName::lobby());
    Message::new(MessageId(id), START, sender, target, Text::clean(text))
}

fn said(message: Message) -> StampedRecord {
    let message = Arc::new(message);
    StampedRecord {
        at: START,
        record: Record::Said { message, recipient: None, nonce: None, away: None },
    }
}

fn deleted(message: &Message) -> StampedRecord {
    let deletion = Deletion { by: message.sender.clone(), at: START, reason: None };
    let message = Arc::new(message.deleted(deletion));
    StampedRecord { at: START, record: Record::MessageChanged { message, accounts: Vec::new() } }
}

fn maintain(opened: &mut Opened) {
    while opened.store.maintain(START).expect("it does its work") {}
}

/// Returns the names of the files of a folder that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("a file");
        let bytes = fs::read(entry.path()).expect("it can be read");
        if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

/// Says and deletes a message, and checks that its words are in no file.
fn check(durability: Durability, is_indexed: bool, text: &str) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut opened = open(&path, durability);
    for id in 1..=300 {
        opened.store.commit(&[said(message(id, "words of others"))]).expect("it commits");
    }
    let secret = message(301, text);
    opened.store.commit(&[said(secret.clone())]).expect("it commits");
    if is_indexed {
        maintain(&mut opened);
    }
    assert!(!files_with(folder.path(), SECRET).is_empty(), "it was there before");
    opened.store.commit(&[deleted(&secret)]).expect("it commits");
    maintain(&mut opened);
    assert_eq!(files_with(folder.path(), SECRET), [] as [String; 0], "while it is open");
    opened.store.commit(&[said(message(302, "more"))]).expect("it commits");
    drop(opened);
    assert_eq!(files_with(folder.path(), SECRET), [] as [String; 0], "when it is closed");
    let opened = open(&path, durability);
    let mut reader = opened.store.reader().expect("it can be read");
    let lobby = ChannelName::lobby();
    let page = reader.history(ChannelId(1), &lobby, HistoryRange::Latest, 500).expect("it reads");
    assert_eq!(page.messages.len(), 302);
}

#[test]
fn text_is_gone_from_the_rows_the_log_and_the_index() {
    for durability in [Durability::Process, Durability::Power] {
        for is_indexed in [false, true] {
            check(durability, is_indexed, SECRET);
        }
    }
}

#[test]
fn text_of_several_pages_is_gone() {
    check(Durability::Process, true, &format!("{SECRET} ").repeat(1_000));
}

#[test]
fn traces_are_removed_after_a_restart() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut opened = open(&path, Durability::Process);
    let secret = message(1, SECRET);
    opened.store.commit(&[said(secret.clone())]).expect("it commits");
    maintain(&mut opened);
    opened.store.commit(&[deleted(&secret)]).expect("it commits");
    drop(opened);
    maintain(&mut open(&path, Durability::Process));
    assert_eq!(files_with(folder.path(), SECRET), [] as [String; 0]);
}
