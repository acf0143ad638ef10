//! Servers whose store has no room for a time.

use crate::store::{history, memory, nothing_arrives, two_members};
use chat_runtime::chat_core::{Config, Record, StampedRecord};
use chat_runtime::chat_store::{MemoryStore, Opened, Reader, Store, StoreError};
use chat_runtime::{ManualClock, ServerError};
use chat_tests::{Setup, TestServer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// A store that has no room for messages, and for the end of a channel, while its disk is full.
struct FillableStore {
    store: MemoryStore,
    is_full: Arc<AtomicBool>,
    /// The number of commits that found no room.
    attempts: watch::Sender<u32>,
}

impl Store for FillableStore {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        let needs_room = records.iter().any(|stamped| {
            matches!(stamped.record, Record::Said { .. } | Record::ChannelForgotten { .. })
        });
        if needs_room && self.is_full.load(Ordering::SeqCst) {
            self.attempts.send_modify(|attempts| *attempts += 1);
            return Err(StoreError::Full("for this test".into()));
        }
        self.store.commit(records)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }
}

/// A server whose store is full.
struct FullServer {
    memory: MemoryStore,
    server: TestServer,
    is_full: Arc<AtomicBool>,
    attempts: watch::Receiver<u32>,
    clock: ManualClock,
}

impl FullServer {
    fn start() -> Self {
        let memory = memory();
        let is_full = Arc::new(AtomicBool::new(true));
        let (sender, attempts) = watch::channel(0);
        let Opened { state, .. } = memory.open();
        let store =
            FillableStore { store: memory.clone(), is_full: is_full.clone(), attempts: sender };
        let clock = TestServer::clock();
        let server = Setup::default().clock(&clock).store(Opened::new(store, state)).start();
        Self { memory, server, is_full, attempts, clock }
    }

    /// Waits until a round has found no room.
    async fn holds_a_round(&mut self) {
        self.attempts.wait_for(|&attempts| attempts > 0).await.expect("the store commits");
    }

    fn make_room(&self) {
        self.is_full.store(false, Ordering::SeqCst);
    }

    /// Stops, and returns the texts in the history of the lobby after a restart.
    async fn stop(self) -> Vec<String> {
        self.server.stop().await;
        let server = Setup::default().store(self.memory.open()).start();
        let mut carol = server.member("carol").await;
        let texts = history(&mut carol, "").await;
        server.stop().await;
        texts
    }
}

#[tokio::test]
async fn messages_are_refused_at_once_and_other_requests_wait() {
    let mut full = FullServer::start();
    let (mut alice, mut bob) = two_members(&full.server).await;
    alice.send(r#"{"type":"chat","text":"hi","ref":"1"}"#).await;
    full.holds_a_round().await;

    bob.send(r#"{"type":"chat","text":"me too","ref":"2"}"#).await;
    let error = bob.expect_type("error").await;
    assert_eq!((&error["code"], &error["ref"]), (&"try_again".into(), &"2".into()));
    assert_eq!(
        error["message"],
        "the server cannot store messages at the moment, because its disk is full; try again"
    );
    bob.send(r#"{"type":"away","message":"lunch","ref":"3"}"#).await;
    bob.send(r#"{"type":"chat","text":"back","ref":"4"}"#).await;
    nothing_arrives(&mut bob).await;
    nothing_arrives(&mut alice).await;

    full.make_room();
    assert_eq!(alice.expect_type("ack").await["ref"], "1");
    assert_eq!(bob.expect_type("chat").await["text"], "hi");
    assert_eq!(bob.expect_type("ok").await["ref"], "3");
    assert_eq!(bob.expect_type("ack").await["ref"], "4");
    assert_eq!(full.stop().await, ["hi", "back"]);
}

#[tokio::test]
async fn people_are_told_in_their_dialect() {
    let mut full = FullServer::start();
    let mut bob = full.server.bracket("Bob").await;
    let mut alice = full.server.member("alice").await;
    bob.expect(["* user1 joined the chat", "* alice joined the chat"]).await;
    alice.send(r#"{"type":"chat","text":"hi"}"#).await;
    full.holds_a_round().await;
    bob.send("hello?").await;
    let expected =
        "The server cannot store messages at the moment, because its disk is full; try again.";
    assert!(bob.next().await.contains(expected), "{:?}", bob.seen());
    full.make_room();
    assert!(bob.next().await.contains("hi"), "{:?}", bob.seen());
    assert_eq!(full.stop().await, ["hi"]);
}

#[tokio::test]
async fn server_that_stops_does_not_wait_for_room() {
    let mut full = FullServer::start();
    let mut alice = full.server.member("alice").await;
    let mut bob = full.server.member("bob").await;
    alice.send(r#"{"type":"chat","text":"hi"}"#).await;
    full.holds_a_round().await;
    full.server.begin_to_stop();
    bob.expect_type("shutting_down").await;
    bob.expect_closed().await;
    let failure = full.server.stopped().await.expect_err("a message was not stored");
    assert!(matches!(failure, ServerError::Store(_)), "{failure}");
    assert!(!bob.seen().iter().any(|frame| frame.contains("\"hi\"")), "{:?}", bob.seen());
}

/// The time passes, and nobody sends anything more: the end of a channel has no room, and a client
/// that has connected meanwhile is greeted as soon as there is some.
#[tokio::test]
async fn client_that_connects_while_time_finds_no_room_is_greeted() {
    let mut full = FullServer::start();
    let mut alice = full.server.json("alice").await;
    let key = r#""reconnect_key":"the key of alice""#;
    alice.join_lobby(format!(r#"{{"type":"hello","nickname":"alice","version":2,{key}}}"#)).await;
    alice.send(r#"{"type":"join","channel":"tea"}"#).await;
    alice.expect_type("roster").await;
    drop(alice);
    full.server.sessions(0).await;
    full.clock.advance(Config::default().reconnect_period.expect("there is one"));
    full.holds_a_round().await;

    let mut bob = full.server.json("bob").await;
    bob.send(r#"{"type":"hello","nickname":"bob","version":2}"#).await;
    nothing_arrives(&mut bob).await;
    full.make_room();
    bob.expect_type("welcome").await;
    full.server.stop().await;
}
