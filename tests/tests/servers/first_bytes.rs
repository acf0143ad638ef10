//! The first bytes of a connection over TCP: other protocols, health checks, and JSON clients whose
//! hello comes late.

use chat_runtime::chat_core::{Answer, Identity, Text};
use chat_runtime::chat_dialects::{AuthRequest, JsonDialect, TextDialect, TxtChatDialect};
use chat_runtime::{Authenticator, Hub, Running, Server, Unavailable, async_trait};
use chat_tests::{ANY_PORT, Client, PATIENCE, connections, sample, shards, stop};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use transport_tcp::{AutoDialects, TcpFrontEnd};

/// A server with a port of each kind.
struct Ports {
    running: Running,
    auto: SocketAddr,
    bracket: SocketAddr,
    star: SocketAddr,
    json: SocketAddr,
    txtchat: SocketAddr,
}

impl Ports {
    fn start() -> Self {
        Self::detecting_for(LONG)
    }

    /// Starts a server that greets silent clients after this time.
    fn detecting_for(time: Duration) -> Self {
        Self::serving(time, Server::new())
    }

    fn serving(time: Duration, server: Server) -> Self {
        let dialects = AutoDialects::new(
            TextDialect::bracket(),
            JsonDialect::default(),
            TxtChatDialect::new(7),
        );
        let free = "a free port";
        let auto = TcpFrontEnd::bind_auto(ANY_PORT, dialects).expect(free).detection_time(time);
        let bracket = TcpFrontEnd::bind(ANY_PORT, TextDialect::bracket()).expect(free);
        let bracket = bracket.detection_time(time);
        let star = TcpFrontEnd::bind(ANY_PORT, TextDialect::star()).expect(free);
        let json = TcpFrontEnd::bind(ANY_PORT, JsonDialect::default()).expect(free);
        let txtchat = TcpFrontEnd::bind(ANY_PORT, TxtChatDialect::new(7)).expect(free);
        let addresses = [&auto, &bracket, &star, &json, &txtchat].map(TcpFrontEnd::local_addr);
        let server = server.shards(shards());
        let server = server.front_end(auto).front_end(bracket).front_end(star);
        let running = server.front_end(json).front_end(txtchat).start();
        let [auto, bracket, star, json, txtchat] = addresses;
        Self { running, auto, bracket, star, json, txtchat }
    }

    fn all(&self) -> [SocketAddr; 5] {
        [self.auto, self.bracket, self.star, self.json, self.txtchat]
    }

    fn hub(&self) -> &Hub {
        self.running.hub()
    }

    /// Connects a JSON client in the lobby, which is told of everything that happens there.
    async fn bystander(&self) -> Client {
        let mut bystander = Client::tcp("bystander", self.json).await;
        bystander.join_lobby(r#"{"type":"hello","nickname":"bystander","version":2}"#).await;
        bystander
    }

    async fn refused(&self, reason: &str) -> u64 {
        let metrics = self.hub().metrics().await.expect("the server runs");
        sample(&metrics, &format!("chat_connections_refused_total{{reason=\"{reason}\"}}"))
    }

    async fn stop(self) {
        stop(self.running).await;
    }
}

/// Longer than any test waits: a port that answers within this time has not waited for more bytes.
const LONG: Duration = Duration::from_secs(3_600);

/// Sends bytes at once, and reads until the server closes the connection.
async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(bytes).await.expect("sent");
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut told)).await;
    read.expect("the server closes the connection").expect("no reset");
    String::from_utf8_lossy(&told).into_owned()
}

/// Returns a request that a foreign page can make a browser send.
fn request(first_line: &str) -> String {
    format!(
        "{first_line}\r\nHost: 127.0.0.1:7000\r\nOrigin: https://evil.example\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 99\r\n\r\n\
         /name visitor\nhello\nreg$visitor\n\
         {{\"type\":\"hello\",\"nickname\":\"visitor\"}}\n\
         {{\"type\":\"chat\",\"text\":\"hello\"}}\n"
    )
}

#[tokio::test]
async fn http_requests_are_refused_and_not_carried_out() {
    let ports = Ports::start();
    let mut bystander = ports.bystander().await;
    let long_target = format!("GET /{} HTTP/1.1", "x".repeat(20_000));
    let first_lines = [
        "POST / HTTP/1.1",
        "GET /ws HTTP/1.1",
        "WHATEVER http://[::1]:7000/?a=b HTTP/1.0",
        "PRI * HTTP/2.0",
        &long_target,
    ];
    for (port, address) in ports.all().into_iter().enumerate() {
        for first_line in first_lines {
            let answer = exchange(address, request(first_line).as_bytes()).await;
            // A prompt may have been sent before the request arrived.
            let answer = answer.trim_start_matches("Enter your name: ");
            let answer = answer.trim_start_matches("------Welcome to Txt Chat------\n");
            assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "port {port}: {answer}");
            assert_eq!(answer.lines().count(), 6, "port {port}: {answer}");
        }
    }
    bystander.expect_nothing_so_far().await;
    assert_eq!(ports.refused("http_request").await, 25);
    ports.stop().await;
}

#[tokio::test]
async fn http_request_on_a_greeted_connection_is_not_carried_out() {
    // Browsers open connections before they have a request for them.
    let ports = Ports::detecting_for(Duration::ZERO);
    let mut bystander = ports.bystander().await;
    for address in [ports.auto, ports.bracket] {
        let mut client = TcpStream::connect(address).await.expect("the server listens");
        let joined = bystander.expect_type("user_joined").await;
        client.write_all(request("POST / HTTP/1.1").as_bytes()).await.expect("sent");
        assert!(read_to_end(&mut client).await.contains("HTTP/1.1 400 Bad Request\r\n"));
        let left = bystander.expect_type("user_left").await;
        assert_eq!(joined["nickname"], left["nickname"], "and nothing between them");
    }
    bystander.expect_nothing_so_far().await;
    ports.stop().await;
}

#[tokio::test]
async fn other_protocols_are_closed_and_counted() {
    let ports = Ports::start();
    let mut bystander = ports.bystander().await;
    for (reason, bytes, answer) in [
        ("tls_handshake", &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], "\x15\x03\x01"),
        ("ssh", b"SSH-2.0-OpenSSH_9.2p1\r\n", "This port is for chat"),
        ("proxy_header", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello\r\n", "[proxy] trusted"),
        ("proxy_header", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "[proxy] trusted"),
    ] {
        let before = ports.refused(reason).await;
        for address in ports.all() {
            let told = exchange(address, bytes).await;
            assert!(told.contains(answer), "{told:?}");
        }
        assert_eq!(ports.refused(reason).await, before + 5, "{reason}");
    }
    bystander.expect_nothing_so_far().await;
    ports.stop().await;
}

#[tokio::test]
async fn health_check_is_not_announced() {
    let ports = Ports::start();
    let mut bystander = ports.bystander().await;
    for address in ports.all() {
        drop(TcpStream::connect(address).await.expect("the server listens"));
        // The server sees a reset instead of an end.
        let reset = TcpStream::connect(address).await.expect("the server listens");
        reset.set_zero_linger().expect("an open socket");
        drop(reset);
        let mut half_closed = TcpStream::connect(address).await.expect("the server listens");
        half_closed.shutdown().await.expect("an open socket");
        read_to_end(&mut half_closed).await;
    }
    connections(ports.hub(), 1).await;
    bystander.expect_nothing_so_far().await;
    ports.stop().await;
}

#[tokio::test]
async fn silent_client_is_greeted_after_the_detection_time() {
    let ports = Ports::detecting_for(Duration::from_millis(1));
    for (address, name) in [(ports.auto, "user1"), (ports.bracket, "user2")] {
        let mut person = Client::tcp(name, address).await;
        person.expect([format!("* {name} joined the chat")]).await;
        person.send("/quit").await;
        person.expect(["Goodbye!"]).await;
    }
    ports.stop().await;
}

#[tokio::test]
async fn prompt_is_sent_without_waiting() {
    let ports = Ports::start();
    let mut person = Client::tcp("person", ports.star).await;
    person.expect_prompt("Enter your name: ").await;
    ports.stop().await;
}

const HELLO: &str = r#"{"type":"hello","nickname":"bot","version":2,"token":"s3cret"}"#;

#[tokio::test]
async fn hello_after_the_greeting_switches_to_json_and_is_no_message() {
    let ports = Ports::detecting_for(Duration::ZERO);
    let mut bystander = ports.bystander().await;
    let mut late = Client::tcp("late", ports.auto).await;
    late.expect(["* user1 joined the chat", "* bystander joined the chat"]).await;
    bystander.expect_type("user_joined").await;
    late.send(format!("{HELLO}\n{{\"type\":\"chat\",\"text\":\"beep\"}}")).await;
    let left = bystander.expect_type("user_left").await;
    assert_eq!(left["nickname"], "user1");
    let joined = bystander.expect_type("user_joined").await;
    assert_eq!(joined["nickname"], "bot");
    let said = bystander.expect_type("chat").await;
    assert_eq!((&said["nickname"], &said["text"]), (&"bot".into(), &"beep".into()));
    bystander.expect_nothing_so_far().await;
    late.expect_type("welcome").await;
    late.expect_type("roster").await;
    late.expect_type("ack").await;
    late.expect_type("chat").await;
    late.send(r#"{"type":"history","channel":"lobby","ref":"h"}"#).await;
    let history = late.expect_type("history").await;
    assert_eq!(history["messages"].as_array().map(Vec::len), Some(1), "{history}");
    ports.stop().await;
}

/// An authenticator that accepts one token, and refuses everything else.
struct OneToken;

#[async_trait]
impl Authenticator for OneToken {
    async fn authenticate(&self, request: &AuthRequest) -> Result<Answer, Unavailable> {
        let is_right = request.token.as_ref().is_some_and(|token| token.expose() == "s3cret");
        Ok(match is_right {
            true => Answer::Account(Identity::new("bot")),
            false => Answer::Refused(Text::clean("a token is wanted")),
        })
    }
}

#[tokio::test]
async fn json_client_with_a_late_token_is_not_refused_as_a_guest() {
    let server = Server::new().authenticator(OneToken);
    let ports = Ports::serving(Duration::ZERO, server);
    let mut program = Client::tcp("program", ports.auto).await;
    // The server has accepted the connection, and does not treat the silent client as a guest of
    // the text dialect.
    connections(ports.hub(), 1).await;
    program.send(HELLO).await;
    program.expect_type("welcome").await;
    ports.stop().await;
}

#[tokio::test]
async fn byte_order_mark_and_white_space_before_a_hello_are_skipped() {
    let ports = Ports::start();
    let mut bystander = ports.bystander().await;
    for start in ["\u{feff}", " ", "\t", "\n", "\r\n\r\n", "\u{feff}\n \t"] {
        for address in [ports.auto, ports.json] {
            let mut program = Client::tcp("program", address).await;
            program.send(format!("{start}{HELLO}")).await;
            program.expect_type("welcome").await;
            bystander.expect_type("user_joined").await;
            program.send(r#"{"type":"quit"}"#).await;
            bystander.expect_type("user_left").await;
        }
    }
    ports.stop().await;
}

#[tokio::test]
async fn byte_order_mark_at_the_start_is_skipped_in_every_dialect() {
    let ports = Ports::start();
    let mut bystander = ports.bystander().await;
    for address in [ports.auto, ports.bracket] {
        let mut person = Client::tcp("person", address).await;
        person.send("\u{feff}/name visitor\nhi").await;
        bystander.expect_type("user_joined").await;
        bystander.expect_type("renamed").await;
        assert_eq!(bystander.expect_type("chat").await["text"], "hi");
        drop(person);
        bystander.expect_type("user_left").await;
    }
    let mut named = Client::tcp("named", ports.star).await;
    named.send("\u{feff}visitor").await;
    assert_eq!(bystander.expect_type("user_joined").await["nickname"], "visitor");
    drop(named);
    bystander.expect_type("user_left").await;
    let mut older = Client::tcp("older", ports.txtchat).await;
    older.expect(["------Welcome to Txt Chat------"]).await;
    older.send("\u{feff}reg$older").await;
    let id = older.next().await;
    assert!(id.starts_with("127.0.0.1:"), "{id}");
    ports.stop().await;
}

#[tokio::test]
async fn hello_on_a_text_port_is_answered_and_is_no_message() {
    let ports = Ports::detecting_for(Duration::ZERO);
    let mut bystander = ports.bystander().await;
    let mut program = Client::tcp("program", ports.bracket).await;
    bystander.expect_type("user_joined").await;
    program.send(HELLO).await;
    bystander.expect_type("user_left").await;
    bystander.expect_nothing_so_far().await;
    program.expect(["* user1 joined the chat", "* bystander joined the chat"]).await;
    let error = program.expect_error("bad_request").await;
    assert!(error["message"].as_str().is_some_and(|text| text.contains("tcp+json://")), "{error}");
    program.expect_closed().await;
    ports.stop().await;
}

#[tokio::test]
async fn line_with_a_token_is_never_sent_as_a_message() {
    let ports = Ports::detecting_for(Duration::ZERO);
    let mut bystander = ports.bystander().await;
    for address in [ports.auto, ports.bracket] {
        let mut person = Client::tcp("person", address).await;
        bystander.expect_type("user_joined").await;
        person.send(format!("hi\n{HELLO}\n{{\"type\":\"hello\"}}")).await;
        assert_eq!(bystander.expect_type("chat").await["text"], "hi");
        let said = bystander.expect_type("chat").await;
        assert_eq!(said["text"], r#"{"type":"hello"}"#, "without a token it is only a text");
        while !person.next().await.starts_with("That line has a token in it and was not said.") {}
        drop(person);
        bystander.expect_type("user_left").await;
    }
    bystander.expect_nothing_so_far().await;
    ports.stop().await;
}
