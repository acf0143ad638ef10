//! Fuzzes the frames that a client sends after the upgrade to WebSocket, with the real socket task
//! and engine task.

use crate::START;
use crate::harness::{ClientDialect, check};
use crate::socket::{Messages, serve_socket};
use arbitrary::{Result, Unstructured};
use chat_core::{Command, Event, Peer, Recipient, Timestamp};
use chat_runtime::{Cloak, Clock, Connection, Hub, Server, SessionEvent};
use futures::future::BoxFuture;
use std::io::{self, Cursor, Read, Write};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tungstenite::error::ProtocolError;
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::{Error, Message};

/// Checks that the connection ends, that the server sends valid WebSocket messages which are safe
/// to show, that another session goes on, and that memory is bounded.
pub fn websocket(data: &[u8]) {
    let used = allocation_counter::measure(|| {
        // Inputs that are too short for a client are skipped.
        if let Ok(client) = Client::read(&mut Unstructured::new(data)) {
            tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime without I/O")
                .block_on(serve(client));
        }
    });
    assert!(used.bytes_max < MAX_BYTES, "{} bytes were in use at once", used.bytes_max);
}

/// The plan of a client.
#[derive(Debug)]
struct Client {
    json: bool,
    /// True if it reads while it is still sending.
    reads: bool,
    /// True if it shuts down its sending half at the end; otherwise it stays silent.
    hangs_up: bool,
    /// The number of bytes that the connection buffers in each direction.
    buffer: usize,
    /// Bytes that arrived together with the upgrade request.
    early: Vec<u8>,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Send(Vec<u8>),
    Wait(Duration),
}

impl Client {
    fn read(source: &mut Unstructured<'_>) -> Result<Self> {
        let options: u8 = source.arbitrary()?;
        let mut client = Self {
            json: options & 1 != 0,
            hangs_up: options & 2 == 0,
            reads: options & 4 == 0,
            buffer: if options & 8 == 0 { 4_096 } else { 7 },
            early: Vec::new(),
            steps: Vec::new(),
        };
        while !source.is_empty() && client.steps.len() < MAX_STEPS {
            client.steps.push(step(source)?);
        }
        if options & 16 != 0
            && let Some(Step::Send(bytes)) = client.steps.first_mut()
        {
            client.early = std::mem::take(bytes);
        }
        Ok(client)
    }
}

fn step(source: &mut Unstructured<'_>) -> Result<Step> {
    Ok(match source.int_in_range(0..=15u8)? {
        0 => Step::Wait(Duration::from_millis(source.arbitrary::<u16>()?.into())),
        1 => Step::Send(source.arbitrary::<&[u8]>()?.to_vec()),
        _ => Step::Send(frame(source)?),
    })
}

/// Returns a frame (RFC 6455 §5.2), valid in most cases.
fn frame(source: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut first =
        *source.choose(&[TEXT, TEXT, BEGIN, MIDDLE, END, PING, PONG, CLOSE, BINARY, 0])?;
    if first == 0 && source.arbitrary()? {
        first = source.arbitrary()?;
    }
    let mut payload = match source.int_in_range(0..=7u8)? {
        0 => source.arbitrary::<&[u8]>()?.to_vec(),
        1 => vec![b'x'; usize::from(source.arbitrary::<u16>()?) + 1_000],
        _ => source.choose(PAYLOADS)?.to_vec(),
    };
    let (how_long, claimed) = match source.int_in_range(0..=15u8)? {
        0 => (source.arbitrary::<u8>()? & 0x7f, source.arbitrary()?),
        1 => (126, payload.len() as u64),
        2 => (127, payload.len() as u64),
        _ => match payload.len() {
            length @ 0..=125 => (length as u8, 0),
            length @ 126..=0xffff => (126, length as u64),
            length => (127, length as u64),
        },
    };
    let mask: Option<[u8; 4]> = match source.int_in_range(0..=15u8)? {
        0 => None,
        1 => Some(source.arbitrary()?),
        _ => Some([0; 4]),
    };

    let mut frame = vec![first, how_long | if mask.is_some() { 0x80 } else { 0 }];
    match how_long {
        126 => frame.extend_from_slice(&(claimed as u16).to_be_bytes()),
        127 => frame.extend_from_slice(&claimed.to_be_bytes()),
        _ => {}
    }
    if let Some(mask) = mask {
        frame.extend_from_slice(&mask);
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    }
    frame.append(&mut payload);
    Ok(frame)
}

async fn serve(client: Client) {
    let server = Server::new().clock(PausedClock(Instant::now())).cloak(Cloak::none()).start();
    let hub = server.hub();
    let mut bystander = hub.open_in_process(Peer::default()).await.expect("it runs");
    let name = Command::identify("bystander");
    bystander.command(name).await.expect("it runs");

    let dialect = if client.json {
        ClientDialect::json()
    } else {
        ClientDialect::text(chat_dialects::Style::plain())
    };
    let (near, far) = duplex(client.buffer);
    let sent = timeout(MAX_DURATION, async {
        let (sent, ()) = tokio::join!(
            run_client(near, &client),
            serve_server_end(hub, far, &dialect, client.early.clone())
        );
        sent
    });
    let sent = sent.await.expect("the connection does not end");
    // A client that hangs up without a close frame gets none either; nor does a client that does
    // not read in time.
    let expects_close = client.reads && !client.hangs_up;
    check_sent(&dialect, sent, expects_close);

    let sessions = hub.look(|view| view.session_count()).await.expect("it runs");
    assert_eq!(sessions, 1, "the session has not ended with its connection");
    let to = Recipient::Channel("lobby".into());
    let say = Command::Say {
        to,
        kind: Default::default(),
        text: "still here".into(),
        nonce: None,
        data: Default::default(),
        reply_to: None,
    };
    bystander.command(say).await.expect("it runs");
    while let Some(told) = bystander.next().await {
        if matches!(told, SessionEvent::Reply { event: Event::Sent { .. }, .. }) {
            break;
        }
    }
    server.stop();
    server.wait().await.expect("nothing has failed");
}

async fn serve_server_end(
    hub: &Hub,
    stream: DuplexStream,
    dialect: &ClientDialect,
    early: Vec<u8>,
) {
    let dialect = dialect.dialect();
    let permit = hub.admit(None).expect("there is room");
    let connection = Connection { transport: "ws", peer: Peer::default(), dialect, permit };
    let early = bytes::BytesMut::from(&*early);
    let halves = chat_runtime::split(stream);
    serve_socket(hub, connection, Messages::Text, halves, early).await;
}

/// Runs the plan of the client. Returns the bytes that it received.
async fn run_client(stream: DuplexStream, client: &Client) -> Vec<u8> {
    let (mut reader, mut writer) = split(stream);
    let (done, when_done) = tokio::sync::oneshot::channel::<()>();
    let write = async move {
        for step in &client.steps {
            match step {
                // The server may have closed the connection.
                Step::Send(bytes) if writer.write_all(bytes).await.is_err() => break,
                Step::Send(_) => {}
                Step::Wait(duration) => sleep(*duration).await,
            }
        }
        if client.hangs_up {
            let _ = writer.shutdown().await;
        }
        drop(done);
        // Kept until the other half is dropped: a duplex stream closes when both are.
        writer
    };
    let read = async move {
        if !client.reads {
            let _ = when_done.await;
        }
        let mut sent = Vec::new();
        // After an error, the bytes received so far are checked.
        let _ = reader.read_to_end(&mut sent).await;
        sent
    };
    let (_writer, sent) = tokio::join!(write, read);
    sent
}

/// Checks the received bytes with a WebSocket client.
fn check_sent(dialect: &ClientDialect, sent: Vec<u8>, expects_close: bool) {
    let mut socket = WebSocket::from_raw_socket(Replay(Cursor::new(sent)), Role::Client, None);
    let mut closed = false;
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => check(dialect, text.as_bytes()),
            Ok(Message::Close(_)) => closed = true,
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(message @ (Message::Binary(_) | Message::Frame(_))) => panic!("sent {message:?}"),
            Err(Error::ConnectionClosed) => break,
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => break,
            Err(error) => panic!("what was sent is not WebSocket: {error}"),
        }
    }
    assert!(closed || !expects_close, "the connection ended without a close frame");
}

/// A stream that replays received bytes, and discards writes.
struct Replay(Cursor<Vec<u8>>);

impl Read for Replay {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(&mut self.0, buffer)
    }
}

impl Write for Replay {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The runtime's paused time, which advances only when all tasks wait.
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        START + self.0.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(sleep_until(self.0 + at.since(START)))
    }
}

/// More steps would only make a run slower.
const MAX_STEPS: usize = 100;

/// Longer than the sum of the client's waits and the server's timeouts.
const MAX_DURATION: Duration = Duration::from_secs(3 * 3_600);

/// Room for the largest message of the client, a queue for it, and the runtime.
const MAX_BYTES: u64 = 16 << 20;

const TEXT: u8 = 0x81;
const BEGIN: u8 = 0x01;
const MIDDLE: u8 = 0x00;
const END: u8 = 0x80;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

const PAYLOADS: &[&[u8]] = &[
    b"",
    b"hello",
    b"/name al",
    b"/help",
    b"/join rust\nhi",
    b"/quit",
    b"{\"type\":\"hello\",\"nickname\":\"al\"}",
    b"{\"type\":\"hello\",\"nickname\":\"al\",\"version\":2,\"ref\":\"1\"}",
    b"{\"type\":\"chat\",\"text\":\"hi\"}",
    b"{\"type\":\"quit\"}",
    b"{\"type\":",
    "caf\u{e9} \u{1f469}\u{200d}\u{1f467} \u{1b}[2J\u{202e}".as_bytes(),
    b"\xe2\x82",
    b"\xac\xff",
    b"\x03\xe8bye",
    b"\x03",
];
