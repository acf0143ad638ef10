//! Servers with a store: what outlasts a restart, and what a client sees while the store is slow,
//! full or broken.

use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{ChannelName, Config, HistoryRange, StampedRecord, Timestamp};
use chat_runtime::chat_store::{MemoryStore, Opened, Reader, Store, StoreError};
use chat_runtime::{Clock, Server, ServerError};
use chat_store_sqlite::{SqliteOptions, backup};
use chat_tests::{Client, PATIENCE, Setup, TestServer};
use serde_json::Value;
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new(&Config::default(), Script::START)
}

/// Opens the store in a folder.
fn open(folder: &TempDir) -> Opened {
    let path = folder.path().join("chat.db");
    SqliteOptions::default().open(path, Script::START).expect("it opens")
}

/// Starts a server with a store in a folder, and with two messages of each channel in memory.
fn start_with_short_memory(folder: &TempDir) -> TestServer {
    let config = Config { history_per_channel: 2, commands_per_second: 0, ..Config::default() };
    Setup::default().config(config).store(open(folder)).start()
}

/// Says something, and returns the id of the message.
async fn say(client: &mut Client, text: &str) -> Value {
    client.send(format!(r#"{{"type":"chat","text":"{text}","ref":"1"}}"#)).await;
    let id = client.expect_type("ack").await["id"].clone();
    client.expect_type("chat").await;
    id
}

/// Returns the texts of a page of the lobby's history.
pub(crate) async fn history(client: &mut Client, request: &str) -> Vec<String> {
    client.send(format!(r#"{{"type":"history","channel":"lobby"{request}}}"#)).await;
    let history = client.expect_type("history").await;
    let messages = history["messages"].as_array().expect("a list");
    messages.iter().map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn restarted_server_continues() {
    let folder = TempDir::new().expect("a folder");
    let server = Setup::default().store(open(&folder)).start();
    let mut alice = server.member("alice").await;
    let first = say(&mut alice, "before").await;
    alice.send(r#"{"type":"topic","channel":"lobby","topic":"all about it"}"#).await;
    alice.expect_type("ok").await;
    server.stop().await;

    let server = Setup::default().store(open(&folder)).start();
    let mut bob = server.member("bob").await;
    bob.send(r#"{"type":"topic","channel":"lobby"}"#).await;
    assert_eq!(bob.expect_type("topic").await["topic"], "all about it");
    assert_eq!(history(&mut bob, "").await, ["before"]);
    let second = say(&mut bob, "after").await;
    assert!(second.as_u64() > first.as_u64(), "{second} comes after {first}");
    assert_eq!(history(&mut bob, "").await, ["before", "after"]);
    server.stop().await;
}

#[tokio::test]
async fn epoch_is_the_same_after_a_restart() {
    let (memory, clock) = (memory(), TestServer::clock());
    let mut welcomes = Vec::new();
    for _ in 0..2 {
        let server = Setup::default().clock(&clock).store(memory.open()).start();
        let mut alice = server.json("alice").await;
        alice.send(r#"{"type":"hello","nickname":"alice","version":2}"#).await;
        welcomes.push(alice.expect_type("welcome").await);
        server.stop().await;
        clock.advance(Duration::from_secs(1));
    }
    let [before, after] = &welcomes[..] else { panic!("two servers") };
    assert_eq!(before["epoch"], after["epoch"]);
    assert_ne!(before["boot"], after["boot"]);
}

/// A client that has seen newer messages than a backup has notices that it was restored, and gets
/// no id twice.
#[tokio::test]
async fn restored_backup_has_another_epoch_and_no_id_twice() {
    let folder = TempDir::new().expect("a folder");
    let (path, copy) = (folder.path().join("chat.db"), folder.path().join("backup.db"));
    let clock = TestServer::clock();
    let (mut epochs, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let opened = SqliteOptions::default().open(&path, clock.now()).expect("it opens");
        let server = Setup::default().clock(&clock).store(opened).start();
        let mut alice = server.json("alice").await;
        alice.send(r#"{"type":"hello","nickname":"alice","version":2}"#).await;
        epochs.push(alice.expect_type("welcome").await["epoch"].clone());
        alice.expect_type("roster").await;
        ids.push(say(&mut alice, "in the backup").await.as_u64());
        if !copy.exists() {
            backup(&path, &copy, false, &mut |_| ()).expect("it is copied");
        }
        ids.push(say(&mut alice, "after it").await.as_u64());
        server.stop().await;
        fs::copy(&copy, &path).expect("it is restored");
        fs::remove_file(folder.path().join("chat.db-lock")).expect("a file");
        clock.advance(Duration::from_secs(1));
    }
    assert_ne!(epochs[0], epochs[1]);
    assert!(ids.is_sorted_by(|id, next| id < next), "{ids:?}");
}

/// The history in memory ends after two messages; the rest comes from the file.
#[tokio::test]
async fn client_reads_on_where_memory_ends() {
    let folder = TempDir::new().expect("a folder");
    let server = start_with_short_memory(&folder);
    let mut alice = server.member("alice").await;
    let mut ids = Vec::new();
    for text in ["1", "2", "3", "4", "5", "6"] {
        ids.push(say(&mut alice, text).await);
    }
    assert_eq!(history(&mut alice, r#","limit":2"#).await, ["5", "6"]);
    let before = format!(r#","limit":2,"before":{}"#, ids[4]);
    assert_eq!(history(&mut alice, &before).await, ["3", "4"]);
    assert_eq!(history(&mut alice, "").await, ["1", "2", "3", "4", "5", "6"]);
    let after = format!(r#","limit":3,"after":{}"#, ids[1]);
    assert_eq!(history(&mut alice, &after).await, ["3", "4", "5"]);
    let at = r#","limit":2,"at":"2026-01-01T00:00:00Z""#;
    assert_eq!(history(&mut alice, at).await, ["1", "2"]);
    server.stop().await;
}

/// Most messages are not in memory, and the last one was committed a moment ago.
#[tokio::test]
async fn client_finds_messages_beyond_memory_and_that_of_a_moment_ago() {
    let folder = TempDir::new().expect("a folder");
    let server = start_with_short_memory(&folder);
    let mut alice = server.member("alice").await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(say(&mut alice, &format!("the Number is {number}")).await);
    }
    for number in [0, 30, 59] {
        let search = format!(r#"{{"type":"search","text":"{number} number"}}"#);
        alice.send(search).await;
        let found = alice.expect_type("found").await;
        let messages = found["messages"].as_array().expect("a list");
        assert_eq!(messages.len(), 1, "{found}");
        assert_eq!(messages[0]["id"], ids[number]);
        assert_eq!(found["more"], false);
    }
    alice.send(r#"{"type":"search","text":"number","limit":40}"#).await;
    let page = alice.expect_type("found").await;
    assert_eq!(page["messages"][0]["id"], ids[59]);
    assert_eq!((&page["more"], &page["older_than"]), (&true.into(), &ids[20]));
    alice.send(format!(r#"{{"type":"search","text":"number","older_than":{}}}"#, ids[20])).await;
    let page = alice.expect_type("found").await;
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(20));
    assert_eq!(page["messages"][19]["id"], ids[0]);
    assert_eq!(page["more"], false);
    server.stop().await;
}

/// A store whose commits wait for the test, which decides their outcome.
struct Gate {
    store: MemoryStore,
    /// Tells the test that a commit with a message has begun.
    begun: Sender<()>,
    outcomes: Receiver<Result<(), StoreError>>,
}

impl Store for Gate {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        use chat_runtime::chat_core::Record;
        if records.iter().any(|stamped| matches!(stamped.record, Record::Said { .. })) {
            self.begun.send(()).expect("the test waits");
            self.outcomes.recv().expect("the test decides")?;
        }
        self.store.commit(records)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }
}

/// The test's end of a [`Gate`].
struct Keeper {
    begun: Option<Receiver<()>>,
    outcomes: Sender<Result<(), StoreError>>,
}

impl Keeper {
    fn of(store: &MemoryStore) -> (Opened, Self) {
        let ((begun_sender, begun), (outcomes, outcome_receiver)) = (channel(), channel());
        let Opened { state, .. } = store.open();
        let gate = Gate { store: store.clone(), begun: begun_sender, outcomes: outcome_receiver };
        (Opened::new(gate, state), Self { begun: Some(begun), outcomes })
    }

    /// Waits until a commit has begun.
    async fn begun(&mut self) {
        let begun = self.begun.take().expect("one test waits");
        let waited = tokio::task::spawn_blocking(move || {
            begun.recv().expect("the store commits");
            begun
        });
        self.begun = Some(waited.await.expect("it does not panic"));
    }

    fn let_through(&self, outcome: Result<(), StoreError>) {
        self.outcomes.send(outcome).expect("the store waits");
    }
}

pub(crate) async fn two_members(server: &TestServer) -> (Client, Client) {
    let mut alice = server.member("alice").await;
    let bob = server.member("bob").await;
    alice.expect_type("user_joined").await;
    (alice, bob)
}

/// Checks that a client receives nothing while the engine task waits for the store, and could not
/// answer a question that comes after it.
pub(crate) async fn nothing_arrives(client: &mut Client) {
    let arrived = timeout(Duration::from_millis(100), client.next_or_end()).await;
    assert!(arrived.is_err(), "{arrived:?} is not committed");
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_committed() {
    let (store, mut keeper) = Keeper::of(&memory());
    let server = Setup::default().store(store).start();
    let (mut alice, mut bob) = two_members(&server).await;
    // The farewell of a client that leaves in the same round waits, too.
    alice.send("{\"type\":\"chat\",\"text\":\"hi\"}\n{\"type\":\"quit\"}").await;
    keeper.begun().await;
    nothing_arrives(&mut alice).await;
    nothing_arrives(&mut bob).await;
    keeper.let_through(Ok(()));
    alice.expect_type("ack").await;
    alice.expect_type("chat").await;
    assert_eq!(bob.expect_type("chat").await["text"], "hi");
    bob.expect_type("user_left").await;
    server.stop().await;
}

#[tokio::test]
async fn nobody_looks_at_what_is_not_committed() {
    let (store, mut keeper) = Keeper::of(&memory());
    let server = Setup::default().store(store).start();
    let (mut alice, mut bob) = two_members(&server).await;
    alice.send(r#"{"type":"chat","text":"hi"}"#).await;
    keeper.begun().await;
    let hub = server.hub().clone();
    let look = tokio::spawn(async move { hub.look(|view| view.user_count()).await });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!look.is_finished(), "the application sees it after the commit");
    keeper.let_through(Ok(()));
    assert_eq!(look.await.expect("it ends").expect("the server runs"), 2);
    bob.expect_type("chat").await;
    server.stop().await;
}

#[tokio::test]
async fn host_is_answered_after_the_commit_and_not_if_it_fails() {
    let (store, mut keeper) = Keeper::of(&memory());
    let server = Setup::default().store(store).start();
    for (outcome, is_said) in
        [(Ok(()), true), (Err(StoreError::Failed("the disk is broken".into())), false)]
    {
        let hub = server.hub().clone();
        let said = tokio::spawn(async move { hub.say("lobby", "hi").await });
        keeper.begun().await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(!said.is_finished(), "the message may still be lost");
        keeper.let_through(outcome);
        assert_eq!(said.await.expect("it ends").is_ok(), is_said);
    }
    server.stopped().await.expect_err("the store has failed");
}

#[tokio::test]
async fn full_store_delays_a_message_and_does_not_double_it() {
    let memory = memory();
    let (store, mut keeper) = Keeper::of(&memory);
    let server = Setup::default().store(store).start();
    let (mut alice, mut bob) = two_members(&server).await;
    alice.send(r#"{"type":"chat","text":"hi"}"#).await;
    for _ in 0..2 {
        keeper.begun().await;
        nothing_arrives(&mut bob).await;
        keeper.let_through(Err(StoreError::Full("for this test".into())));
    }
    keeper.begun().await;
    keeper.let_through(Ok(()));
    alice.expect_type("ack").await;
    alice.expect_type("chat").await;
    assert_eq!(bob.expect_type("chat").await["text"], "hi");
    assert_eq!(history(&mut bob, "").await, ["hi"]);
    server.stop().await;

    let server = Setup::default().store(memory.open()).start();
    let mut carol = server.member("carol").await;
    assert_eq!(history(&mut carol, "").await, ["hi"]);
    server.stop().await;
}

#[tokio::test]
async fn broken_store_stops_the_server_and_shows_nothing_of_the_round() {
    let memory = memory();
    let (store, mut keeper) = Keeper::of(&memory);
    let server = Setup::default().store(store).start();
    let (mut alice, mut bob) = two_members(&server).await;
    alice.send("{\"type\":\"chat\",\"text\":\"hi\"}\n{\"type\":\"quit\"}").await;
    keeper.begun().await;
    keeper.let_through(Err(StoreError::Failed("the disk is broken".into())));
    bob.expect_type("shutting_down").await;
    bob.expect_closed().await;
    alice.expect_closed().await;
    let seen = alice.seen().iter().chain(bob.seen());
    assert!(!seen.clone().any(|frame| frame.contains("\"hi\"")), "{:?}", seen.collect::<Vec<_>>());
    let failure = server.stopped().await.expect_err("the store has failed");
    assert!(matches!(failure, ServerError::Store(_)), "{failure}");
    assert_eq!(failure.to_string(), "the store has failed: the disk is broken");

    let server = Setup::default().store(memory.open()).start();
    let mut carol = server.member("carol").await;
    assert!(history(&mut carol, "").await.is_empty(), "nobody has seen it");
    server.stop().await;
}

/// A server without front ends stops with its store, too.
#[tokio::test]
async fn stopped_server_has_closed_its_store() {
    let folder = TempDir::new().expect("a folder");
    for _ in 0..3 {
        let server = Server::new().store(open(&folder)).start();
        server.stop();
        server.wait().await.expect("it stops");
    }
}

/// A store that tells the test the time at which it may tidy up.
struct Timed {
    store: MemoryStore,
    times: watch::Sender<Timestamp>,
}

impl Store for Timed {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        self.store.commit(records)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }

    fn maintain(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        self.times.send_replace(now);
        Ok(false)
    }
}

#[tokio::test]
async fn store_learns_the_time_while_nothing_happens() {
    let memory = memory();
    let (times, mut time) = watch::channel(Script::START);
    let Opened { state, .. } = memory.open();
    let store = Opened::new(Timed { store: memory, times }, state);
    let clock = TestServer::clock();
    let server = Setup::default().clock(&clock).store(store).start();
    let begun = clock.now();
    for days in [90, 180] {
        clock.advance(Duration::from_secs(90 * 86_400));
        let at = begun + Duration::from_secs(days * 86_400);
        let told = timeout(PATIENCE, time.wait_for(|time| *time == at)).await;
        told.expect("the store is told in time").expect("the server runs");
    }
    server.stop().await;
}

#[tokio::test]
async fn message_expires_while_nothing_happens() {
    let config = Config { message_age: Some(Duration::from_secs(3_600)), ..Config::default() };
    let clock = TestServer::clock();
    let server = Setup::default().config(config).clock(&clock).start();
    server.hub().say("lobby", "hello").await.expect("it is said");
    for (seconds, expected) in [(3_600, 1), (1, 0)] {
        clock.advance(Duration::from_secs(seconds));
        let lobby = ChannelName::lobby();
        let page = server.hub().history(lobby, HistoryRange::Latest, 50, |_| true).await;
        assert_eq!(page.expect("the server runs").messages.len(), expected);
    }
    server.stop().await;
}
