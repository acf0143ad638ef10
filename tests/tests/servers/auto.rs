//! One port for all dialects: the first bytes of a client select its dialect.

use chat_runtime::chat_dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_runtime::{Running, Server};
use chat_tests::{ANY_PORT, Client, shards, stop};
use std::net::SocketAddr;
use transport_tcp::{AutoDialects, TcpFrontEnd};

/// Starts a server with one port for all dialects.
pub(crate) fn server_on_one_port() -> (Running, SocketAddr) {
    let (text, json) = (TextDialect::bracket(), JsonDialect::default());
    let dialects = AutoDialects::new(text, json, TxtChatDialect::new(7));
    let front_end = TcpFrontEnd::bind_auto(ANY_PORT, dialects).expect("a free port");
    let address = front_end.local_addr();
    (Server::new().shards(shards()).front_end(front_end).start(), address)
}

#[tokio::test]
async fn clients_of_all_dialects_share_one_port() {
    let (server, address) = server_on_one_port();

    let mut person = Client::tcp("person", address).await;
    person.expect(["* user1 joined the chat"]).await;

    let mut program = Client::tcp("program", address).await;
    program.send(r#"{"type":"hello","nickname":"program"}"#).await;
    program
        .expect([
            r#"{"type":"welcome","nickname":"program"}"#,
            r#"{"type":"roster","participants":["user1"]}"#,
        ])
        .await;
    person.expect(["* program joined the chat"]).await;

    let mut older = Client::tcp("older", address).await;
    // In two pieces, neither of which identifies the dialect alone.
    older.send_bytes(b"re").await;
    older.send("g$older").await;
    older.expect(["------Welcome to Txt Chat------"]).await;
    let id = older.next().await;
    older.send(format!("join${id}$lobby")).await;
    older.expect(["$$joined: lobby"]).await;
    person.expect(["* older joined the chat"]).await;
    program.expect([r#"{"type":"user_joined","nickname":"older"}"#]).await;

    person.send("hello all").await;
    program.expect([r#"{"type":"chat","nickname":"user1","text":"hello all"}"#]).await;
    older.expect(["hello all"]).await;
    stop(server).await;
}

#[tokio::test]
async fn line_sent_at_once_selects_text() {
    let (server, address) = server_on_one_port();
    let mut quick = Client::tcp("quick", address).await;
    quick.send("/name quick").await;
    quick.expect(["* user1 joined the chat", "* user1 is now known as quick"]).await;
    stop(server).await;
}

#[tokio::test]
async fn line_that_begins_like_txt_chat_selects_text() {
    let (server, address) = server_on_one_port();
    let mut person = Client::tcp("person", address).await;
    person.send("regards").await;
    person.expect(["* user1 joined the chat"]).await;
    stop(server).await;
}
