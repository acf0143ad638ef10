//! The task that owns the engine and the switchboard.

use crate::authenticator::AuthQueue;
use crate::clock::Clock;
use crate::connection::DialectSwitch;
use crate::dispatch::Dispatch;
use crate::hub::{EngineMessage, InProcessQueue, Open};
use crate::in_process::End;
use crate::metrics::{Levels, Metrics};
use crate::outbox::{Outbox, Prepared};
use chat_core::{Answer, CloseReason, Timestamp};
use chat_dialects::{AuthRequest, Frames, Full, Inbound, Port, SessionEventRef, Switchboard};
use futures::future::BoxFuture;
use std::any::TypeId;
use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Processes messages in rounds, in the order of their arrival. At the end of a round it writes
/// once to each session that the round has touched.
pub(crate) struct EngineTask {
    pub(crate) switchboard: Switchboard<SessionPort>,
    pub(crate) messages: mpsc::Receiver<EngineMessage>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Who tells the engine who somebody is, if it asks.
    pub(crate) auth_queue: Option<AuthQueue>,
    pub(crate) metrics: Arc<Metrics>,
    /// Where everything is written down that goes out in a round. Dropped after the switchboard,
    /// whose last words it has.
    pub(crate) dispatch: Dispatch,
    /// The way back for answers. It does not keep the task going when nobody else can give orders
    /// any more.
    pub(crate) answers: mpsc::WeakSender<EngineMessage>,
}

/// How the switchboard reaches a session.
pub(crate) enum SessionPort {
    /// Through the queue of its connection.
    Connection(Outbox),
    /// In the same process.
    InProcess(InProcessQueue),
}

impl EngineTask {
    /// Runs until `stop`; then carries out what has been ordered so far, tells everybody, and
    /// closes their queues.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        let clock = self.clock.clone();
        let mut alarm = Alarm::new(&*clock);
        let mut stopped = pin!(stop.cancelled());
        // Whether the last round had more than one order.
        let mut is_busy = false;
        // What is rare is looked at by itself in each round, so that no flood of orders holds it
        // up; an order that has come waits for none of it.
        while !stop.is_cancelled() {
            let mut deadline = self.switchboard.next_deadline();
            if deadline.is_some_and(|deadline| deadline <= clock.now()) {
                self.switchboard.tick(clock.now());
                self.flush().await;
                deadline = self.switchboard.next_deadline();
            }
            alarm.set(deadline);
            let count = tokio::select! {
                biased;
                count = self.messages.recv_many(&mut batch, BATCH) => count,
                () = alarm.rings() => continue,
                () = &mut stopped => continue,
            };
            if count == 0 {
                break;
            }
            self.carry_out(batch.drain(..)).await;
            // Where much is said, everybody who has something to say now is heard before anybody is
            // written to: what comes of it for one session goes out together. Sockets are read by
            // other tasks: let them run, however full the queue is.
            let mut rest = 0;
            if is_busy || count > 1 {
                tokio::task::yield_now().await;
                while batch.len() < BATCH
                    && let Ok(message) = self.messages.try_recv()
                {
                    batch.push(message);
                }
                rest = batch.len();
                self.carry_out(batch.drain(..)).await;
            }
            is_busy = count + rest > 1;
            self.flush().await;
        }
        self.messages.close();
        // Who was given room for an order before that gives it now, on another thread perhaps: a
        // connection that had said that it opens, and was never heard, would wait for ever.
        let rest = async {
            while let Some(message) = self.messages.recv().await {
                batch.push(message);
            }
        };
        let _ = timeout(GRACE, rest).await;
        self.carry_out(batch.drain(..)).await;
        self.flush().await;
        self.switchboard.shut_down();
        self.dispatch.send().await;
    }

    async fn carry_out(&mut self, messages: impl Iterator<Item = EngineMessage>) {
        for message in messages {
            let now = self.clock.now();
            let begun = Instant::now();
            self.carry_out_one(now, message);
            self.metrics.note_input(begun.elapsed());
            if self.dispatch.round.is_long() {
                self.flush().await;
            }
        }
    }

    /// Ends a round: everybody is sent what it has for them, and what the engine has asked is seen
    /// to.
    async fn flush(&mut self) {
        if self.dispatch.is_needed() {
            // Other shards first: they write while this one does.
            self.switchboard.touched(SessionPort::flush_elsewhere);
            self.dispatch.send().await;
        }
        self.switchboard.flush(SessionPort::flush);
        self.dispatch.round.clear();
        self.metrics.note(&self.switchboard.take_counters());
        self.ask();
    }

    /// Has questions answered by tasks of their own: the engine goes on meanwhile.
    fn ask(&mut self) {
        for question in self.switchboard.take_auth_requests() {
            let (auth_queue, answers) = (self.auth_queue.clone(), self.answers.clone());
            let metrics = self.metrics.clone();
            tokio::spawn(async move {
                let answer = match &auth_queue {
                    Some(auth_queue) => auth_queue.answer(&question).await,
                    None => Answer::Unavailable,
                };
                metrics.note_answer(outcome(&answer));
                let AuthRequest { session, id: question, .. } = question;
                // A server that has stopped waits for no answer.
                if let Some(messages) = answers.upgrade() {
                    let _ =
                        messages.send(EngineMessage::Answer { session, question, answer }).await;
                }
            });
        }
    }

    fn carry_out_one(&mut self, now: Timestamp, message: EngineMessage) {
        let switchboard = &mut self.switchboard;
        match message {
            EngineMessage::Open(opening) => {
                let Open { session, peer, dialect, outbox } = *opening;
                let port = SessionPort::Connection(outbox);
                switchboard.open(now, session, peer, dialect, port);
                switchboard.watch(now, session);
            }
            EngineMessage::OpenInProcess { session, peer, in_process_queue } => {
                let port = SessionPort::InProcess(in_process_queue);
                switchboard.open_in_process(now, session, peer, port);
            }
            EngineMessage::Frame { session, frame } => {
                switchboard.receive(now, session, Inbound::Frame(&frame));
            }
            EngineMessage::Fault { session, fault } => {
                switchboard.receive(now, session, Inbound::Fault(fault));
            }
            EngineMessage::Alive { session } => switchboard.receive(now, session, Inbound::Alive),
            EngineMessage::Command { session, request, command } => {
                switchboard.command(now, session, request, command);
            }
            EngineMessage::Answer { session, question, answer } => {
                switchboard.answer(now, session, question, answer);
            }
            EngineMessage::Close { session, reason } => switchboard.close(now, session, reason),
            EngineMessage::Switch { session, switch } => {
                let DialectSwitch { peer, dialect } = *switch;
                switchboard.switch(now, session, peer, dialect);
            }
            EngineMessage::Resume { session } => switchboard.resume(session),
            EngineMessage::Look(look) => look(switchboard.view()),
            EngineMessage::Measure(answer) => {
                // Whoever asked may have gone.
                let _ = answer.send(levels(switchboard));
            }
        }
    }
}

impl SessionPort {
    fn flush(&mut self) {
        match self {
            Self::Connection(outbox) => outbox.flush(),
            Self::InProcess(_) => {}
        }
    }

    fn flush_elsewhere(&mut self) {
        match self {
            Self::Connection(outbox) => outbox.flush_elsewhere(),
            Self::InProcess(_) => {}
        }
    }
}

impl Port for SessionPort {
    type Prepared = Option<Prepared>;

    fn kind(&self) -> TypeId {
        match self {
            Self::Connection(outbox) => outbox.kind(),
            Self::InProcess(_) => TypeId::of::<InProcessQueue>(),
        }
    }

    fn prepare(&mut self, frames: &Frames) -> Option<Prepared> {
        match self {
            Self::Connection(outbox) => Some(outbox.prepare(frames)),
            // It speaks no dialect, so nothing is written down for it.
            Self::InProcess(_) => None,
        }
    }

    fn send(&mut self, prepared: &Option<Prepared>) -> Result<(), Full> {
        match (self, prepared) {
            (Self::Connection(outbox), Some(prepared)) => outbox.send(prepared),
            (Self::Connection(_) | Self::InProcess(_), _) => Ok(()),
        }
    }

    fn tell(&mut self, frames: &Frames) -> Result<(), Full> {
        match self {
            Self::Connection(outbox) => outbox.tell(frames),
            Self::InProcess(_) => Ok(()),
        }
    }

    fn ping(&mut self) -> bool {
        match self {
            Self::Connection(outbox) => outbox.ping(),
            Self::InProcess(_) => false,
        }
    }

    fn hear(&mut self, heard: SessionEventRef<'_>) -> Result<(), Full> {
        match self {
            Self::Connection(_) => Ok(()),
            Self::InProcess(in_process_queue) => in_process_queue.hear(heard),
        }
    }

    fn has_room(&self) -> bool {
        match self {
            Self::Connection(outbox) => outbox.has_room(),
            Self::InProcess(in_process_queue) => in_process_queue.has_room(),
        }
    }

    fn close(&mut self, last_words: &Frames, reason: &CloseReason) {
        match self {
            Self::Connection(outbox) => outbox.close(last_words, reason),
            // Its queue ends when this port is dropped.
            Self::InProcess(_) => {}
        }
    }
}

impl InProcessQueue {
    fn hear(&self, heard: SessionEventRef<'_>) -> Result<(), Full> {
        if let SessionEventRef::Closed { missed, reason } = heard {
            let end = End { missed, reason: reason.clone() };
            *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            return Ok(());
        }
        match self.events.try_send(heard.into()) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(Full),
            Err(TrySendError::Full(told)) => {
                self.note_refusal();
                // The session may have taken everything meanwhile, and looked for the last time
                // before that.
                self.events.try_send(told).map_err(|_| Full)
            }
        }
    }

    /// What the session counts as half empty. If it is not, the session has to ask again when it
    /// is.
    fn has_room(&self) -> bool {
        let half_empty = || self.events.capacity() >= self.events.max_capacity().div_ceil(2);
        half_empty() || {
            self.note_refusal();
            half_empty()
        }
    }

    /// Notes that something is refused, so that the session sees it before it waits for more, or
    /// what it has taken is seen here after this.
    fn note_refusal(&self) {
        self.refused.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }
}

/// An answer's name, for the metrics.
pub(crate) fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Account(_) => "account",
        Answer::Guest => "guest",
        Answer::Refused(_) => "refused",
        Answer::Unavailable => "unavailable",
    }
}

fn levels(switchboard: &Switchboard<SessionPort>) -> Levels {
    let view = switchboard.view();
    let mut levels =
        Levels { users: view.user_count(), channels: view.channel_count(), ..Levels::default() };
    for port in switchboard.ports() {
        if let SessionPort::Connection(outbox) = port {
            let (bytes, frames) = outbox.load();
            levels.queue_bytes += bytes;
            levels.queue_frames += frames;
        }
    }
    levels
}

/// Most orders at once; a round has two such batches.
const BATCH: usize = 1_024;
/// How long it may take to give an order when there is room for it: somebody may have begun, and
/// gone on with something else.
const GRACE: Duration = Duration::from_secs(1);

/// Waits for the engine's next deadline. Most rounds do not change it, and go on waiting.
struct Alarm<'a> {
    clock: &'a dyn Clock,
    set: Option<(Timestamp, BoxFuture<'a, ()>)>,
}

impl<'a> Alarm<'a> {
    fn new(clock: &'a dyn Clock) -> Self {
        Self { clock, set: None }
    }

    fn set(&mut self, deadline: Option<Timestamp>) {
        if self.set.as_ref().map(|(at, _)| *at) != deadline {
            self.set = deadline.map(|at| (at, self.clock.sleep_until(at)));
        }
    }

    /// Cancel safe. It rings once, and has to be set again then.
    async fn rings(&mut self) {
        match &mut self.set {
            Some((_, sleep)) => sleep.await,
            None => pending().await,
        }
        self.set = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::Framing;
    use crate::halves::Writer;
    use crate::hub::Hub;
    use crate::limits::Limits;
    use crate::shards::Shards;
    use crate::socket_queue::SocketQueue;
    use crate::{Clock, ManualClock, SystemClock};
    use chat_core::{Engine, Peer, SessionId};
    use chat_dialects::{Frame, JsonDialect, TextDialect};
    use futures::FutureExt;
    use tokio::io::AsyncReadExt;

    /// As it is.
    struct Plain;

    impl Framing for Plain {
        fn frame(&self, frame: &Frame, out: &mut Vec<u8>) {
            out.extend_from_slice(frame.bytes());
        }
    }

    /// A host with room for so many orders, and two ways to it.
    fn host(
        clock: impl Clock + 'static,
        room: usize,
    ) -> (EngineTask, Hub, mpsc::Sender<EngineMessage>) {
        let limits = Limits::default();
        let (sender, messages) = mpsc::channel(room);
        let switchboard = Switchboard::new(Engine::new(limits.engine.clone(), clock.now()));
        let answers = sender.downgrade();
        let hub = Hub::new(sender.clone(), Arc::new(limits), Shards::default(), None);
        let host = EngineTask {
            switchboard,
            messages,
            clock: Arc::new(clock),
            auth_queue: None,
            metrics: hub.measured().clone(),
            dispatch: hub.dispatch(),
            answers,
        };
        (host, hub, sender)
    }

    #[tokio::test(start_paused = true)]
    async fn who_speaks_alone_waits_for_nobody_and_many_are_heard_before_any_is_answered() {
        let (host, hub, _) = host(SystemClock::new(), BATCH);
        let mut host = pin!(host.run(CancellationToken::new()));
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let session = SessionId(1);
        // Does the host's task once, and says how many bytes came of it.
        let mut step = || {
            assert!((&mut host).now_or_never().is_none(), "it goes on");
            far.read(&mut [0; 1 << 16]).now_or_never().map_or(0, |count| count.expect("it is open"))
        };
        let ask = || EngineMessage::Frame { session, frame: "/nothing".into() };
        let opening = Box::new(Open {
            session,
            peer: Peer::default(),
            dialect: Arc::new(TextDialect::plain()),
            outbox: hub.outbox(Arc::new(SocketQueue::new(Writer::new(near))), &Plain, None),
        });
        hub.send(EngineMessage::Open(opening)).await.expect("there is room");
        assert_ne!(step(), 0, "the greeting");
        hub.send(ask()).await.expect("there is room");
        let answer = step();
        assert_ne!(answer, 0, "alone");

        hub.send(ask()).await.expect("there is room");
        hub.send(ask()).await.expect("there is room");
        assert_eq!(step(), 0, "who else has something to say is heard first");
        hub.send(ask()).await.expect("there is room");
        assert_eq!(step(), 3 * answer, "all at once");
        hub.send(ask()).await.expect("there is room");
        assert_eq!(step(), 0, "there were many just now");
        assert_eq!(step(), answer);
        hub.send(ask()).await.expect("there is room");
        assert_eq!(step(), answer, "alone again");
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_given_room_for_an_order_before_the_stop_is_not_forgotten() {
        let stop = CancellationToken::new();
        let (host, hub, _) = host(SystemClock::new(), 1);
        let host = tokio::spawn(host.run(stop.clone()));
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
            outbox: hub.outbox(socket_queue.clone(), &Plain, None),
        })));
        host.await.expect("it stops");
        let closed = timeout(GRACE, socket_queue.tend(&hub, SessionId(1))).await;
        assert!(closed.is_ok(), "the connection would wait for ever");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_orders_holds_up_neither_a_deadline_nor_the_stop() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let stop = CancellationToken::new();
        let (host, hub, sender) = host(clock.clone(), BATCH * 4);
        let naming = hub.limits().engine.naming_timeout.expect("there is one");
        let socket_queue = Arc::new(SocketQueue::new(Writer::new(tokio::io::sink())));
        let opening = Box::new(Open {
            session: SessionId(1),
            peer: Peer::default(),
            dialect: Arc::new(JsonDialect::default()),
            outbox: hub.outbox(socket_queue.clone(), &Plain, None),
        });
        hub.send(EngineMessage::Open(opening)).await.expect("there is room");
        let host = tokio::spawn(host.run(stop.clone()));
        // There is always more than two batches. Signs of life do not get as far as the engine,
        // which would look at the time.
        let flood = tokio::spawn(async move {
            while !sender.is_closed() {
                while sender.try_send(EngineMessage::Alive { session: SessionId(2) }).is_ok() {}
                tokio::task::yield_now().await;
            }
        });
        let closed = tokio::spawn(async move { socket_queue.tend(&hub, SessionId(1)).await });
        // When it stops, what has been ordered by then is taken 128 at a time.
        let some_rounds = async || {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        };

        some_rounds().await;
        assert!(!closed.is_finished(), "there is time to take a name");
        clock.advance(naming);
        some_rounds().await;
        assert!(closed.is_finished(), "who has taken no name is closed");
        stop.cancel();
        some_rounds().await;
        assert!(host.is_finished(), "it stops");
        flood.await.expect("it ends with the host");
    }
}
