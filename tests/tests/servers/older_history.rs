//! Messages that come from the application's store: clients that wait for them, and a store that
//! fails.

use async_trait::async_trait;
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{
    Answer, Config, HistoryRange, Message, MessageId, Nickname, Question, Target, Text, UserInfo,
};
use chat_runtime::chat_dialects::HostRequest;
use chat_runtime::{HistorySource, Unavailable};
use chat_tests::{Setup, TestServer};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A store with one message, which answers as often as it is allowed to.
#[derive(Clone)]
struct Archive(Arc<Semaphore>);

impl Archive {
    fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    fn open(&self) {
        self.0.add_permits(1);
    }
}

#[async_trait]
impl HistorySource for Archive {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        self.0.acquire().await?.forget();
        let Question::History { channel, range: HistoryRange::Latest, .. } = &request.question
        else {
            return Err("not archived".into());
        };
        let sender = Arc::new(UserInfo::guest(Nickname::parse("old")?));
        let target = Target::Channel(channel.clone());
        let (id, at) = (MessageId(0), Script::START);
        let message = Message::new(id, at, sender, target, Text::clean("long ago"));
        Ok(Answer::Messages { messages: vec![Arc::new(message)], more: false })
    }
}

/// A store that goes wrong in one of these ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Fails,
    Hangs,
    Panics,
}

/// A store in trouble, which tells the test that it was asked.
struct Broken {
    trouble: Trouble,
    asked: Arc<Semaphore>,
}

#[async_trait]
impl HistorySource for Broken {
    async fn read(&self, _: &HostRequest) -> Result<Answer, Unavailable> {
        self.asked.add_permits(1);
        match self.trouble {
            Trouble::Fails => Err("the disk is full".into()),
            Trouble::Hangs => std::future::pending().await,
            Trouble::Panics => panic!("this test needs a panic"),
        }
    }
}

#[tokio::test]
async fn session_waits_for_older_messages_and_others_go_on() {
    let archive = Archive::closed();
    let server = Setup::default().history_source(archive.clone()).start();
    for over_web_socket in [false, true] {
        let mut alice = match over_web_socket {
            false => server.json("alice").await,
            true => server.ws_json("alice").await,
        };
        alice.join_lobby(r#"{"type":"hello","nickname":"alice","version":2}"#).await;
        let mut bob = server.member("bob").await;
        alice.expect_type("user_joined").await;
        alice.send(r#"{"type":"history","channel":"lobby","ref":"1"}"#).await;
        alice.send(r#"{"type":"users","ref":"2"}"#).await;
        bob.send(r#"{"type":"chat","text":"hi","ref":"3"}"#).await;
        bob.expect_type("ack").await;
        bob.expect_type("chat").await;
        // The answer to alice's second request waits for the first; what bob says does not.
        assert_eq!(alice.expect_type("chat").await["text"], "hi");
        archive.open();
        let history = alice.expect_type("history").await;
        assert_eq!(history["messages"][0]["text"], "long ago");
        assert_eq!(history["ref"], "1");
        assert_eq!(alice.expect_type("users").await["ref"], "2");
        drop(alice);
        bob.expect_type("user_left").await;
        drop(bob);
        server.sessions(0).await;
    }
    server.stop().await;
}

/// A client that pipes its requests ends its side before the answer.
#[tokio::test]
async fn half_closed_client_still_gets_older_messages_and_is_heard() {
    let archive = Archive::closed();
    let server = Setup::default().history_source(archive.clone()).start();
    let mut bob = server.member("bob").await;
    let mut alice = server.member("alice").await;
    bob.expect_type("user_joined").await;
    alice.send(r#"{"type":"history","channel":"lobby"}"#).await;
    alice.send(r#"{"type":"chat","text":"and bye","ref":"2"}"#).await;
    alice.finish_sending().await;
    bob.send(r#"{"type":"chat","text":"hi","ref":"3"}"#).await;
    bob.expect_type("ack").await;
    bob.expect_type("chat").await;
    assert_eq!(alice.expect_type("chat").await["text"], "hi");
    archive.open();
    alice.expect_type("history").await;
    alice.expect_type("ack").await;
    alice.expect_type("chat").await;
    alice.expect_closed().await;
    assert_eq!(bob.expect_type("chat").await["text"], "and bye");
    bob.expect_type("user_left").await;
    server.stop().await;
}

#[tokio::test]
async fn failing_store_ends_no_session() {
    for trouble in [Trouble::Fails, Trouble::Hangs, Trouble::Panics] {
        let clock = TestServer::clock();
        let asked = Arc::new(Semaphore::new(0));
        let broken = Broken { trouble, asked: asked.clone() };
        let server = Setup::default().clock(&clock).history_source(broken).start();
        let mut alice = server.member("alice").await;
        let mut bob = server.member("bob").await;
        alice.expect_type("user_joined").await;
        alice.send(r#"{"type":"history","channel":"lobby","ref":"1"}"#).await;
        asked.acquire().await.expect("it is open").forget();
        if trouble != Trouble::Fails {
            clock.advance(Config::default().answer_timeout);
        }
        let error = alice.expect_error("try_again").await;
        let told = "earlier messages cannot be read at the moment; try again";
        assert_eq!(error["message"], told, "{trouble:?}");
        alice.send(r#"{"type":"chat","text":"still here"}"#).await;
        assert_eq!(bob.expect_type("chat").await["text"], "still here");
        server.stop().await;
    }
}

/// A server without a store asks nobody.
#[tokio::test]
async fn question_without_a_store_is_answered_at_once() {
    let config = Config { older_history: true, ..Config::default() };
    let server = Setup::default().config(config).start();
    let mut alice = server.member("alice").await;
    alice.send(r#"{"type":"history","channel":"lobby"}"#).await;
    alice.expect_error("try_again").await;
    server.stop().await;
}
