//! A client on its own simulated host: it does what its plan says and writes down everything that
//! it sees.

use crate::plan::{ClientPlan, Fault, VisitPlan};
use crate::roster::Rosters;
use crate::stream::{Links, SimulatedStream};
use crate::talk::{Deed, Endpoint, PATIENCE, Speaks, UID, WEB_SOCKET};
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

/// A client, as the run and its own host see it. Cloning shares.
#[derive(Clone, Debug)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    plan: ClientPlan,
    links: Links,
    /// The next of the planned visits.
    next: AtomicUsize,
    /// What is sent is lost for good at present.
    is_cut_off: AtomicBool,
    /// What is sent is held back at present.
    is_held_up: AtomicBool,
    visits: Mutex<Vec<Arc<Visit>>>,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Visit {
    /// The client's address, by which the server knows it too.
    pub address: SocketAddr,
    seen: Mutex<Seen>,
    /// What its client planned.
    pub plan: VisitPlan,
    /// What the client was called at the end of its visit before.
    last_name: Option<String>,
    /// The client gives it up.
    given_up: CancellationToken,
    is_paused: AtomicBool,
    resumed: Notify,
}

/// What has happened on a connection.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Everything that has come, as lines. A message of a WebSocket is a line.
    pub bytes: Vec<u8>,
    /// When what came, in milliseconds, and how much had come then.
    pub times: Vec<(u128, usize)>,
    /// How it has ended.
    pub end: Option<End>,
    /// Something has gone wrong that may have cut it short.
    pub is_faulted: bool,
    /// Something has gone wrong that has held it up.
    pub is_disturbed: bool,
    /// The client did not read for a while.
    pub was_slow: bool,
    /// How the client has begun to go, if it has: it has sent nothing since.
    pub went: Option<Went>,
    /// Something of what it sent may be lost.
    pub unsure: bool,
    /// It was opened as its dialect wants it: over WebSocket with a handshake.
    pub is_open: bool,
    /// A check has found that it was told everything, or told what it missed.
    pub is_complete: bool,
    /// The requests that it has sent and that bear a mark, with it.
    pub asked: Vec<(String, Value)>,
}

/// How a client has begun to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It has said so.
    Quit,
    /// It sends no more.
    HalfClosed,
}

/// How a connection has ended, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server has ended it properly; over WebSocket with a code.
    Closed(Option<u16>),
    /// It broke.
    Broken,
    /// The client has dropped it.
    Dropped,
    /// The client has waited for its end for too long.
    Overdue,
    /// The client's own process has ended.
    Crashed,
}

/// What everybody does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// What their plans say.
    Turmoil,
    /// Nothing but reading.
    Calm,
    /// Asking who is where.
    Audit,
    /// Going.
    Leave,
}

enum Pen {
    Lines(WriteHalf<SimulatedStream>),
    Messages(SplitSink<WebSocketStream<SimulatedStream>, Message>),
}

enum Eye {
    Lines(ReadHalf<SimulatedStream>),
    Messages(SplitStream<WebSocketStream<SimulatedStream>>),
}

impl Client {
    /// A client that has not done anything yet.
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

    /// What it speaks.
    pub fn speaks(&self) -> Speaks {
        self.0.plan.speaks
    }

    /// Whether it answers the questions whether it is still there.
    pub fn answers(&self) -> bool {
        self.0.plan.answers
    }

    /// Its connections so far.
    pub fn visits(&self) -> Vec<Arc<Visit>> {
        self.lock().clone()
    }

    /// Its connection, if it has one.
    pub fn current(&self) -> Option<Arc<Visit>> {
        self.lock().last().filter(|visit| visit.seen().end.is_none()).cloned()
    }

    /// Marks its connection with a fault, and those that it makes until the fault is over.
    pub fn note(&self, fault: Fault) {
        match fault {
            Fault::Partition => self.0.is_cut_off.store(true, Ordering::Relaxed),
            Fault::Repair => self.0.is_cut_off.store(false, Ordering::Relaxed),
            Fault::Hold | Fault::Deaf | Fault::Mute => {
                self.0.is_held_up.store(true, Ordering::Relaxed);
            }
            Fault::Release => self.0.is_held_up.store(false, Ordering::Relaxed),
            Fault::Crash | Fault::Restart | Fault::Reset | Fault::GiveUp | Fault::Slow(_) => {}
        }
        // Nothing happens any more to a connection that has ended.
        let Some(visit) = self.current() else { return };
        let mut seen = visit.seen();
        match fault {
            Fault::Hold | Fault::Deaf | Fault::Mute | Fault::Release => seen.is_disturbed = true,
            Fault::Partition
            | Fault::Repair
            | Fault::Crash
            | Fault::Restart
            | Fault::Reset
            | Fault::GiveUp => seen.is_faulted = true,
            Fault::Slow(_) => {}
        }
    }

    /// Its program. When the host is restarted, it goes on with the next visit.
    pub async fn run(self, mut phase: watch::Receiver<Phase>) -> turmoil::Result {
        loop {
            let index = self.0.next.fetch_add(1, Ordering::Relaxed);
            let Some(plan) = self.0.plan.visits.get(index) else { return Ok(()) };
            tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase > Phase::Turmoil) => return Ok(()),
                () = sleep(plan.wait) => {}
            }
            self.visit(plan, phase.clone()).await;
        }
    }

    async fn visit(&self, plan: &VisitPlan, phase: watch::Receiver<Phase>) {
        let speaks = self.speaks();
        let port = match speaks.endpoint() {
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
        let life = Box::pin(self.live(plan, speaks, stream, &visit, phase));
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
        speaks: Speaks,
        stream: SimulatedStream,
        visit: &Arc<Visit>,
        phase: watch::Receiver<Phase>,
    ) -> End {
        // Who has nothing to say does not even shake hands.
        let is_silent = plan.deeds.first().is_none_or(|(_, deed)| !matches!(deed, Deed::Send(_)));
        let (eye, pen) = match speaks.endpoint() {
            Endpoint::WebSocket(protocol) if !is_silent => {
                let upgrading = timeout(PATIENCE, upgrade(stream, protocol));
                let Ok(Some(socket)) = upgrading.await else { return End::Broken };
                let (sink, stream) = socket.split();
                (Eye::Messages(stream), Pen::Messages(sink))
            }
            Endpoint::Tcp(_) | Endpoint::WebSocket(_) => {
                let (reader, writer) = tokio::io::split(stream);
                (Eye::Lines(reader), Pen::Lines(writer))
            }
        };
        visit.seen().is_open = true;
        let (questions, asked) = mpsc::unbounded_channel();
        let answers = self.0.plan.answers && speaks.is_json_2();
        let mut reading = Box::pin(read(visit.clone(), eye, answers.then_some(questions)));
        let mut acting = Box::pin(act(visit, plan, speaks, pen, asked, phase));
        let left = tokio::select! {
            biased;
            end = &mut reading => return end,
            left = &mut acting => left,
        };
        match left {
            Left::Dropped => End::Dropped,
            Left::Waiting(_pen) => timeout(OVERDUE, reading).await.unwrap_or(End::Overdue),
            Left::Stuck(_pen) => timeout(WRITING, reading).await.unwrap_or(End::Dropped),
        }
    }

    /// What the server has called it last, as it knows from what it was told.
    fn last_name(&self) -> Option<String> {
        let visits = self.visits();
        let names = visits.iter().rev().map(|visit| {
            let seen = visit.seen();
            let text = String::from_utf8_lossy(&seen.bytes);
            let objects: Vec<Value> =
                text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            Rosters::of(&objects, &seen.asked).own().to_owned()
        });
        names.into_iter().find(|name| !name.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Visit>>> {
        self.0.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// What has happened so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the client drop it.
    pub fn give_up(&self) {
        self.given_up.cancel();
    }
}

/// How a client has come to the end of what it does.
enum Left {
    /// Without a word.
    Dropped,
    /// It waits for the server to end the connection.
    Waiting(Pen),
    /// It cannot send, and gives up soon: before all is calm.
    Stuck(Pen),
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

/// Writes down what comes, until the end.
async fn read(
    visit: Arc<Visit>,
    mut eye: Eye,
    questions: Option<mpsc::UnboundedSender<String>>,
) -> End {
    let started = Instant::now();
    let mut asked_up_to = 0;
    let mut code = None;
    loop {
        while visit.is_paused.load(Ordering::Relaxed) {
            visit.resumed.notified().await;
        }
        let came = match &mut eye {
            Eye::Lines(reader) => {
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
            Eye::Messages(messages) => match messages.next().await {
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
        let Some(questions) = &questions else { continue };
        while let Some(end) = seen.bytes[asked_up_to..].iter().position(|&byte| byte == b'\n') {
            if &seen.bytes[asked_up_to..asked_up_to + end] == br#"{"type":"ping"}"# {
                // Who has gone does not answer.
                let _ = questions.send(r#"{"type":"pong"}"#.to_owned());
            }
            asked_up_to += end + 1;
        }
    }
}

/// Does what is planned; then what everybody does.
async fn act(
    visit: &Visit,
    plan: &VisitPlan,
    speaks: Speaks,
    mut pen: Pen,
    mut questions: mpsc::UnboundedReceiver<String>,
    mut phase: watch::Receiver<Phase>,
) -> Left {
    let mut deeds = plan.deeds.iter();
    let mut next = deeds.next();
    let mut due = Instant::now() + next.map_or(Duration::ZERO, |(pause, _)| *pause);
    let mut seen_phase = Phase::Turmoil;
    loop {
        let deed = tokio::select! {
            biased;
            Some(answer) = questions.recv() => Some(Deed::Send(answer)),
            Ok(now) = changed(&mut phase, seen_phase) => {
                seen_phase = now;
                visit.pause(plan.sleeps && now < Phase::Leave);
                match now {
                    Phase::Turmoil | Phase::Calm => None,
                    Phase::Audit if speaks.is_json_2() => Some(Speaks::audit()),
                    Phase::Audit => None,
                    Phase::Leave => Some(plan.parting.clone()),
                }
            }
            () = until(next.map(|_| due)), if seen_phase == Phase::Turmoil => {
                let deed = next.map(|(_, deed)| deed.clone());
                next = deeds.next();
                due = Instant::now() + next.map_or(Duration::ZERO, |(pause, _)| *pause);
                deed
            }
        };
        let Some(deed) = deed else { continue };
        match timeout(WRITING, visit.carry_out(&deed, &mut pen)).await {
            Ok(Ok(Done::On)) => {}
            Ok(Ok(Done::Gone)) => {
                // What else it would have done is left out, so that somebody waits for the end.
                visit.pause(false);
                return Left::Waiting(pen);
            }
            Ok(Ok(Done::Dropped)) => return Left::Dropped,
            // The connection is gone, or the server does not read: what has come is read, for a
            // while.
            Ok(Err(())) | Err(_) => {
                visit.seen().unsure = true;
                visit.pause(false);
                return Left::Stuck(pen);
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

    async fn carry_out(&self, deed: &Deed, pen: &mut Pen) -> Result<Done, ()> {
        let one = std::slice::from_ref(deed);
        let deeds = if let Deed::Burst(deeds) = deed { deeds.as_slice() } else { one };
        for deed in deeds {
            match deed {
                Deed::Send(frame) => self.send(frame, pen).await?,
                Deed::Bytes(bytes) => match pen {
                    Pen::Lines(writer) => writer.write_all(bytes).await.map_err(|_| ())?,
                    Pen::Messages(sink) => {
                        let bytes = Bytes::copy_from_slice(bytes);
                        sink.send(Message::Binary(bytes)).await.map_err(|_| ())?;
                    }
                },
                Deed::Burst(_) => {}
                Deed::Pause(time) => sleep(*time).await,
                Deed::StopReading => self.pause(true),
                Deed::ReadAgain => self.pause(false),
                Deed::Quit(frame) => {
                    self.send(frame, pen).await?;
                    self.seen().went = Some(Went::Quit);
                    return Ok(Done::Gone);
                }
                Deed::HalfClose => {
                    match pen {
                        Pen::Lines(writer) => writer.shutdown().await.map_err(|_| ())?,
                        Pen::Messages(sink) => sink.close().await.map_err(|_| ())?,
                    }
                    self.seen().went = Some(Went::HalfClosed);
                    return Ok(Done::Gone);
                }
                Deed::Drop => return Ok(Done::Dropped),
            }
        }
        Ok(Done::On)
    }

    /// A client that can come back as the user that it was asks for the name that it had last.
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

    async fn send(&self, frame: &str, pen: &mut Pen) -> Result<(), ()> {
        let frame = frame.replace(UID, &self.address.to_string());
        let frame = self.as_before(frame);
        if let Some(request) = marked(&frame) {
            self.seen().asked.push(request);
        }
        match pen {
            Pen::Lines(writer) => writer.write_all(format!("{frame}\n").as_bytes()).await,
            Pen::Messages(sink) => {
                return sink.send(Message::text(frame)).await.map_err(|_| ());
            }
        }
        .map_err(|_| ())
    }
}

/// A request with its mark, if it bears one.
fn marked(frame: &str) -> Option<(String, Value)> {
    let request: Value = serde_json::from_str(frame).ok()?;
    Some((request.get("ref")?.as_str()?.to_owned(), request))
}

/// The server's name on the simulated network.
pub const SERVER: &str = "server";
/// How long a client tries to send something.
const WRITING: Duration = Duration::from_secs(3);
/// How long a client that is going waits for the end of its connection.
const OVERDUE: Duration = Duration::from_secs(12);
