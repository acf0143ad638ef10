//! What an idle connection costs the server in memory: `cargo bench -p chat-cli --bench idle`.
//!
//! Resident memory of a server of its own, before and after 5,000 connections of each kind, divided by their number.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn main() {
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files");
    println!("| 5,000 idle connections | bytes resident, each |\n| --- | --- |");
    for kind in [Kind::Text, Kind::Json, Kind::WebSocket] {
        println!("| {} | {} |", kind.name(), measure(kind));
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Json,
    WebSocket,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "TCP, text, with a name",
            Self::Json => "TCP, JSON version 2, with a name",
            Self::WebSocket => "WebSocket, JSON version 2, with a name",
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Text => "tcp+text",
            Self::Json => "tcp+json",
            Self::WebSocket => "ws",
        }
    }

    /// Connects, takes a name, and leaves the lobby to those who want it.
    fn connect(self, address: &str, number: usize) -> TcpStream {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        let hello =
            format!(r#"{{"type":"hello","nickname":"n{number}","version":2,"lobby":false}}"#);
        match self {
            Self::Text => {}
            Self::Json => writeln!(stream, "{hello}").expect("an open socket"),
            Self::WebSocket => {
                let head = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    Sec-WebSocket-Protocol: chat.json\r\n\r\n";
                stream.write_all(head.as_bytes()).expect("an open socket");
                assert!(read(&mut stream).starts_with(b"HTTP/1.1 101"));
                let length = u8::try_from(hello.len()).expect("a short frame");
                let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], hello.as_bytes()].concat();
                stream.write_all(&frame).expect("an open socket");
            }
        }
        assert!(!read(&mut stream).is_empty());
        stream
    }
}

fn measure(kind: Kind) -> usize {
    let (mut server, address) = start(kind.scheme());
    // What the first few cost is the server's own.
    let mut connections: Vec<_> = (0..100).map(|number| kind.connect(&address, number)).collect();
    let before = resident(&server);
    connections.extend((100..100 + COUNT).map(|number| kind.connect(&address, number)));
    let each = resident(&server).saturating_sub(before) / COUNT;
    drop(connections);
    server.kill().expect("it runs");
    server.wait().expect("it has ended");
    each
}

fn start(scheme: &str) -> (Child, String) {
    let config = std::env::temp_dir().join(format!("chat-idle-{}.toml", std::process::id()));
    // A text client is in the lobby at once: what is measured is not how many are told of how many.
    fs::write(&config, "[limits]\nannounce_up_to = 0\nlisting = 1\n").expect("a file");
    let mut server = Command::new(env!("CARGO_BIN_EXE_chat"))
        .args(["serve", "--listen", &format!("{scheme}://127.0.0.1:0"), "--config"])
        .arg(&config)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    let stdout = server.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once("://").expect("a URL").1.to_owned();
    fs::remove_file(config).expect("the file");
    (server, address)
}

fn read(stream: &mut TcpStream) -> Vec<u8> {
    let mut some = [0; 4_096];
    let count = stream.read(&mut some).expect("an open socket");
    some[..count].to_vec()
}

fn resident(server: &Child) -> usize {
    let statm = fs::read_to_string(format!("/proc/{}/statm", server.id())).expect("Linux");
    let pages: usize = statm.split(' ').nth(1).expect("a field").parse().expect("a number");
    pages * 4_096
}

const COUNT: usize = 5_000;
