//! Clients of IRC over real sockets, together with those of other protocols.

use chat_accounts::{Argon2Passwords, Credentials, Hasher, HasherConfig};
use chat_core::{Config, OperatorLogin, Secret};
use chat_irc::{IrcDialect, IrcSettings};
use chat_runtime::chat_dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_runtime::{Running, Server};
use chat_tests::{Client, stop};
use chat_web::WebFrontEnd;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use transport_tcp::{AutoDialects, TcpFrontEnd};
use transport_ws::WsEndpoint;

/// A server with a port for each protocol, and one for all that use lines.
struct Ports {
    running: Running,
    irc: SocketAddr,
    text: SocketAddr,
    json: SocketAddr,
    any: SocketAddr,
    web: SocketAddr,
}

impl Ports {
    fn open() -> Self {
        let port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &Config::default());
        let irc = TcpFrontEnd::bind(port, dialect.clone()).expect("a free port");
        let text = TcpFrontEnd::bind(port, TextDialect::bracket()).expect("a free port");
        let json = TcpFrontEnd::bind(port, JsonDialect::default()).expect("a free port");
        let (people, others) = (TextDialect::bracket(), TxtChatDialect::new(7));
        let any = AutoDialects::new(people, JsonDialect::default(), others).irc(dialect.clone());
        let any = TcpFrontEnd::bind_auto(port, any).expect("a free port");
        let endpoint = WsEndpoint::default().irc(dialect);
        let web = WebFrontEnd::bind(port, endpoint).expect("a free port");
        let [irc_port, text_port, json_port, any_port] =
            [&irc, &text, &json, &any].map(TcpFrontEnd::local_addr);
        let web_port = web.local_addr();
        let server = Server::new().front_end(irc).front_end(text).front_end(json);
        let running = server.front_end(any).front_end(web).start();
        let (irc, text, json, any, web) = (irc_port, text_port, json_port, any_port, web_port);
        Self { running, irc, text, json, any, web }
    }

    /// Connects a client of IRC, and reads its welcome.
    async fn irc_client(&self, name: &str) -> Client {
        let mut client = Client::tcp(name, self.irc).await;
        register(&mut client, name).await;
        client
    }

    /// Opens a WebSocket for IRC at a path, and reads the client's welcome.
    async fn web_client(&self, name: &str, path: &str, protocol: &str) -> Client {
        let stream = TcpStream::connect(self.web).await.expect("the server listens");
        let url = format!("ws://{}{path}", self.web);
        let mut client = Client::web_socket_over(name, stream, &url, Some(protocol)).await;
        register(&mut client, name).await;
        client
    }
}

/// Takes a nickname, and reads the welcome.
async fn register(client: &mut Client, name: &str) {
    client.send(format!("NICK {name}")).await;
    client.send(format!("USER {name} 0 * :{name}")).await;
    while !client.next().await.contains(" 422 ") {}
}

/// The client of a bouncer comes back: it is delayed, its connection is not read from for some
/// time, and nothing is lost or out of order.
#[tokio::test]
async fn fast_client_is_delayed() {
    let config = Config { command_burst: 2, commands_per_second: 200, ..Config::default() };
    let port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &config);
    let irc = TcpFrontEnd::bind(port, dialect).expect("a free port");
    let address = irc.local_addr();
    let running = Server::new().config(config).front_end(irc).start();
    let mut alice = Client::tcp("alice", address).await;
    register(&mut alice, "alice").await;
    for index in 0..200 {
        alice.send(format!("TOPIC #{index}")).await;
        alice.send(format!("PING {index}")).await;
    }
    for index in 0..200 {
        assert!(alice.next().await.contains(" 403 alice "), "{index}");
        assert_eq!(alice.next().await, format!(":irc.test PONG irc.test :{index}\r"));
    }
    stop(running).await;
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
async fn irc_is_detected_on_a_port_for_all() {
    let ports = Ports::open();
    let mut tina = Client::tcp("tina", ports.any).await;
    tina.expect(["* user1 joined the chat"]).await;
    let mut clients = Vec::new();
    for (name, first) in [("cap", "CAP END"), ("user", "USER u 0 * :u"), ("nick", "NICK first")] {
        let mut client = Client::tcp(name, ports.any).await;
        client.send(first).await;
        register(&mut client, name).await;
        client.send("JOIN #lobby").await;
        tina.expect([format!("* {name} joined the chat")]).await;
        clients.push(client);
    }
    stop(ports.running).await;
}

#[tokio::test]
async fn irc_is_spoken_over_web_sockets() {
    let ports = Ports::open();
    let mut alice = ports.irc_client("alice").await;
    alice.send("JOIN #web").await;
    while !alice.next().await.contains(" 366 ") {}
    for (name, path, protocol, before) in
        [("texty", "/", "text.ircv3.net", ""), ("bin", "/ws", "binary.ircv3.net", "(binary) ")]
    {
        let mut client = ports.web_client(name, path, protocol).await;
        // Either kind of message is understood, with a line end or without.
        client.send_message(Message::binary(&b"JOIN #web\r\n"[..])).await;
        while !client.next().await.contains(" 366 ") {}
        assert!(alice.next().await.ends_with(" JOIN #web\r"));
        client.send("PRIVMSG #web :hello\n").await;
        assert!(alice.next().await.ends_with(" PRIVMSG #web :hello\r"));
        alice.send("PRIVMSG #web :hi").await;
        let line = client.next().await;
        assert!(line.starts_with(&format!("{before}:alice!")), "{line}");
        assert!(line.ends_with(" PRIVMSG #web :hi"), "{line}");
        // Bytes that are not UTF-8, and two lines in one message.
        client.send_message(Message::binary(&b"PRIVMSG #web :caf\xe9"[..])).await;
        let line = client.next().await;
        assert!(
            line.starts_with(&format!("{before}:irc.test FAIL PRIVMSG INVALID_UTF8 ")),
            "{line}"
        );
        client.send("PRIVMSG #web :one\nQUIT").await;
        assert!(client.next().await.contains(" 400 "));
        client.send("QUIT :done").await;
        assert!(client.next().await.contains("ERROR :"));
        client.expect_close_code(1000).await;
        assert!(alice.next().await.ends_with(" QUIT :done\r"));
    }
    stop(ports.running).await;
}

#[tokio::test]
async fn password_of_an_operator_needs_no_accounts() {
    // The password is "tea at five".
    let hash = Secret::new(HASH);
    let credentials = Credentials::from_hash(&hash).expect("a hash").to_secret();
    let operator_logins = vec![OperatorLogin::new("al", credentials)];
    let config = Config { operator_logins, ..Config::default() };
    let port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let dialect = IrcDialect::new(IrcSettings::new("irc.test"), &config);
    let front_end = TcpFrontEnd::bind(port, dialect).expect("a free port");
    let address = front_end.local_addr();
    let hasher = Hasher::new(&HasherConfig::default()).expect("valid settings");
    let server = Server::new().config(config).operator_passwords(Argon2Passwords::new(hasher));
    let running = server.front_end(front_end).start();
    let mut client = Client::tcp("alice", address).await;
    client.send("NICK alice").await;
    client.send("USER alice 0 * :alice").await;
    while !client.next().await.contains(" 422 ") {}
    client.send("OPER al :coffee at five").await;
    assert!(client.next().await.starts_with(":irc.test 464 alice :"));
    client.send("OPER al :tea at five").await;
    client.expect([":irc.test 381 alice :You are now an IRC operator\r"]).await;
    assert!(client.next().await.ends_with(" MODE alice +o\r"));
    stop(running).await;
}

/// The hash of a password.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
                    USoky+2PlmRzszv6eTkf8g$sM2ZWgNIxRQOK856mBBer7tnNQu7Kff6RAZwo48zdBY";

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
