//! Rows that are deleted when nothing needs them any more.

use chat_core::{
    Actor, ChannelId, ChannelName, Message, MessageId, Modes, Nickname, Nonce, Record,
    StampedRecord, StatusSet, Target, Text, Timestamp, UserInfo,
};
use chat_store_sqlite::SqliteOptions;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn rust() -> ChannelName {
    ChannelName::parse("rust").expect("a name")
}

/// A message with a nonce in a channel, which is then forgotten.
fn records() -> Vec<StampedRecord> {
    let mut alice = UserInfo::guest(Nickname::parse("alice").expect("a nickname"));
    alice.account = Some("al".into());
    let target = Target::Channel(rust());
    let message = Message::new(MessageId(1), START, Arc::new(alice), target, Text::clean("hi"));
    let seen = Record::AccountSeen { account: "al".into() };
    let said = Record::Said {
        message: Arc::new(message),
        recipient: None,
        nonce: Nonce::parse("n").ok(),
        away: None,
    };
    let forgotten = Record::ChannelForgotten { channel: rust(), id: ChannelId(2) };
    let created = Record::ChannelCreated {
        channel: rust(),
        id: ChannelId(2),
        by: Actor::Server,
        owner: None,
        statuses: StatusSet::default(),
        modes: Modes::default(),
        kept: false,
    };
    let records = [created, seen, said, forgotten];
    records.into_iter().map(|record| StampedRecord { at: START, record }).collect()
}

#[test]
fn message_of_a_forgotten_channel_stays_as_long_as_its_nonce() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut options = SqliteOptions::default();
    options.nonce_window = Duration::from_secs(60);
    let mut store = options.open(&path, START).expect("it opens").store;
    store.commit(&records()).expect("it commits");
    let rows = |table: &str| -> i64 {
        let connection = Connection::open(&path).expect("it opens");
        let count = format!("SELECT count(*) FROM {table}");
        connection.query_row(&count, (), |row| row.get(0)).expect("a number")
    };
    for (seconds, left) in [(59, 1), (60, 0)] {
        // Nothing has to happen meanwhile.
        let now = START + Duration::from_secs(seconds);
        while store.maintain(now).expect("it does its work") {}
        for table in ["nonces", "messages", "forgotten_channels"] {
            assert_eq!(rows(table), left, "{table} after {seconds} s");
        }
    }
}
