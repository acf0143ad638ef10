//! A client on its own simulated host: it follows its plan and records everything that it receives.

use crate::plan::{ClientPlan, Fault, VisitPlan};
use crate::retry::{Exchange, Reactor, unanswered};
use crate::roster::Rosters;
use crate::stream::{Links, SimulatedStream};
use crate::talk::{Action, ClientKind, Endpoint, PATIENCE, UID, WEB_SOCKET};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use http::{HeaderValue, header};
use serde_json::{Value, json};
use std::future::pending;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::sync::CancellationToken;

/// A client, shared by the run and the client's simulated host. Clones share one state.
#[derive(Clone, Debug)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    plan: ClientPlan,
    links: Links,
    /// Index of the next planned visit.
    next: AtomicUsize,
    /// A partition is in force: segments are lost for good.
    is_cut_off: AtomicBool,
    /// Segments are held back at present.
    is_held_up: AtomicBool,
    visits: Mutex<Vec<Arc<Visit>>>,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Visit {
    /// The client's address, which is also the host name that the server reports for it.
    pub address: SocketAddr,
    seen: Mutex<Seen>,
    /// The client's plan for this connection.
    pub plan: VisitPlan,
    /// The client's nickname at the end of its previous visit.
    last_name: Option<String>,
    /// Cancelled when the client abandons the connection.
    given_up: CancellationToken,
    is_paused: AtomicBool,
    resumed: Notify,
}

/// The client's record of a connection.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Everything received, as lines. A WebSocket message is recorded as a line.
    pub bytes: Vec<u8>,
    /// Times of the reads, in milliseconds since the connection was opened, each with the number of
    /// bytes received up to then.
    pub times: Vec<(u128, usize)>,
    /// The end of the connection, if it has ended.
    pub end: Option<End>,
    /// A fault has happened that may have cut it short.
    pub is_faulted: bool,
    /// A fault has happened that has delayed it.
    pub is_disturbed: bool,
    /// The client did not read for a while.
    pub was_slow: bool,
    /// The departure of the client, if it has begun; the client has sent nothing since.
    pub departure: Option<Departure>,
    /// A send has failed or timed out, so that input may be lost.
    pub may_lose_input: bool,
    /// The connection is open for its dialect; over WebSocket this means after the handshake.
    pub is_open: bool,
    /// A check has found that every expected delivery has arrived or was reported as missed.
    pub is_complete: bool,
    /// The requests that it has sent with a `ref`, by that `ref`.
    pub asked: Vec<(String, Value)>,
}

/// The way in which a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It has sent a quit command.
    Quit,
    /// It has shut down its sending half.
    HalfClosed,
}

/// The end of a connection, from the client's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server has closed it cleanly; over WebSocket with this code.
    Closed(Option<u16>),
    /// It failed with an error.
    Broken,
    /// The client has dropped it.
    Dropped,
    /// The client has waited too long for the server to close it.
    Overdue,
    /// The client's process has crashed.
    Crashed,
}

/// The current phase of all clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// They follow their plans, while faults happen.
    Active,
    /// They only read.
    Quiet,
    /// They ask for the members of each channel.
    Audit,
    /// They leave.
    Leave,
}

enum ClientWriter {
    Lines(WriteHalf<SimulatedStream>),
    Messages(SplitSink<WebSocketStream<SimulatedStream>, Message>),
}

enum ClientReader {
    Lines(ReadHalf<SimulatedStream>),
    Messages(SplitStream<WebSocketStream<SimulatedStream>>),
}

impl Client {
    /// Creates a client that has not connected yet.
    pub fn new(plan: ClientPlan, links: Links) -> Self {
        Self(Arc::new(Shared {
            plan,
            links,
            next: AtomicUsize::new(0),
            is_cut_off: AtomicBool::new(false),
            is_held_up: AtomicBool::new(false),
            visits: Mutex::default(),
        }))
    }

    /// Returns its dialect and transport.
    pub fn kind(&self) -> ClientKind {
        self.0.plan.kind
    }

    /// Returns true if it answers keep-alive pings.
    pub fn answers(&self) -> bool {
        self.0.plan.answers
    }

    /// Returns its connections so far.
    pub fn visits(&self) -> Vec<Arc<Visit>> {
        self.lock().clone()
    }

    /// Returns its open connection, if it has one.
    pub fn current(&self) -> Option<Arc<Visit>> {
        self.lock().last().filter(|visit| visit.seen().end.is_none()).cloned()
    }

    /// Marks its open connection with a fault, and also the connections that it makes until the
    /// fault is over.
    pub fn note(&self, fault: Fault) {
        match fault {
            Fault::Partition => self.0.is_cut_off.store(true, Ordering::Relaxed),
            Fault::Repair => self.0.is_cut_off.store(false, Ordering::Relaxed),
            Fault::Hold | Fault::HoldToServer | Fault::HoldToClient => {
                self.0.is_held_up.store(true, Ordering::Relaxed);
            }
            Fault::Release => self.0.is_held_up.store(false, Ordering::Relaxed),
            Fault::Crash | Fault::Restart | Fault::Reset | Fault::GiveUp | Fault::Latency(_) => {}
        }
        // Faults do not affect a connection that has ended.
        let Some(visit) = self.current() else { return };
        let mut seen = visit.seen();
        match fault {
            Fault::Hold | Fault::HoldToServer | Fault::HoldToClient | Fault::Release => {
                seen.is_disturbed = true
            }
            Fault::Partition
            | Fault::Repair
            | Fault::Crash
            | Fault::Restart
            | Fault::Reset
            | Fault::GiveUp => seen.is_faulted = true,
            Fault::Latency(_) => {}
        }
    }

    /// Runs the client. When the simulated host is restarted, the client goes on with the next
    /// visit.
    pub async fn run(self, mut phase: watch::Receiver<Phase>) -> turmoil::Result {
        loop {
            let index = self.0.next.fetch_add(1, Ordering::Relaxed);
            let Some(plan) = self.0.plan.visits.get(index) else { return Ok(()) };
            tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase > Phase::Active) => return Ok(()),
                () = sleep(plan.wait) => {}
            }
            self.visit(plan, phase.clone()).await;
        }
    }

    async fn visit(&self, plan: &VisitPlan, phase: watch::Receiver<Phase>) {
        let kind = self.kind();
        let port = match kind.endpoint() {
            Endpoint::Tcp(port) => port,
            Endpoint::WebSocket(_) => WEB_SOCKET,
        };
        let connecting = timeout(PATIENCE, self.0.links.connect(SERVER, port));
        let Ok(Ok(stream)) = connecting.await else { return };
        let address = stream.local_addr().expect("a simulated connection has an address");
        let seen = Seen {
            is_faulted: self.0.is_cut_off.load(Ordering::Relaxed),
            is_disturbed: self.0.is_held_up.load(Ordering::Relaxed),
            ..Seen::default()
        };
        let visit = Arc::new(Visit {
            address,
            seen: Mutex::new(seen),
            plan: plan.clone(),
            last_name: self.last_name(),
            given_up: CancellationToken::new(),
            is_paused: AtomicBool::new(false),
            resumed: Notify::new(),
        });
        self.lock().push(visit.clone());
        let life = Box::pin(self.live(plan, kind, stream, &visit, phase));
        let end = tokio::select! {
            biased;
            () = visit.given_up.cancelled() => End::Dropped,
            end = life => end,
        };
        visit.seen().end.get_or_insert(end);
    }

    async fn live(
        &self,
        plan: &VisitPlan,
        kind: ClientKind,
        stream: SimulatedStream,
        visit: &Arc<Visit>,
        phase: watch::Receiver<Phase>,
    ) -> End {
        // A client that sends no frame does not even start the WebSocket handshake.
        let is_silent =
            plan.actions.first().is_none_or(|(_, action)| !matches!(action, Action::Send(_)));
        let (reader, writer) = match kind.endpoint() {
            Endpoint::WebSocket(protocol) if !is_silent => {
                let upgrading = timeout(PATIENCE, upgrade(stream, protocol));
                let Ok(Some(socket)) = upgrading.await else { return End::Broken };
                let (sink, stream) = socket.split();
                (ClientReader::Messages(stream), ClientWriter::Messages(sink))
            }
            Endpoint::Tcp(_) | Endpoint::WebSocket(_) => {
                let (reader, writer) = tokio::io::split(stream);
                (ClientReader::Lines(reader), ClientWriter::Lines(writer))
            }
        };
        visit.seen().is_open = true;
        let (frames, reactions) = mpsc::unbounded_channel();
        // This connection is the newest one.
        let unanswered = unanswered(&self.exchanges()[1..]);
        let reactor = Reactor { frames, answers: self.0.plan.answers, unanswered };
        let reacts = kind.is_json_2() || kind.is_irc();
        let mut reading = Box::pin(read(visit.clone(), reader, reacts.then_some(reactor)));
        let mut acting = Box::pin(act(visit, plan, kind, writer, reactions, phase));
        let left = tokio::select! {
            biased;
            end = &mut reading => return end,
            left = &mut acting => left,
        };
        match left {
            AfterActions::Dropped => End::Dropped,
            AfterActions::Waiting(_writer) => {
                timeout(OVERDUE, reading).await.unwrap_or(End::Overdue)
            }
            AfterActions::Stuck(_writer) => timeout(WRITING, reading).await.unwrap_or(End::Dropped),
        }
    }

    /// Returns what it has received and asked on each connection, the newest first.
    fn exchanges(&self) -> Vec<Exchange> {
        let exchange = |visit: &Arc<Visit>| {
            let seen = visit.seen();
            let text = String::from_utf8_lossy(&seen.bytes);
            let objects = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            (objects.collect(), seen.asked.clone())
        };
        self.visits().iter().rev().map(exchange).collect()
    }

    /// Returns the last nickname that the server has given it, derived from what it has received.
    fn last_name(&self) -> Option<String> {
        let names = self.exchanges().into_iter();
        let mut names =
            names.map(|(objects, asked)| Rosters::of(&objects, &asked).own().to_owned());
        names.find(|name| !name.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Visit>>> {
        self.0.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Returns the record so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the client drop this connection.
    pub fn give_up(&self) {
        self.given_up.cancel();
    }
}

/// The outcome of a client's actions on a connection.
enum AfterActions {
    /// The client has dropped the connection without a quit command.
    Dropped,
    /// The client waits for the server to close the connection.
    Waiting(ClientWriter),
    /// The client cannot send, and soon drops the connection: before the quiet phase is over.
    Stuck(ClientWriter),
}

async fn upgrade(
    stream: SimulatedStream,
    protocol: Option<&'static str>,
) -> Option<WebSocketStream<SimulatedStream>> {
    let mut request = format!("ws://{SERVER}:{WEB_SOCKET}/ws").into_client_request().ok()?;
    if let Some(protocol) = protocol {
        let protocol = HeaderValue::from_static(protocol);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let config = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(4_096);
    Some(client_async_with_config(request, stream, Some(config)).await.ok()?.0)
}

/// Records what is received until the connection ends.
async fn read(visit: Arc<Visit>, mut reader: ClientReader, reactor: Option<Reactor>) -> End {
    let started = Instant::now();
    let mut read_up_to = 0;
    let mut code = None;
    loop {
        while visit.is_paused.load(Ordering::Relaxed) {
            visit.resumed.notified().await;
        }
        let came = match &mut reader {
            ClientReader::Lines(reader) => {
                let mut room = vec![0; 512];
                match reader.read(&mut room).await {
                    Ok(0) => return End::Closed(None),
                    Ok(length) => {
                        room.truncate(length);
                        room
                    }
                    Err(_) => return End::Broken,
                }
            }
            ClientReader::Messages(messages) => match messages.next().await {
                Some(Ok(Message::Text(text))) => [text.as_bytes(), b"\n"].concat(),
                Some(Ok(Message::Close(frame))) => {
                    code = frame.map(|frame| frame.code.into());
                    continue;
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) if code.is_none() => return End::Broken,
                Some(Err(_)) | None => return End::Closed(code),
            },
        };
        let mut seen = visit.seen();
        seen.bytes.extend_from_slice(&came);
        let length = seen.bytes.len();
        seen.times.push((started.elapsed().as_millis(), length));
        let Some(reactor) = &reactor else { continue };
        while let Some(end) = seen.bytes[read_up_to..].iter().position(|&byte| byte == b'\n') {
            reactor.react(&seen.bytes[read_up_to..read_up_to + end]);
            read_up_to += end + 1;
        }
    }
}

/// Carries out the plan, and then what the phase demands.
async fn act(
    visit: &Visit,
    plan: &VisitPlan,
    kind: ClientKind,
    mut writer: ClientWriter,
    mut reactions: mpsc::UnboundedReceiver<String>,
    mut phase: watch::Receiver<Phase>,
) -> AfterActions {
    let mut actions = plan.actions.iter();
    let mut next = actions.next();
    let mut due = Instant::now() + next.map_or(Duration::ZERO, |(pause, _)| *pause);
    let mut seen_phase = Phase::Active;
    loop {
        let action = tokio::select! {
            biased;
            Some(frame) = reactions.recv() => Some(Action::Send(frame)),
            Ok(now) = changed(&mut phase, seen_phase) => {
                seen_phase = now;
                visit.pause(plan.stops_reading && now < Phase::Leave);
                match now {
                    Phase::Active | Phase::Quiet => None,
                    Phase::Audit if kind.is_json_2() => Some(ClientKind::audit()),
                    Phase::Audit => None,
                    Phase::Leave => Some(plan.leave_action.clone()),
                }
            }
            () = until(next.map(|_| due)), if seen_phase == Phase::Active => {
                let action = next.map(|(_, action)| action.clone());
                next = actions.next();
                due = Instant::now() + next.map_or(Duration::ZERO, |(pause, _)| *pause);
                action
            }
        };
        let Some(action) = action else { continue };
        match timeout(WRITING, visit.carry_out(&action, &mut writer)).await {
            Ok(Ok(Done::On)) => {}
            Ok(Ok(Done::Gone)) => {
                // The remaining actions are skipped, so that some clients wait for the server to
                // close.
                visit.pause(false);
                return AfterActions::Waiting(writer);
            }
            Ok(Ok(Done::Dropped)) => return AfterActions::Dropped,
            // The connection is broken, or the server does not read: the client reads on for a
            // while.
            Ok(Err(())) | Err(_) => {
                visit.seen().may_lose_input = true;
                visit.pause(false);
                return AfterActions::Stuck(writer);
            }
        }
    }
}

async fn changed(phase: &mut watch::Receiver<Phase>, from: Phase) -> Result<Phase, ()> {
    phase.wait_for(|now| *now > from).await.map(|now| *now).map_err(|_| ())
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

enum Done {
    On,
    Gone,
    Dropped,
}

impl Visit {
    fn pause(&self, is_paused: bool) {
        if is_paused {
            self.seen().was_slow = true;
        }
        self.is_paused.store(is_paused, Ordering::Relaxed);
        if !is_paused {
            self.resumed.notify_one();
        }
    }

    async fn carry_out(&self, action: &Action, writer: &mut ClientWriter) -> Result<Done, ()> {
        let one = std::slice::from_ref(action);
        let actions = if let Action::Burst(actions) = action { actions.as_slice() } else { one };
        for action in actions {
            match action {
                Action::Send(frame) => self.send(frame, writer).await?,
                Action::Bytes(bytes) => match writer {
                    ClientWriter::Lines(writer) => writer.write_all(bytes).await.map_err(|_| ())?,
                    ClientWriter::Messages(sink) => {
                        let bytes = Bytes::copy_from_slice(bytes);
                        sink.send(Message::Binary(bytes)).await.map_err(|_| ())?;
                    }
                },
                Action::Burst(_) => {}
                Action::Pause(time) => sleep(*time).await,
                Action::StopReading => self.pause(true),
                Action::ReadAgain => self.pause(false),
                Action::Quit(frame) => {
                    self.send(frame, writer).await?;
                    self.seen().departure = Some(Departure::Quit);
                    return Ok(Done::Gone);
                }
                Action::HalfClose => {
                    match writer {
                        ClientWriter::Lines(writer) => writer.shutdown().await.map_err(|_| ())?,
                        ClientWriter::Messages(sink) => sink.close().await.map_err(|_| ())?,
                    }
                    self.seen().departure = Some(Departure::HalfClosed);
                    return Ok(Done::Gone);
                }
                Action::Drop => return Ok(Done::Dropped),
            }
        }
        Ok(Done::On)
    }

    /// Returns the frame; a hello with a reconnect key asks for the last nickname instead.
    fn as_before(&self, frame: String) -> String {
        let (Some(name), Ok(mut hello)) = (&self.last_name, serde_json::from_str::<Value>(&frame))
        else {
            return frame;
        };
        if hello.get("reconnect_key").is_none() {
            return frame;
        }
        hello["nickname"] = json!(name);
        hello.to_string()
    }

    async fn send(&self, frame: &str, writer: &mut ClientWriter) -> Result<(), ()> {
        let frame = frame.replace(UID, &self.address.to_string());
        let frame = self.as_before(frame);
        if let Some(request) = with_reference(&frame) {
            self.seen().asked.push(request);
        }
        match writer {
            ClientWriter::Lines(writer) => writer.write_all(format!("{frame}\n").as_bytes()).await,
            ClientWriter::Messages(sink) => {
                return sink.send(Message::text(frame)).await.map_err(|_| ());
            }
        }
        .map_err(|_| ())
    }
}

/// Returns a request with its `ref`, if it has one.
fn with_reference(frame: &str) -> Option<(String, Value)> {
    let request: Value = serde_json::from_str(frame).ok()?;
    Some((request.get("ref")?.as_str()?.to_owned(), request))
}

/// The server's name on the simulated network.
pub const SERVER: &str = "server";
/// The time that a client tries to send.
const WRITING: Duration = Duration::from_secs(3);
/// The time that a leaving client waits for the server to close its connection.
const OVERDUE: Duration = Duration::from_secs(12);
