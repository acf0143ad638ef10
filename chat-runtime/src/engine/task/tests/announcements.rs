//! Announcements to many sessions are written together.

use super::*;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;

/// A socket that keeps each write. Clones share it.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<String>>>);

impl Writes {
    /// Takes the writes since the last call.
    fn take(&self) -> Vec<String> {
        mem::take(&mut *self.0.lock().expect("no test panics with it"))
    }
}

impl AsyncWrite for Writes {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.lock().expect("no test panics with it").push(text);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The engine task with users in the lobby, whose announcements wait from two recipients on.
struct Lobby {
    task: Pin<Box<dyn Future<Output = Result<(), EngineFailure>>>>,
    hub: Hub,
    clock: ManualClock,
    sockets: Vec<Writes>,
}

impl Lobby {
    /// Lets three users connect, and takes what they are sent.
    fn new() -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let (mut task, hub, _) = engine_task(clock.clone(), BATCH);
        let config = Config { commands_per_second: 0, ..Config::default() };
        task.switchboard = Switchboard::new(Engine::new(config, clock.now()));
        task.switchboard.hold_announcements(2);
        let task = Box::pin(task.run());
        let mut lobby = Self { task, hub, clock, sockets: Vec::new() };
        (0..3).for_each(|_| lobby.connect());
        lobby.clock.advance(DELAY);
        lobby.step();
        lobby.sockets.iter().for_each(|socket| drop(socket.take()));
        lobby
    }

    fn connect(&mut self) {
        let socket = Writes::default();
        self.sockets.push(socket.clone());
        let opening = Open {
            session: SessionId(self.sockets.len() as u64),
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::bracket()),
            outbox: self.hub.outbox(
                Arc::new(SocketQueue::new(Writer::new(socket))),
                FramingTable::of::<LineFraming>(),
                None,
            ),
        };
        self.send(EngineMessage::Open(Box::new(opening)));
    }

    fn type_line(&mut self, user: usize, line: impl Into<Vec<u8>>) {
        let line: Vec<u8> = line.into();
        self.send(inbound(SessionId(user as u64), Inbound::Frame(line.into())));
    }

    /// Lets the engine task carry a message out, in a round of its own.
    fn send(&mut self, message: EngineMessage) {
        self.hub.send(message).now_or_never().expect("there is room").expect("it runs");
        self.step();
    }

    fn step(&mut self) {
        for _ in 0..3 {
            assert!((&mut self.task).now_or_never().is_none(), "it goes on");
        }
    }

    /// Takes what a user was sent, a write each.
    fn written(&self, user: usize) -> Vec<String> {
        self.sockets[user - 1].take()
    }
}

const DELAY: Duration = Duration::from_millis(50);

#[tokio::test]
async fn announcements_of_many_rounds_are_one_write_to_each_member() {
    let mut lobby = Lobby::new();
    (0..10).for_each(|_| lobby.connect());
    lobby.clock.advance(DELAY - Duration::from_millis(1));
    lobby.step();
    assert!(lobby.written(1).is_empty());
    lobby.clock.advance(Duration::from_millis(1));
    lobby.step();
    let joins: String = (4..=13).map(|user| format!("* user{user} joined the chat\n")).collect();
    assert_eq!([lobby.written(1), lobby.written(3)], [[&*joins], [&*joins]]);
    let own = lobby.written(13);
    assert_eq!(own.len(), 1, "the new member does not wait: {own:?}");
    lobby.clock.advance(DELAY);
    lobby.step();
    assert!(lobby.written(1).is_empty());
}

#[tokio::test]
async fn message_is_written_at_once_with_the_announcements_before_it() {
    let mut lobby = Lobby::new();
    lobby.connect();
    lobby.type_line(4, "/name dora");
    lobby.type_line(4, "hello");
    lobby.type_line(4, "/leave");
    let expected = "* user4 joined the chat\n* user4 is now known as dora\n[dora]: hello\n";
    assert_eq!(lobby.written(1), [expected]);
    lobby.clock.advance(DELAY);
    lobby.step();
    assert_eq!(lobby.written(1), ["* dora left the chat\n"]);
}

#[tokio::test]
async fn last_frames_of_a_session_come_after_the_announcements() {
    let mut lobby = Lobby::new();
    lobby.connect();
    lobby.type_line(1, "/quit");
    assert_eq!(lobby.written(1).concat(), "* user4 joined the chat\nGoodbye!\n");
    assert!(lobby.written(2).is_empty(), "the quit is an announcement, too");
}

#[tokio::test]
async fn announcements_do_not_wait_in_a_long_round() {
    let mut lobby = Lobby::new();
    for user in 1..=2 {
        lobby.type_line(user, "/join den");
    }
    lobby.clock.advance(DELAY);
    lobby.step();
    lobby.written(3);
    lobby.connect();
    let talk = |lobby: &mut Lobby, count: usize| {
        (0..count).for_each(|_| lobby.type_line(1, "x".repeat(4_000)));
        lobby.written(3)
    };
    assert!(talk(&mut lobby, 15).is_empty());
    assert_eq!(talk(&mut lobby, 5), ["* user4 joined the chat\n"], "there are 64 KiB");
}
