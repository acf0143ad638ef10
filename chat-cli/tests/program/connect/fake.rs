//! Fake servers, for behaviour that the real server does not show or shows rarely.

use chat_tests::PATIENCE;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

/// A fake server for one connection, or for several in sequence.
pub(crate) struct FakeServer {
    pub(crate) url: String,
    thread: JoinHandle<()>,
}

/// A connection on which each frame is a line.
pub(crate) struct Peer {
    lines: BufReader<TcpStream>,
    stream: TcpStream,
}

impl FakeServer {
    /// Starts a server for lines.
    pub(crate) fn lines(serve: impl FnOnce(Peer) + Send + 'static) -> Self {
        Self::start("tcp+json", |stream| {
            let lines = BufReader::new(stream.try_clone().expect("an open connection"));
            serve(Peer { lines, stream });
        })
    }

    /// Starts a server for WebSocket, which welcomes the client into the lobby, waits for a
    /// message, and closes.
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
            socket.read().expect("a message");
            socket.close(frame).expect("an open connection");
            drain(socket);
        })
    }

    /// Starts a server for lines, which serves several connections and passes their number.
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

    /// Waits for the server's thread, and expects that it did not panic.
    pub(crate) fn ends_well(self) {
        self.thread.join().expect("the server did not panic");
    }
}

impl Peer {
    /// Welcomes the client into the lobby. Returns its `hello`.
    pub(crate) fn welcome(&mut self) -> Value {
        let hello = self.receive();
        // With one write, because the client may end the connection after the first frame.
        self.send(&welcome(&hello.to_string()).join("\n"));
        hello
    }

    /// Receives the client's next frame.
    pub(crate) fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line in time");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    pub(crate) fn send(&mut self, frame: &str) {
        writeln!(self.stream, "{frame}").expect("an open connection");
    }

    /// Answers the client's goodbye.
    pub(crate) fn answer_quit(mut self) {
        let quit = self.receive();
        assert_eq!(quit["type"], "quit");
        self.send(&format!(r#"{{"type":"goodbye","ref":{}}}"#, quit["ref"]));
        self.wait_for_the_end();
    }

    /// Waits until the client closes the connection.
    pub(crate) fn wait_for_the_end(mut self) {
        self.drain();
    }

    fn drain(&mut self) {
        let mut line = String::new();
        while self.lines.read_line(&mut line).is_ok_and(|count| count > 0) {
            line.clear();
        }
    }
}

/// Closes the connection in order. Dropping a socket with unread input resets the connection, and
/// the client may lose the last frames.
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
    let members = format!(r#"[{{"nickname":{nickname},"role":"member"}}]"#);
    [
        format!(r#"{{"type":"welcome","nickname":{nickname},"session":1,"ref":{reference}}}"#),
        format!(
            r#"{{"type":"roster","channel":"lobby","topic":null,"count":1,"members":{members}}}"#
        ),
    ]
}

fn drain(mut socket: WebSocket<TcpStream>) {
    while socket.read().is_ok() {}
}
