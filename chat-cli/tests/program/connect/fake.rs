//! Servers that do what a real one does not, or does rarely.

use crate::connect::process::PATIENCE;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

/// A server for one connection, or a few one after the other.
pub(crate) struct Fake {
    pub(crate) url: String,
    thread: JoinHandle<()>,
}

/// A connection on which a frame is a line.
pub(crate) struct Peer {
    lines: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Fake {
    /// One that speaks lines.
    pub(crate) fn lines(serve: impl FnOnce(Peer) + Send + 'static) -> Self {
        Self::start("tcp+json", |stream| {
            let lines = BufReader::new(stream.try_clone().expect("an open connection"));
            serve(Peer { lines, stream });
        })
    }

    /// One that speaks WebSocket, welcomes the client into the lobby, waits until it says
    /// something, and closes.
    pub(crate) fn closes_with(frame: Option<CloseFrame>) -> Self {
        Self::start("ws", |stream| {
            #[expect(clippy::result_large_err, reason = "the library decides what an error is")]
            let accept = |_: &Request, mut response: Response| {
                let protocol = HeaderValue::from_static("chat.json");
                response.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
                Ok(response)
            };
            let mut socket = accept_hdr(stream, accept).expect("a WebSocket");
            let hello = socket.read().expect("a hello").into_text().expect("text");
            for frame in welcome(&hello) {
                socket.send(Message::text(frame)).expect("an open connection");
            }
            socket.read().expect("something that is said");
            socket.close(frame).expect("an open connection");
            drain(socket);
        })
    }

    /// One that speaks lines, and serves each connection with the next number.
    pub(crate) fn lines_again(
        times: usize,
        mut serve: impl FnMut(usize, Peer) + Send + 'static,
    ) -> Self {
        Self::start_again("tcp+json", times, move |number, stream| {
            let lines = BufReader::new(stream.try_clone().expect("an open connection"));
            serve(number, Peer { lines, stream });
        })
    }

    fn start(scheme: &str, serve: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        let mut serve = Some(serve);
        Self::start_again(scheme, 1, move |_, stream| {
            serve.take().expect("one connection")(stream);
        })
    }

    fn start_again(
        scheme: &str,
        times: usize,
        mut serve: impl FnMut(usize, TcpStream) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let thread = thread::spawn(move || {
            for number in 0..times {
                let (stream, _) = listener.accept().expect("a client");
                stream.set_read_timeout(Some(PATIENCE)).expect("an open connection");
                serve(number, stream);
            }
        });
        Self { url, thread }
    }

    /// Expects that everything went as it should.
    pub(crate) fn ends_well(self) {
        self.thread.join().expect("the server has no complaint");
    }
}

impl Peer {
    /// Welcomes the client into the lobby. Returns its `hello`.
    pub(crate) fn welcomes(&mut self) -> Value {
        let hello = self.hears();
        welcome(&hello.to_string()).iter().for_each(|frame| self.says(frame));
        hello
    }

    /// What the client sends next.
    pub(crate) fn hears(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line in time");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    pub(crate) fn says(&mut self, frame: &str) {
        writeln!(self.stream, "{frame}").expect("an open connection");
    }

    /// Answers the client's goodbye.
    pub(crate) fn says_goodbye(mut self) {
        let quit = self.hears();
        assert_eq!(quit["type"], "quit");
        self.says(&format!(r#"{{"type":"goodbye","ref":{}}}"#, quit["ref"]));
        self.waits_for_the_end();
    }

    /// Waits until the client closes the connection.
    pub(crate) fn waits_for_the_end(mut self) {
        self.drain();
    }

    fn drain(&mut self) {
        let mut line = String::new();
        while self.lines.read_line(&mut line).is_ok_and(|count| count > 0) {
            line.clear();
        }
    }
}

/// Ends the connection in order. A socket that is dropped with something unread in it resets the
/// connection, and the client may lose what it was sent last.
impl Drop for Peer {
    fn drop(&mut self) {
        if self.stream.shutdown(Shutdown::Write).is_ok() {
            self.drain();
        }
    }
}

fn welcome(hello: &str) -> [String; 2] {
    let hello: Value = serde_json::from_str(hello).expect("JSON");
    let (nickname, reference) = (&hello["nickname"], &hello["ref"]);
    [
        format!(r#"{{"type":"welcome","nickname":{nickname},"session":1,"ref":{reference}}}"#),
        format!(
            r#"{{"type":"roster","channel":"lobby","topic":null,"count":1,"members":[{{"nickname":{nickname},"role":"member"}}]}}"#
        ),
    ]
}

fn drain(mut socket: WebSocket<TcpStream>) {
    while socket.read().is_ok() {}
}
