//! The server on its simulated host, and its in-process sessions.

use crate::ledger::{Ledger, RecordingPolicy, SCRIBE};
use crate::network::ServerStreams;
use crate::plan::Plan;
use crate::talk::{AUTO, BRACKET, IRC, JSON, STAR, WEB_SOCKET};
use crate::{Dice, SimulatedClock};
use chat_irc::{IrcDialect, IrcSettings};
use chat_runtime::chat_core::{
    Command, Event, MessageKind, Peer, Recipient, RequestId, Role, SessionId, Timestamp,
};
use chat_runtime::chat_dialects::{
    Conversation, Dialect, Fault, Form, Frame, Frames, JsonDialect, Notice, Reaction, TextDialect,
    TxtChatDialect,
};
use chat_runtime::{
    Cloak, Connection, FrameSource, Framing, Hub, InProcessSession, Received, Server, SessionEvent,
    Writer,
};
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use transport_tcp::{AutoDialects, TcpFrontEnd};
use transport_ws::{WsEndpoint, WsFrontEnd};

/// A request of the run to the server's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRequest {
    /// Take a snapshot of the server.
    Snapshot,
    /// Stop the server.
    Stop,
}

/// The state that the server's host reports to the run. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct State(Arc<Mutex<Known>>);

/// The reports of the server's host.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The snapshot before any client was started.
    pub before: Option<Snapshot>,
    /// The latest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The time that the server took to stop, and the number of tasks two seconds later, without
    /// those of bots that still listen.
    pub stopped: Option<(Duration, usize)>,
    /// Problems found on the server's host.
    pub problems: Vec<String>,
    /// The in-process sessions, by name.
    pub bots: BTreeMap<&'static str, Bot>,
}

/// An in-process session that only listens.
#[derive(Clone, Debug, Default)]
pub struct Bot {
    /// The events that it has received.
    pub told: Vec<SessionEvent>,
    /// True if its session has ended.
    pub has_ended: bool,
}

/// A snapshot of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of the engine's sessions.
    pub sessions: usize,
    /// Open sessions that have a dialect.
    pub open: Vec<SessionId>,
    /// The nickname and the channels of each user, by the user's first session.
    pub users: BTreeMap<SessionId, (String, Vec<String>)>,
    /// The members of each channel.
    pub channels: BTreeMap<String, Vec<String>>,
    /// The members of each channel, each after the sign that its role has in IRC.
    pub signed: BTreeMap<String, Vec<String>>,
    /// The number of admitted connections.
    pub connections: usize,
    /// The number of the runtime's tasks.
    pub tasks: usize,
}

impl State {
    /// Locks the state.
    pub fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the server's host.
pub async fn serve(
    plan: Plan,
    ledger: Ledger,
    streams: ServerStreams,
    state: State,
    mut requests: mpsc::UnboundedReceiver<ServerRequest>,
) -> turmoil::Result {
    let clock = SimulatedClock::start();
    let (json, bracket) = (JsonDialect::default, TextDialect::bracket);
    let irc = || IrcDialect::new(IrcSettings::new("irc.test"), &plan.limits.engine);
    let auto = AutoDialects::new(
        ledger.watch(bracket(), clock),
        ledger.watch(json(), clock),
        ledger.watch(TxtChatDialect::new(7), clock),
    )
    .irc(ledger.watch(irc(), clock));
    let endpoint = WsEndpoint::default()
        .text(ledger.watch(TextDialect::plain(), clock))
        .json(ledger.watch(json(), clock))
        .irc(ledger.watch(irc(), clock));
    let [on_json, on_bracket, on_star, on_irc] =
        [JSON, BRACKET, STAR, IRC].map(|port| streams.listen(port));
    let running = Server::new()
        .clock(clock)
        // A random key would make every run different.
        .cloak(Cloak::with_key(b"simulation"))
        .policy(RecordingPolicy(ledger.clone()))
        .limits(plan.limits.clone())
        .front_end(TcpFrontEnd::on(on_json.await?, ledger.watch(json(), clock))?)
        .front_end(TcpFrontEnd::on(on_bracket.await?, ledger.watch(bracket(), clock))?)
        .front_end(TcpFrontEnd::on(on_star.await?, ledger.watch(TextDialect::star(), clock))?)
        .front_end(TcpFrontEnd::on(on_irc.await?, ledger.watch(irc(), clock))?)
        .front_end(TcpFrontEnd::on_auto(streams.listen(AUTO).await?, auto)?)
        .front_end(WsFrontEnd::on(streams.listen(WEB_SOCKET).await?, endpoint)?)
        .start();
    let hub = running.hub().clone();

    let permit = hub.admit(None).map_err(|why| why.to_string())?;
    let peer = Peer { address: Some(SCRIBE.into()), ..Peer::default() };
    let dialect = Arc::new(ledger.watch(SilentDialect, clock));
    let connection = Connection { transport: SCRIBE, peer, dialect, permit };
    let scribes = hub.clone();
    tokio::task::spawn_local(async move {
        scribes
            .serve_connection(connection, NoInput, Writer::new(tokio::io::sink()), DiscardFraming)
            .await;
    });
    sleep(plan.tick).await;
    for (name, pause) in [(FAST_BOT, Duration::ZERO), (SLOW_BOT, plan.bot_pauses)] {
        let bot = open_bot(&hub, name).await?;
        tokio::task::spawn_local(listen(bot, name, pause, plan.active_time, state.clone()));
    }
    sleep(plan.tick).await;
    let before = take_snapshot(&hub, &ledger).await?;
    state.lock().before = Some(before);
    let dice = Dice::new(plan.seed);
    tokio::task::spawn_local(open_and_drop_bots(
        hub.clone(),
        dice,
        plan.active_time,
        state.clone(),
    ));

    while let Some(ServerRequest::Snapshot) = requests.recv().await {
        let now = take_snapshot(&hub, &ledger).await?;
        state.lock().snapshot = Some(now);
    }
    let asked = Instant::now();
    running.stop();
    if let Err(failure) = running.wait().await {
        state.lock().problems.push(format!("the server failed: {failure}"));
    }
    let took = asked.elapsed();
    sleep(Duration::from_secs(2)).await;
    let snapshot = Snapshot { connections: hub.connections(), ..Snapshot::default() };
    state.lock().snapshot = Some(snapshot);
    let mut known = state.lock();
    // Each bot that still listens has one task.
    let listening = known.bots.values().filter(|bot| !bot.has_ended).count();
    known.stopped = Some((took, tasks().saturating_sub(listening)));
    Ok(())
}

async fn take_snapshot(hub: &Hub, ledger: &Ledger) -> turmoil::Result<Snapshot> {
    let known: Vec<SessionId> = ledger.open().sessions.keys().copied().collect();
    let mut snapshot = hub
        .look(move |view| {
            let users = view.users().map(|user| {
                let channels = user.channels().map(|name| name.shown().to_owned()).collect();
                (user.sessions()[0], (user.nickname().shown().to_owned(), channels))
            });
            let channels = view.channels().map(|channel| {
                let members = channel.members().map(|member| member.nickname().shown().to_owned());
                (channel.name().shown().to_owned(), members.collect())
            });
            let signed = view.channels().map(|channel| {
                let members = channel
                    .members()
                    .map(|member| format!("{}{}", sign(member.role()), member.nickname().shown()));
                (channel.name().shown().to_owned(), members.collect())
            });
            Snapshot {
                sessions: view.session_count(),
                open: known.into_iter().filter(|&session| view.is_open(session)).collect(),
                users: users.collect(),
                channels: channels.collect(),
                signed: signed.collect(),
                connections: 0,
                tasks: 0,
            }
        })
        .await?;
    snapshot.connections = hub.connections();
    snapshot.tasks = tasks();
    Ok(snapshot)
}

/// Returns the sign of a role in IRC.
fn sign(role: Role) -> &'static str {
    match role {
        Role::Owner => "~",
        Role::Operator => "@",
        Role::Voiced => "+",
        Role::Member => "",
        _ => unreachable!("a variant that this test does not know"),
    }
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

async fn open_bot(hub: &Hub, name: &str) -> turmoil::Result<InProcessSession> {
    let bot = hub.open_in_process(Peer::default()).await?;
    bot.command(Command::identify(name)).await?;
    Ok(bot)
}

/// Listens until the session ends, with pauses while clients are active.
async fn listen(
    mut bot: InProcessSession,
    name: &'static str,
    pause: Duration,
    active_time: Duration,
    state: State,
) {
    let mut dice = Dice::new(pause.as_millis() as u64);
    let until = Instant::now() + active_time;
    loop {
        for _ in 0..dice.between(1, 20) {
            let told = bot.next().await;
            let mut known = state.lock();
            let bot = known.bots.entry(name).or_default();
            match told {
                Some(told) => bot.told.push(told),
                None => {
                    bot.has_ended = true;
                    return;
                }
            }
        }
        if Instant::now() < until {
            sleep(pause).await;
        }
    }
}

/// Opens in-process sessions, sends some messages, and drops each session without a quit command.
async fn open_and_drop_bots(hub: Hub, mut dice: Dice, active_time: Duration, state: State) {
    let until = Instant::now() + active_time;
    while Instant::now() < until {
        let Ok(bot) = open_bot(&hub, "fickle").await else { return };
        let session = bot.id();
        for number in 0..dice.between(0, 4) {
            let to = Recipient::Channel("lobby".to_owned());
            let (kind, text) = (MessageKind::Notice, format!("{session:?} {number}"));
            if bot
                .command(Command::Say {
                    to,
                    kind,
                    text,
                    nonce: None,
                    data: Default::default(),
                    reply_to: None,
                })
                .await
                .is_err()
            {
                return;
            }
            sleep(Duration::from_millis(dice.between(1, 500))).await;
        }
        drop(bot);
        sleep(Duration::from_millis(1)).await;
        let is_open = hub.look(move |view| view.is_open(session));
        if let Ok(Ok(true)) = timeout(Duration::from_secs(1), is_open).await {
            state.lock().problems.push("a session that has been dropped is still open".to_owned());
        }
        sleep(Duration::from_millis(dice.between(100, 2_000))).await;
    }
}

/// The scribe's dialect: it takes the name and encodes nothing, so that its queue is never full.
#[derive(Debug)]
struct SilentDialect;

impl Dialect for SilentDialect {
    fn name(&self) -> &str {
        SCRIBE
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Self)
    }

    fn encode(&self, _: Form, _: Timestamp, _: &Event, _: &mut Frames) {}
}

impl Conversation for SilentDialect {
    fn begin(&mut self, reaction: &mut Reaction) {
        reaction.command(None, Command::identify(SCRIBE));
    }

    fn decode(&mut self, _: &[u8], _: &mut Reaction) {}

    fn fault(&mut self, _: &Fault, _: &mut Reaction) {}

    fn reply(&mut self, _: Option<&RequestId>, _: &Event, _: &mut Reaction) {}

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}

/// The scribe's input, which never yields a frame.
#[derive(Debug)]
struct NoInput;

impl FrameSource for NoInput {
    async fn receive(&mut self) -> Option<Received> {
        pending().await
    }
}

/// The scribe's framing, which discards frames.
#[derive(Debug)]
struct DiscardFraming;

impl Framing for DiscardFraming {
    fn frame(_: &Frame, _: &mut Vec<u8>) {}
}

/// Name of the in-process session that reads without pauses.
pub const FAST_BOT: &str = "keen";
/// Name of the in-process session that pauses between reads.
pub const SLOW_BOT: &str = "lazy";
