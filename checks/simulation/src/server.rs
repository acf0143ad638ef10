//! The server on its simulated host, and the sessions in its own process.

use crate::client::SERVER;
use crate::ledger::{Ledger, SCRIBE, Witness};
use crate::network::Wires;
use crate::plan::Plan;
use crate::talk::{AUTO, BRACKET, JSON, STAR, WEB_SOCKET};
use crate::{Dice, SimulatedClock};
use chat_runtime::chat_core::{
    Command, Event, MessageKind, Peer, Recipient, RequestId, SessionId, Timestamp,
};
use chat_runtime::chat_dialects::{
    Conversation, Dialect, Fault, Form, Frame, Frames, JsonDialect, Notice, Reaction, TextDialect,
    TxtChatDialect,
};
use chat_runtime::{
    Connection, FrameSource, Framing, Hub, InProcessSession, Received, Server, SessionEvent, Writer,
};
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use transport_tcp::{AutoDialects, TcpFrontEnd};
use transport_ws::{WsEndpoint, WsFrontEnd};

/// What the run wants of the server's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To look at what is there.
    Look,
    /// To stop.
    Stop,
}

/// What the server's host says about itself. Cloning shares.
#[derive(Clone, Debug, Default)]
pub struct State(Arc<Mutex<Known>>);

/// What is known of the server's host.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What was there when there were no clients.
    pub before: Option<Look>,
    /// What was there when it was last looked.
    pub look: Option<Look>,
    /// How long it took to stop, and how many tasks were there two seconds later, besides those of
    /// bots that still listen.
    pub stopped: Option<(Duration, usize)>,
    /// What went wrong there.
    pub problems: Vec<String>,
    /// What the sessions in the same process have been told.
    pub bots: BTreeMap<&'static str, Bot>,
}

/// A session in the same process that only listens.
#[derive(Clone, Debug, Default)]
pub struct Bot {
    /// What it has been told.
    pub told: Vec<SessionEvent>,
    /// Whether its session has ended.
    pub has_ended: bool,
}

/// What there is on the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The engine's sessions.
    pub sessions: usize,
    /// Which of them are open that speak a dialect.
    pub open: Vec<SessionId>,
    /// The names and the channels of those that have a name.
    pub users: BTreeMap<SessionId, (String, Vec<String>)>,
    /// The members of each channel.
    pub channels: BTreeMap<String, Vec<String>>,
    /// The connections that have been let in.
    pub connections: usize,
    /// The runtime's tasks.
    pub tasks: usize,
}

impl State {
    /// What is known.
    pub fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program of the server's host.
pub async fn serve(
    plan: Plan,
    ledger: Ledger,
    wires: Wires,
    state: State,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
) -> turmoil::Result {
    let clock = SimulatedClock::start();
    let (json, bracket) = (JsonDialect::default, TextDialect::bracket);
    let auto = AutoDialects::new(
        ledger.watch(bracket(), clock),
        ledger.watch(json(), clock),
        ledger.watch(TxtChatDialect::new(7), clock),
    );
    let endpoint = WsEndpoint::default()
        .text(ledger.watch(TextDialect::plain(), clock))
        .json(ledger.watch(json(), clock));
    let [on_json, on_bracket, on_star] = [JSON, BRACKET, STAR].map(|port| wires.listen(port));
    let running = Server::new()
        .clock(clock)
        .policy(Witness(ledger.clone()))
        .limits(plan.limits.clone())
        .front_end(TcpFrontEnd::on(on_json.await?, ledger.watch(json(), clock))?)
        .front_end(TcpFrontEnd::on(on_bracket.await?, ledger.watch(bracket(), clock))?)
        .front_end(TcpFrontEnd::on(on_star.await?, ledger.watch(TextDialect::star(), clock))?)
        .front_end(TcpFrontEnd::on_auto(wires.listen(AUTO).await?, auto)?)
        .front_end(WsFrontEnd::on(wires.listen(WEB_SOCKET).await?, endpoint)?)
        .start();
    let hub = running.hub().clone();

    let permit = hub.admit(None).map_err(|why| why.to_string())?;
    let peer = Peer { host: Some(SCRIBE.into()), ..Peer::default() };
    let dialect = Arc::new(ledger.watch(Shorthand, clock));
    let connection = Connection { transport: SCRIBE, peer, dialect, permit };
    let scribes = hub.clone();
    tokio::task::spawn_local(async move {
        scribes
            .serve_connection(connection, Silent, Writer::new(tokio::io::sink()), Wastebasket)
            .await;
    });
    sleep(plan.tick).await;
    for (name, pause) in [(KEEN, Duration::ZERO), (LAZY, plan.bot_pauses)] {
        let bot = enter(&hub, name).await?;
        tokio::task::spawn_local(listen(bot, name, pause, plan.turmoil, state.clone()));
    }
    sleep(plan.tick).await;
    let before = look(&hub, &ledger).await?;
    state.lock().before = Some(before);
    let dice = Dice::new(plan.seed);
    tokio::task::spawn_local(come_and_go(hub.clone(), dice, plan.turmoil, state.clone()));

    while let Some(Wish::Look) = wishes.recv().await {
        let now = look(&hub, &ledger).await?;
        state.lock().look = Some(now);
    }
    let asked = Instant::now();
    running.stop();
    if let Err(failure) = running.wait().await {
        state.lock().problems.push(format!("the server failed: {failure}"));
    }
    let took = asked.elapsed();
    sleep(Duration::from_secs(2)).await;
    let look = Look { connections: hub.connections(), ..Look::default() };
    state.lock().look = Some(look);
    let mut known = state.lock();
    // One is of each bot that has not yet listened to the end.
    let listening = known.bots.values().filter(|bot| !bot.has_ended).count();
    known.stopped = Some((took, tasks().saturating_sub(listening)));
    Ok(())
}

async fn look(hub: &Hub, ledger: &Ledger) -> turmoil::Result<Look> {
    let known: Vec<SessionId> = ledger.open().accounts.keys().copied().collect();
    let mut look = hub
        .look(move |view| {
            let users = view.users().map(|user| {
                let channels = user.channels().map(|name| name.shown().to_owned()).collect();
                (user.sessions()[0], (user.nickname().shown().to_owned(), channels))
            });
            let channels = view.channels().map(|channel| {
                let members = channel.members().map(|member| member.nickname.shown().to_owned());
                (channel.name().shown().to_owned(), members.collect())
            });
            Look {
                sessions: view.session_count(),
                open: known.into_iter().filter(|&session| view.is_open(session)).collect(),
                users: users.collect(),
                channels: channels.collect(),
                connections: 0,
                tasks: 0,
            }
        })
        .await?;
    look.connections = hub.connections();
    look.tasks = tasks();
    Ok(look)
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

async fn enter(hub: &Hub, name: &str) -> turmoil::Result<InProcessSession> {
    let bot = hub.open_in_process(Peer::default()).await?;
    let nickname = Some(name.to_owned());
    bot.command(Command::Identify { nickname, lobby: true, token: None, reconnect_key: None })
        .await?;
    Ok(bot)
}

/// Listens until the session ends; for a while, with a pause now and then.
async fn listen(
    mut bot: InProcessSession,
    name: &'static str,
    pause: Duration,
    turmoil: Duration,
    state: State,
) {
    let mut dice = Dice::new(pause.as_millis() as u64);
    let until = Instant::now() + turmoil;
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

/// Opens sessions, says something, and drops them without a word.
async fn come_and_go(hub: Hub, mut dice: Dice, turmoil: Duration, state: State) {
    let until = Instant::now() + turmoil;
    while Instant::now() < until {
        let Ok(bot) = enter(&hub, "fickle").await else { return };
        let session = bot.id();
        for number in 0..dice.between(0, 4) {
            let to = Recipient::Channel("lobby".to_owned());
            let (kind, text) = (MessageKind::Notice, format!("{session:?} {number}"));
            if bot.command(Command::Say { to, kind, text }).await.is_err() {
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

/// What the scribe speaks: it takes its name, and is told everything without a word, so that no
/// queue is too short for it.
#[derive(Debug)]
struct Shorthand;

impl Dialect for Shorthand {
    fn name(&self) -> &str {
        SCRIBE
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Self)
    }

    fn encode(&self, _: Form, _: Timestamp, _: &Event, _: &mut Frames) {}
}

impl Conversation for Shorthand {
    fn begin(&mut self, reaction: &mut Reaction) {
        reaction.command(None, Command::identify(SCRIBE));
    }

    fn decode(&mut self, _: &[u8], _: &mut Reaction) {}

    fn fault(&mut self, _: &Fault, _: &mut Reaction) {}

    fn reply(&mut self, _: Option<&RequestId>, _: &Event, _: &mut Reaction) {}

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}

/// What comes from the scribe: nothing.
#[derive(Debug)]
struct Silent;

impl FrameSource for Silent {
    async fn receive(&mut self) -> Option<Received> {
        pending().await
    }
}

/// Where what the scribe is sent goes.
#[derive(Debug)]
struct Wastebasket;

impl Framing for Wastebasket {
    fn frame(_: &Frame, _: &mut Vec<u8>) {}
}

/// A session in the same process that listens all the time.
pub const KEEN: &str = "keen";
/// One that does not.
pub const LAZY: &str = "lazy";
/// The name of the server's host.
pub const HOST: &str = SERVER;
