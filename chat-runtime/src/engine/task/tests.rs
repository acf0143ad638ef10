//! Tests of the engine task.

mod announcements;

use super::*;
use crate::cloak::Cloak;
use crate::engine::{Hub, SessionHandle};
use crate::io::{FramingTable, LineFraming};
use crate::outbound::{Round, SocketQueue};
use crate::{Limits, ManualClock, Shards, SystemClock, Writer};
use chat_core::{Config, Engine, Peer, StampedRecord};
use chat_dialects::{JsonDialect, TextDialect};
use chat_store::{MemoryStore, Reader, Store};
use futures::FutureExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::AsyncReadExt;
use tokio::time::advance;

/// Returns an engine task with a mailbox of this size, and two handles to it.
fn engine_task(
    clock: impl Clock + 'static,
    room: usize,
) -> (EngineTask, Hub, mpsc::Sender<EngineMessage>) {
    let limits = Limits::default();
    let (sender, messages) = mpsc::channel(room);
    let switchboard = Switchboard::new(Engine::new(limits.engine.clone(), clock.now()));
    let answers = sender.downgrade();
    let cloak = Cloak::with_key(b"a key");
    let round = Round::new(1, Arc::default());
    let (limits, shards) = (Arc::new(limits), Shards::default());
    let hub = Hub::new(sender.clone(), limits, shards, None, None, cloak, round);
    let task = EngineTask {
        switchboard,
        messages,
        clock: Arc::new(clock),
        auth_queue: None,
        history_queue: None,
        password_queue: None,
        metrics: hub.metrics_registry().clone(),
        dispatch: hub.dispatch(),
        answers,
        store: None,
        host_answers: Vec::new(),
        concerned: Vec::new(),
        waiting: Vec::new(),
        announcements_due: None,
        log: None,
        submitted: None,
        host_waiting: VecDeque::new(),
        serves: watch::channel(true).0,
        stop: CancellationToken::new(),
    };
    (task, hub, sender)
}

fn inbound(session: SessionId, inbound: Inbound) -> EngineMessage {
    EngineMessage::Inbound { session, inbound }
}

#[tokio::test(start_paused = true)]
async fn single_message_is_flushed_at_once_and_a_busy_round_after_a_yield() {
    let (task, hub, _) = engine_task(SystemClock::new(), BATCH);
    let mut task = pin!(task.run());
    let (near, mut far) = tokio::io::duplex(1 << 16);
    let session = SessionId(1);
    // Polls the task once, and returns how many bytes it has written.
    let mut step = || {
        assert!((&mut task).now_or_never().is_none(), "it goes on");
        far.read(&mut [0; 1 << 16]).now_or_never().map_or(0, |count| count.expect("it is open"))
    };
    let ask = || inbound(session, Inbound::Frame("/nothing".into()));
    let opening = Box::new(Open {
        session,
        peer: Peer::default(),
        dialect: Arc::new(TextDialect::plain()),
        outbox: hub.outbox(
            Arc::new(SocketQueue::new(Writer::new(near))),
            FramingTable::of::<LineFraming>(),
            None,
        ),
    });
    hub.send(EngineMessage::Open(opening)).await.expect("there is room");
    assert_ne!(step(), 0, "the greeting");
    hub.send(ask()).await.expect("there is room");
    let answer = step();
    assert_ne!(answer, 0, "alone");

    hub.send(ask()).await.expect("there is room");
    hub.send(ask()).await.expect("there is room");
    assert_eq!(step(), 0, "other tasks run before the flush");
    hub.send(ask()).await.expect("there is room");
    assert_eq!(step(), 3 * answer, "all at once");
    hub.send(ask()).await.expect("there is room");
    assert_eq!(step(), 0, "the last round was busy");
    assert_eq!(step(), answer);
    hub.send(ask()).await.expect("there is room");
    assert_eq!(step(), answer, "alone again");
}

/// A store that has no room at times.
struct Fillable(MemoryStore, Arc<AtomicBool>);

impl Store for Fillable {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(StoreError::Full("for this test".into()));
        }
        self.0.commit(records)
    }

    fn blocks(&self) -> bool {
        false
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.0.reader()
    }
}

#[tokio::test(start_paused = true)]
async fn message_that_waits_for_the_store_is_neither_overtaken_nor_forgotten() {
    let clock = ManualClock::at(Timestamp::from_millis(0));
    let (mut task, hub, _) = engine_task(clock.clone(), BATCH);
    let config = Config { idle_timeout: Some(Duration::from_secs(60)), ..Config::default() };
    task.switchboard = Switchboard::new(Engine::new(config.clone(), clock.now()));
    task.switchboard.keep_records();
    let is_full = Arc::new(AtomicBool::new(true));
    let store = Box::new(Fillable(MemoryStore::new(&config, clock.now()), is_full.clone()));
    let store = StoreWriter::start(store, Arc::new(clock.clone()), task.metrics.clone());
    task.store = Some(store);
    let mut task = pin!(task.run());
    let mut step = || assert!((&mut task).now_or_never().is_none(), "it goes on");
    let (near, mut far) = tokio::io::duplex(1 << 16);
    let session = SessionId(1);
    let outbox = hub.outbox(
        Arc::new(SocketQueue::new(Writer::new(near))),
        FramingTable::of::<LineFraming>(),
        None,
    );
    let dialect = Arc::new(TextDialect::plain());
    let opening = Box::new(Open { session, peer: Peer::default(), dialect, outbox });
    hub.send(EngineMessage::Open(opening)).await.expect("there is room");
    let send = async |line: &'static str| {
        let line = inbound(session, Inbound::Frame(line.into()));
        hub.send(line).await.expect("there is room");
    };

    // The look waits until the new channel is committed, in the middle of a round.
    send("/name alice").await;
    send("/join den").await;
    let mut look = pin!(hub.look(|_| ()));
    assert!((&mut look).now_or_never().is_none());
    step();
    send("/me").await;
    step();
    is_full.store(false, Ordering::SeqCst);
    advance(RETRY).await;
    send("/msg").await;
    step();
    step();
    assert_eq!((&mut look).now_or_never(), Some(Ok(())));
    let mut text = vec![0; 1 << 16];
    let read = far.read(&mut text).now_or_never().expect("output").expect("it is open");
    let text = String::from_utf8_lossy(&text[..read]);
    let [first, second] = ["Usage: /me", "Usage: /msg"].map(|usage| text.find(usage));
    assert!(first.is_some() && first < second, "{text}");

    // The commit is that of a deadline, after which no other message arrives.
    is_full.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(61));
    step();
    let mut look = pin!(hub.look(|_| ()));
    assert!((&mut look).now_or_never().is_none());
    step();
    is_full.store(false, Ordering::SeqCst);
    advance(RETRY).await;
    step();
    assert_eq!((&mut look).now_or_never(), Some(Ok(())));
}

/// A store that blocks, and counts its commits.
struct Counted(MemoryStore, Arc<AtomicUsize>);

impl Store for Counted {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        self.0.commit(records)?;
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.0.reader()
    }
}

#[tokio::test(start_paused = true)]
async fn small_round_after_a_large_one_waits_for_more_before_its_commit() {
    let clock = ManualClock::at(Timestamp::from_millis(0));
    let (mut task, hub, _) = engine_task(clock.clone(), BATCH);
    let config = Config { commands_per_second: 0, ..Config::default() };
    task.switchboard = Switchboard::new(Engine::new(config.clone(), clock.now()));
    task.switchboard.keep_records();
    let commits = Arc::new(AtomicUsize::new(0));
    let store = Box::new(Counted(MemoryStore::new(&config, clock.now()), commits.clone()));
    let store = StoreWriter::start(store, Arc::new(clock.clone()), task.metrics.clone());
    task.store = Some(store);
    let mut task = pin!(task.run());
    // Polls the task until all commits are done that it has begun.
    let mut settle = || {
        for _ in 0..50 {
            assert!((&mut task).now_or_never().is_none(), "it goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
        commits.load(Ordering::SeqCst)
    };
    let session = SessionId(1);
    let opening = Box::new(Open {
        session,
        peer: Peer::default(),
        dialect: Arc::new(TextDialect::plain()),
        outbox: hub.outbox(
            Arc::new(SocketQueue::new(Writer::new(tokio::io::sink()))),
            FramingTable::of::<LineFraming>(),
            None,
        ),
    });
    hub.send(EngineMessage::Open(opening)).await.expect("there is room");
    let say = async |count: usize| {
        for _ in 0..count {
            let line = inbound(session, Inbound::Frame("something".into()));
            hub.send(line).await.expect("there is room");
        }
    };
    let name = inbound(session, Inbound::Frame("/name alice".into()));
    hub.send(name).await.expect("there is room");
    settle();
    say(1).await;
    let alone = settle();
    say(1).await;
    assert_eq!(settle(), alone + 1, "one that is alone does not wait");

    say(20).await;
    assert_eq!(settle(), alone + 2);
    say(4).await;
    assert_eq!(settle(), alone + 2);
    say(16).await;
    assert_eq!(settle(), alone + 3, "there are as many as before");
    say(4).await;
    assert_eq!(settle(), alone + 3);
    advance(GATHERING * 2).await;
    assert_eq!(settle(), alone + 4, "no others have come");
}

#[tokio::test(start_paused = true)]
async fn message_with_a_permit_from_before_the_stop_is_handled() {
    let (task, hub, _) = engine_task(SystemClock::new(), 1);
    let stop = task.stop.clone();
    let task = tokio::spawn(task.run());
    let socket_queue = Arc::new(SocketQueue::new(Writer::new(tokio::io::sink())));

    let room = hub.reserve().await.expect("it runs");
    stop.cancel();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    room.send(EngineMessage::Open(Box::new(Open {
        session: SessionId(1),
        peer: Peer::default(),
        dialect: Arc::new(TextDialect::plain()),
        outbox: hub.outbox(socket_queue.clone(), FramingTable::of::<LineFraming>(), None),
    })));
    task.await.expect("it stops").expect("there is no store");
    let handle = SessionHandle { hub: hub.clone(), session: SessionId(1) };
    let closed = timeout(GRACE, socket_queue.drain(hub.limits(), &handle)).await;
    assert!(closed.is_ok(), "the connection would wait for ever");
}

#[tokio::test(start_paused = true)]
async fn flood_of_messages_delays_neither_a_deadline_nor_the_stop() {
    let clock = ManualClock::at(Timestamp::from_millis(0));
    let (task, hub, sender) = engine_task(clock.clone(), BATCH * 4);
    let stop = task.stop.clone();
    let naming = hub.limits().engine.naming_timeout.expect("there is one");
    let socket_queue = Arc::new(SocketQueue::new(Writer::new(tokio::io::sink())));
    let opening = Box::new(Open {
        session: SessionId(1),
        peer: Peer::default(),
        dialect: Arc::new(JsonDialect::default()),
        outbox: hub.outbox(socket_queue.clone(), FramingTable::of::<LineFraming>(), None),
    });
    hub.send(EngineMessage::Open(opening)).await.expect("there is room");
    let task = tokio::spawn(task.run());
    // There is always more than two batches. Signs of life do not get as far as the engine,
    // which would look at the time.
    let flood = tokio::spawn(async move {
        while !sender.is_closed() {
            while sender.try_send(inbound(SessionId(2), Inbound::Alive)).is_ok() {}
            tokio::task::yield_now().await;
        }
    });
    let handle = SessionHandle { hub: hub.clone(), session: SessionId(1) };
    let closed = tokio::spawn(async move { socket_queue.drain(hub.limits(), &handle).await });
    // After the stop, the task takes the messages that are left 128 at a time.
    let some_rounds = async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };

    some_rounds().await;
    assert!(!closed.is_finished(), "there is time to take a name");
    clock.advance(naming);
    some_rounds().await;
    assert!(closed.is_finished(), "a session without a nickname is closed");
    stop.cancel();
    some_rounds().await;
    assert!(task.is_finished(), "it stops");
    flood.await.expect("it ends with the task");
}
