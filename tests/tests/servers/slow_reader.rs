//! A slow reader does not delay others, and is told how many messages it has missed.

use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_dialects::SlowConsumer;
use chat_tests::{Client, Setup, TestServer};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

#[tokio::test]
async fn slow_reader_is_told_how_much_it_missed_in_json() {
    let server = server(SlowConsumer::Lag);
    let mut speaker = server.member("speaker").await;
    let mut slow = slow_tcp(server.json_address()).await;
    slow.join_lobby(r#"{"type":"hello","nickname":"slow","version":2}"#).await;
    speaker.expect_type("user_joined").await;

    speak(&mut speaker, 0..MANY).await;
    read_all(&mut slow).await;

    // Messages after the gap arrive in order.
    speak(&mut speaker, MANY..MANY + 10).await;
    for number in MANY..MANY + 10 {
        let object = slow.expect_type("chat").await;
        assert_eq!(number_of(object["text"].as_str().expect("a text")), number);
    }
    slow.expect_nothing_so_far().await;
}

#[tokio::test]
async fn slow_reader_is_told_how_much_it_missed_in_version_1() {
    let server = server(SlowConsumer::Lag);
    let mut speaker = server.member("speaker").await;
    let mut slow = slow_tcp(server.json_address()).await;
    slow.join_lobby(r#"{"type":"hello","nickname":"slow"}"#).await;
    speaker.expect_type("user_joined").await;

    speak(&mut speaker, 0..MANY).await;
    let mut position = Position::default();
    while position.reached < MANY {
        let object = slow.next_json().await;
        if object["type"] == "chat" {
            position.hear(object["text"].as_str().expect("a text"));
            continue;
        }
        let missed = object["message"]
            .as_str()
            .and_then(|message| message.strip_prefix("you are behind by "))
            .and_then(|message| message.strip_suffix(" messages; consider reconnecting"))
            .unwrap_or_else(|| panic!("did not expect {object}"));
        position.miss(missed.parse().expect("a number"));
    }
    position.check();
}

#[tokio::test]
async fn slow_reader_is_told_how_much_it_missed_in_text() {
    let server = server(SlowConsumer::Lag);
    let mut speaker = server.member("speaker").await;
    let mut slow = slow_tcp(server.bracket_address()).await;
    slow.expect(["* user1 joined the chat", "* speaker joined the chat"]).await;
    speaker.expect_type("user_joined").await;

    speak(&mut speaker, 0..MANY).await;
    let mut position = Position::default();
    while position.reached < MANY {
        let line = slow.next().await;
        let missed = line.strip_prefix("[missed ").and_then(|rest| rest.strip_suffix(" messages]"));
        match missed {
            Some(missed) => position.miss(missed.parse().expect("a number")),
            None => position.hear(line.strip_prefix("[speaker]: ").expect("a message")),
        }
    }
    position.check();
    speak(&mut speaker, MANY..MANY + 1).await;
    slow.expect([format!("[speaker]: {}", text(MANY))]).await;
}

#[tokio::test]
async fn slow_reader_is_told_how_much_it_missed_over_web_socket() {
    let server = server(SlowConsumer::Lag);
    let mut speaker = server.member("speaker").await;
    let stream = slow_stream(server.ws_address()).await;
    let mut slow = Client::web_socket_on("slow", stream, Some("chat.json")).await;
    slow.join_lobby(r#"{"type":"hello","nickname":"slow","version":2}"#).await;
    speaker.expect_type("user_joined").await;

    speak(&mut speaker, 0..MANY).await;
    read_all(&mut slow).await;
    speak(&mut speaker, MANY..MANY + 1).await;
    assert_eq!(slow.expect_type("chat").await["text"], text(MANY));
}

#[tokio::test]
async fn slow_reader_is_disconnected_if_configured() {
    let server = server(SlowConsumer::Disconnect);
    let mut speaker = server.member("speaker").await;
    let mut slow = slow_tcp(server.bracket_address()).await;
    slow.expect(["* user1 joined the chat", "* speaker joined the chat"]).await;
    speaker.expect_type("user_joined").await;

    // The speaker is told when the slow reader is disconnected; the slow reader has missed the
    // messages after the last one that was queued.
    let mut said = 0;
    let mut gone = false;
    while !gone {
        assert!(said < MANY, "the queue of the slow reader never fills");
        speaker.send(format!(r#"{{"type":"chat","text":"{}"}}"#, text(said))).await;
        said += 1;
        speaker.expect_type("ack").await;
        speaker.expect_type("chat").await;
        speaker.send(r#"{"type":"ping"}"#).await;
        loop {
            let object = speaker.next_json().await;
            match object["type"].as_str() {
                Some("pong") => break,
                Some("user_left") => {
                    assert_eq!(object["nickname"], "user1");
                    assert_eq!(object["reason"], "too slow");
                    gone = true;
                }
                _ => panic!("did not expect {object}"),
            }
        }
    }
    let mut heard = 0;
    loop {
        let line = slow.next().await;
        let Some(text) = line.strip_prefix("[speaker]: ") else {
            // The number of missed messages, followed by the reason of the close.
            assert_eq!(line, format!("[missed {} messages]", said - heard));
            break;
        };
        assert_eq!(number_of(text), heard);
        heard += 1;
    }
    slow.expect(["You read too slowly. Goodbye!"]).await;
    slow.expect_closed().await;
}

#[tokio::test]
async fn client_that_accepts_no_bytes_is_disconnected() {
    let limits = Limits { write_stall: Duration::from_millis(200), ..limits() };
    let config = Config { commands_per_second: 0, ..Config::default() };
    let server = Setup::default().config(config).limits(limits).start();
    let mut speaker = server.member("speaker").await;
    let mut slow = slow_tcp(server.bracket_address()).await;
    slow.expect(["* user1 joined the chat", "* speaker joined the chat"]).await;
    speaker.expect_type("user_joined").await;
    let mut left = None;
    for number in 0..MANY {
        speaker.send(format!(r#"{{"type":"chat","text":"{}"}}"#, text(number))).await;
        loop {
            let object = speaker.next_json().await;
            match object["type"].as_str() {
                Some("ack") => {}
                Some("chat") => break,
                _ => left = Some(object),
            }
        }
    }
    let left = match left {
        Some(left) => left,
        None => speaker.next_json().await,
    };
    let expected =
        r#"{"type":"user_left","channel":"lobby","nickname":"user1","reason":"too slow"}"#;
    assert_eq!(left, serde_json::from_str::<serde_json::Value>(expected).expect("JSON"));
}

/// A reader's position among the sent messages, each received or reported as missed.
#[derive(Debug, Default)]
struct Position {
    reached: u64,
    heard: u64,
    missed: u64,
}

impl Position {
    fn hear(&mut self, text: &str) {
        assert_eq!(number_of(text), self.reached, "in order, and nothing missed without notice");
        self.reached += 1;
        self.heard += 1;
    }

    fn miss(&mut self, missed: u64) {
        self.reached += missed;
        self.missed += missed;
    }

    fn check(&self) {
        assert_eq!(self.heard + self.missed, MANY);
        assert!(self.missed > 0, "nothing was missed: the test sends too little");
        assert!(self.heard > 0);
    }
}

/// Sends messages, each when the echo of the one before has arrived: slow readers do not delay the
/// speaker.
async fn speak(speaker: &mut Client, numbers: Range<u64>) {
    for number in numbers {
        let text = text(number);
        speaker.send(format!(r#"{{"type":"chat","text":"{text}"}}"#)).await;
        speaker.expect_type("ack").await;
        assert_eq!(speaker.expect_type("chat").await["text"], text);
    }
}

/// Reads the first [`MANY`] messages in JSON version 2, each received or reported as missed.
async fn read_all(slow: &mut Client) {
    let mut position = Position::default();
    while position.reached < MANY {
        let object = slow.next_json().await;
        match object["type"].as_str() {
            Some("chat") => position.hear(object["text"].as_str().expect("a text")),
            Some("lagged") => position.miss(object["missed"].as_u64().expect("a number")),
            _ => panic!("did not expect {object}"),
        }
    }
    position.check();
}

/// Returns a long message with a number.
fn text(number: u64) -> String {
    format!("{number:08} {}", "x".repeat(4_000))
}

fn number_of(text: &str) -> u64 {
    text[..8].parse().expect("a number at the beginning")
}

fn server(slow_consumer: SlowConsumer) -> TestServer {
    let config = Config { commands_per_second: 0, ..Config::default() };
    let limits = Limits { slow_consumer, ..limits() };
    Setup::default().config(config).limits(limits).start()
}

/// Limits with short queues and very long write timeouts.
fn limits() -> Limits {
    Limits {
        queue_frames: 20,
        write_stall: Duration::from_secs(3_600),
        drain: Duration::from_secs(3_600),
        ..Limits::default()
    }
}

/// Connects a client with a small receive buffer.
async fn slow_tcp(address: SocketAddr) -> Client {
    Client::of_stream("slow", slow_stream(address).await)
}

/// Connects with a small receive buffer.
pub(crate) async fn slow_stream(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(8_192).expect("a small buffer");
    socket.connect(address).await.expect("the server listens")
}

/// More messages than the sockets' buffers hold: 16 MB at 4 KB each.
const MANY: u64 = 4_000;
