//! Telnet clients: negotiation, Ctrl+C, and clients that send each key at once.

use chat_tests::{Client, PATIENCE, TestServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Connects a telnet client, whose bytes are compared exactly, and a JSON client, both in the
/// lobby.
async fn meet(server: &TestServer) -> (TcpStream, Client) {
    let mut bystander = server.member("bystander").await;
    let mut telnet = TcpStream::connect(server.bracket_address()).await.expect("it listens");
    bystander.expect_type("user_joined").await;
    expect(&mut telnet, b"* user1 joined the chat\n* bystander joined the chat\n").await;
    (telnet, bystander)
}

async fn expect(telnet: &mut TcpStream, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    let read = timeout(PATIENCE, telnet.read_exact(&mut bytes)).await;
    read.expect("an answer in time").expect("the connection goes on");
    assert_eq!(bytes.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

async fn send(telnet: &mut TcpStream, bytes: &[u8]) {
    telnet.write_all(bytes).await.expect("the connection goes on");
}

#[tokio::test]
async fn telnet_options_are_refused_before_a_line_ends() {
    let server = TestServer::start();
    let (mut telnet, mut bystander) = meet(&server).await;
    // WILL TERMINAL-TYPE, DO SUPPRESS-GO-AHEAD, DO ECHO, and once more.
    send(&mut telnet, b"\xff\xfb\x18\xff\xfd\x03\xff\xfd\x01\xff\xfb\x18\xff\xfd\x03\xff\xfd\x01")
        .await;
    expect(&mut telnet, b"\xff\xfe\x18\xff\xfc\x03\xff\xfc\x01").await;
    // WONT and DONT, a terminal type, and a window of 80 × 10, which has a line end among its
    // bytes.
    send(&mut telnet, b"\xff\xfc\x01\xff\xfe\x03\xff\xfa\x18\x00xterm\xff\xf0").await;
    send(&mut telnet, b"\xff\xfa\x1f\x00\x50\x00\x0a\xff\xf0hello\xff\xf1 there\r\n").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "hello there");
    send(&mut telnet, b"/dance\r\n").await;
    expect(&mut telnet, b"Unknown command. Type /help for available commands.\n").await;
}

#[tokio::test]
async fn control_c_is_answered_each_time() {
    let server = TestServer::start();
    let (mut telnet, mut bystander) = meet(&server).await;
    for _ in 0..3 {
        // Interrupt Process and DO TIMING-MARK: all output is discarded until the mark is answered.
        send(&mut telnet, b"\xff\xf4\xff\xfd\x06").await;
        expect(&mut telnet, b"\xff\xfc\x06").await;
    }
    send(&mut telnet, b"still here\r\n").await;
    assert_eq!(bystander.expect_type("chat").await["text"], "still here");
}

#[tokio::test]
async fn are_you_there_is_answered_with_a_line() {
    let server = TestServer::start();
    let (mut telnet, mut bystander) = meet(&server).await;
    send(&mut telnet, b"\xff\xf6").await;
    expect(&mut telnet, b"[yes, the server is here]\n").await;
    bystander.expect_nothing_so_far().await;
}

#[tokio::test]
async fn keys_of_a_terminal_end_and_edit_a_line() {
    let server = TestServer::start();
    let (mut telnet, mut bystander) = meet(&server).await;
    for (keys, text) in [
        (&b"carriage return and NUL\r\0"[..], "carriage return and NUL"),
        (b"helo\x08lo\r\n", "hello"),
        (b"helo\x7flo\r\0", "hello"),
        (b"caf\xc3\xa9\x08e\r\n", "cafe"),
        (b"x\x08\x08\x08y\r\n", "y"),
        (b"secret\x15public\r\n", "public"),
        // Erase Character and Erase Line.
        (b"helo\xff\xf7lo\r\n", "hello"),
        (b"secret\xff\xf8public\r\n", "public"),
        // Ctrl+C, as a byte and as Interrupt Process.
        (b"half typed\x03public\r\n", "public"),
        (b"half typed\xff\xf4public\r\n", "public"),
    ] {
        // Each key as it is pressed.
        for key in keys {
            send(&mut telnet, &[*key]).await;
        }
        assert_eq!(bystander.expect_type("chat").await["text"], text);
    }
}

#[tokio::test]
async fn json_has_no_telnet_commands() {
    let server = TestServer::start();
    let mut json = server.json("json").await;
    json.send_bytes(b"\xff\xfd\x06\n").await;
    json.expect([r#"{"type":"error","message":"line is not valid UTF-8"}"#]).await;
}
