//! Clients of IRC over real sockets, together with those of other protocols.

use chat_core::Config;
use chat_irc::{IrcDialect, IrcSettings};
use chat_runtime::chat_dialects::{JsonDialect, TextDialect};
use chat_runtime::{Running, Server};
use chat_tests::{Client, stop};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use transport_tcp::TcpFrontEnd;

/// A server with three ports.
struct Ports {
    running: Running,
    irc: SocketAddr,
    text: SocketAddr,
    json: SocketAddr,
}

impl Ports {
    fn open() -> Self {
        let port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &Config::default());
        let irc = TcpFrontEnd::bind(port, dialect).expect("a free port");
        let text = TcpFrontEnd::bind(port, TextDialect::bracket()).expect("a free port");
        let json = TcpFrontEnd::bind(port, JsonDialect::default()).expect("a free port");
        let [irc_port, text_port, json_port] = [&irc, &text, &json].map(TcpFrontEnd::local_addr);
        let running = Server::new().front_end(irc).front_end(text).front_end(json).start();
        Self { running, irc: irc_port, text: text_port, json: json_port }
    }

    /// Connects a client of IRC, and reads its welcome.
    async fn irc_client(&self, name: &str) -> Client {
        let mut client = Client::tcp(name, self.irc).await;
        client.send(format!("NICK {name}")).await;
        client.send(format!("USER {name} 0 * :{name}")).await;
        while !client.next().await.contains(" 422 ") {}
        client
    }
}

/// Reads until the bytes end with a text.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let count = stream.read_buf(&mut bytes).await.expect("the server writes");
        assert!(count > 0, "the end came after {:?}", String::from_utf8_lossy(&bytes));
    }
    String::from_utf8(bytes).expect("lines are UTF-8")
}

#[tokio::test]
async fn irc_text_and_json_meet_on_a_channel() {
    let ports = Ports::open();
    let mut alice = ports.irc_client("alice").await;
    alice.send("JOIN #lobby").await;
    assert!(alice.next().await.ends_with(" JOIN #lobby\r"));
    alice
        .expect([
            ":irc.test 353 alice = #lobby :alice\r",
            ":irc.test 366 alice #lobby :End of /NAMES list\r",
        ])
        .await;
    let mut tina = Client::tcp("tina", ports.text).await;
    assert!(alice.next().await.ends_with(" JOIN #lobby\r"));
    let mut jay = Client::tcp("jay", ports.json).await;
    jay.send(r#"{"type":"hello","nickname":"jay"}"#).await;
    assert!(alice.next().await.starts_with(":jay!"));
    tina.send("hello, IRC").await;
    assert!(alice.next().await.ends_with(" PRIVMSG #lobby :hello, IRC\r"));
    alice.send("PRIVMSG #lobby :hello, all").await;
    tina.expect(["* user1 joined the chat", "* alice joined the chat"]).await;
    tina.expect(["* jay joined the chat", "[alice]: hello, all"]).await;
    while !jay.next().await.contains(r#""text":"hello, all""#) {}
    drop(jay);
    assert!(alice.next().await.contains(" QUIT :"));
    stop(ports.running).await;
}

#[tokio::test]
async fn lines_end_with_crlf_and_may_end_with_lf() {
    let ports = Ports::open();
    let mut client = TcpStream::connect(ports.irc).await.expect("the server listens");
    client.write_all(b"NICK a\r\nUSER a 0 * a\nPING x\n").await.expect("it is read");
    let welcome = read_until(&mut client, ":irc.test PONG irc.test :x\r\n").await;
    assert_eq!(welcome.matches('\n').count(), welcome.matches("\r\n").count());
    assert!(welcome.starts_with(":irc.test 001 a :Welcome"), "{welcome}");
    client.write_all(b"QUIT :done\r\n").await.expect("it is read");
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.expect("the connection ends");
    assert_eq!(rest, "ERROR :Closing link: (Quit: done)\r\n");
    stop(ports.running).await;
}

#[tokio::test]
async fn line_that_no_buffer_holds_is_answered_and_skipped() {
    let ports = Ports::open();
    let mut client = ports.irc_client("alice").await;
    client.send(format!("PRIVMSG alice :{}", "x".repeat(20_000))).await;
    client.send("PING after").await;
    client
        .expect([
            ":irc.test 417 alice :Input line was too long\r",
            ":irc.test PONG irc.test :after\r",
        ])
        .await;
    stop(ports.running).await;
}

#[tokio::test]
async fn clients_are_told_that_the_server_stops() {
    let ports = Ports::open();
    let mut client = ports.irc_client("alice").await;
    ports.running.stop();
    client.expect(["ERROR :Closing link: (server shutting down)\r"]).await;
    client.expect_closed().await;
    stop(ports.running).await;
}
