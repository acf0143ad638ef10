//! Accounts with passwords in the file.

mod older;

use chat_core::{
    AccountName, Command, Config, Credential, Effect, Engine, Event, Input, Peer, Record, Secret,
    SessionId, StampedRecord, Text, Timestamp, TokenDigest,
};
use chat_store::Opened;
use chat_store_sqlite::{Durability, SqliteOptions, erase};
use older::FORGET_VERSION_8;
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const CREDENTIALS: &str = "the text of the host";

fn open(path: &Path) -> Opened {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    options.open(path, START).expect("it opens")
}

/// Registers the account `ann`, with a login.
fn register(path: &Path) {
    let account = || AccountName::from("ann");
    let digest = TokenDigest::of(&Secret::new("token"));
    let device = Some(Text::clean("a phone"));
    let records = [
        Record::AccountRegistered { account: account(), credentials: Secret::new(CREDENTIALS) },
        Record::TokenIssued { account: account(), digest, device },
    ];
    let records = records.map(|record| StampedRecord { at: START, record });
    open(path).store.commit(&records).expect("it commits");
}

/// Returns true if a client can log in with the token.
fn is_welcome(path: &Path) -> bool {
    let config = Config { accounts: true, ..Config::default() };
    let mut engine = Engine::restore(config, open(path).state, START);
    let session = SessionId(1);
    engine.apply(START, Input::Open { session, peer: Peer::default() }).for_each(drop);
    let command = Command::Identify {
        nickname: None,
        lobby: true,
        credential: Some(Credential::Session(Secret::new("token"))),
        resume: None,
        reconnect_key: None,
        profile: None,
    };
    let mut effects = engine.apply(START, Input::Command { session, request: None, command });
    effects.any(|effect| matches!(effect, Effect::Reply { event: Event::Welcomed { .. }, .. }))
}

#[test]
fn file_of_version_2_gets_accounts() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    drop(open(&path));
    let connection = Connection::open(&path).expect("it opens");
    let older = "DROP TABLE registrations; DROP TABLE tokens; DROP TABLE memberships; \
                 DROP TABLE private_marks; DROP TABLE audit_log; DROP TABLE reports; \
                 PRAGMA user_version = 2";
    connection.execute_batch(FORGET_VERSION_8).expect("it changes");
    connection.execute_batch(older).expect("it changes");
    drop(connection);
    register(&path);
    assert!(is_welcome(&path));
}

#[test]
fn file_of_version_3_keeps_its_accounts() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    register(&path);
    let connection = Connection::open(&path).expect("it opens");
    let older = "DROP TABLE memberships; DROP TABLE private_marks; DROP TABLE audit_log; \
                 DROP TABLE reports; PRAGMA user_version = 3";
    connection.execute_batch(FORGET_VERSION_8).expect("it changes");
    connection.execute_batch(older).expect("it changes");
    drop(connection);
    assert!(is_welcome(&path));
}

#[test]
fn erased_account_leaves_no_credentials() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chat.db");
    register(&path);
    assert!(is_welcome(&path));
    let digest = TokenDigest::of(&Secret::new("token")).to_string();
    let contains = |text: &str| {
        fs::read_dir(folder.path()).expect("a folder").any(|entry| {
            let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    };
    assert!([CREDENTIALS, &digest, "a phone"].into_iter().all(contains));
    erase(&path, &"ann".into(), &mut |_| {}).expect("it is erased");
    for gone in [CREDENTIALS, &digest, "a phone"] {
        assert!(!contains(gone), "{gone}");
    }
    assert!(!is_welcome(&path));
}
