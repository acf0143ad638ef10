//! Runs every script of `scripts/` in JSON version 2 three ways: on a [`Switchboard`] without any I/O, over TCP and over
//! WebSocket. What each session is told has to be the same, frame by frame, times included. What the switchboard tells is
//! snapshotted for JSON version 2, and for some scripts in every other dialect as well.
//!
//! Where an action cannot be said in a dialect, its transcript has a line `# not sayable` in its place.

use chat_core::script::{Action, Script, Step};
use chat_core::{
    Answer, ChannelName, CloseReason, Command, Effect, Engine, Event, Identity, Input, Peer,
    QuestionId, Recipient, SessionId, Timestamp, View,
};
use chat_runtime::dialects::{
    Dialect, Inbound, JsonDialect, Question, Recorder, Style, Switchboard, TextDialect,
};
use chat_runtime::{Authenticator, Unavailable};
use chat_tests::{Client, Setup, TestServer, Unsayable, json_1, json_2, text_line};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::oneshot;

datatest_stable::harness! {
    { test = json_2_agrees_with_the_snapshot, root = "scripts", pattern = EVERY },
    { test = json_2_tells_what_the_engine_does, root = "scripts", pattern = EVERY },
    { test = each_request_has_one_answer_with_its_ref, root = "scripts", pattern = EVERY },
    { test = tcp_agrees_with_the_switchboard, root = "scripts", pattern = EVERY },
    { test = web_socket_agrees_with_the_switchboard, root = "scripts", pattern = EVERY },
    { test = json_1_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = bracket_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = star_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
    { test = plain_agrees_with_the_snapshot, root = "scripts", pattern = CHOSEN },
}

const EVERY: &str = r"^[a-z0-9_]+\.chat$";
/// Scripts with names, talk, channels, departures and refusals in them, most of which every dialect can say.
const CHOSEN: &str = r"^(away|cleaning|disconnect|hello|history|kick|messages|nicknames_refused|several_sessions|topic)\.chat$";

type TestResult = Result<(), Box<dyn Error>>;

fn json_2_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    snapshot("json_2", path, &transcript(&play(&script, &mut Json2::default(), Accounts::Kept)))
}

fn json_2_tells_what_the_engine_does(_: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    let moments = play(&script, &mut Json2::default(), Accounts::Kept);
    assert_eq!(frame_counts(&moments), counts_of_the_engine(&script, &moments));
    Ok(())
}

fn each_request_has_one_answer_with_its_ref(_: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    let moments = play(&script, &mut Json2::default(), Accounts::Kept);
    let mut open = BTreeSet::new();
    // Requests that wait for the host to say who it is.
    let mut waiting: Vec<(usize, Value)> = Vec::new();
    for moment in &moments {
        let mut answers = Vec::new();
        for (session, frame) in moment.frames() {
            let object: Value = serde_json::from_str(frame)?;
            if let Some(reference) = object.get("ref") {
                answers.push((session, reference.clone()));
            }
        }
        let mut asked: Vec<(usize, Value)> = match &moment.act {
            Act::Send { session, frame } if open.contains(session) => {
                let request: Value = serde_json::from_str(frame)?;
                request.get("ref").filter(|r| r.is_string()).map(|r| (*session, r.clone()))
            }
            Act::Open { session, .. } => {
                open.insert(*session);
                None
            }
            Act::Leave { session } => {
                open.remove(session);
                None
            }
            Act::Send { .. }
            | Act::Answer { .. }
            | Act::Unsayable
            | Act::Wait { .. }
            | Act::Stop => None,
        }
        .into_iter()
        .collect();
        if moment.asks {
            waiting.append(&mut asked);
        } else if asked.is_empty() {
            asked = waiting.extract_if(.., |request| answers.contains(request)).collect();
        }
        assert_eq!(answers, asked, "after {}", moment.heading);
        let closed = moment.told.iter().filter(|(_, told)| told.closed);
        closed.for_each(|(session, _)| {
            open.remove(session);
        });
    }
    Ok(())
}

fn tcp_agrees_with_the_switchboard(_: &Path, source: String) -> TestResult {
    agrees_with_the_switchboard(&source, Way::Tcp)
}

fn web_socket_agrees_with_the_switchboard(_: &Path, source: String) -> TestResult {
    agrees_with_the_switchboard(&source, Way::WebSocket)
}

fn agrees_with_the_switchboard(source: &str, way: Way) -> TestResult {
    let script: Script = source.parse()?;
    // A connection has no account: nothing on the wire says so.
    let moments = play(&script, &mut Json2::default(), Accounts::Dropped);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let again = runtime.block_on(replay(&script, &moments, way));
    assert_eq!(transcript(&again), transcript(&moments));
    Ok(())
}

fn json_1_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    let script: Script = source.parse()?;
    snapshot("json_1", path, &transcript(&play(&script, &mut Json1, Accounts::Kept)))
}

fn bracket_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("bracket", Style::bracket(), path, &source)
}

fn star_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("star", Style::star(), path, &source)
}

fn plain_agrees_with_the_snapshot(path: &Path, source: String) -> TestResult {
    style_agrees_with_the_snapshot("plain", Style::plain(), path, &source)
}

fn style_agrees_with_the_snapshot(
    name: &str,
    style: Style,
    path: &Path,
    source: &str,
) -> TestResult {
    let script: Script = source.parse()?;
    let mut text = Text { style, on: BTreeMap::new() };
    snapshot(name, path, &transcript(&play(&script, &mut text, Accounts::Kept)))
}

/// Something that happens, and what everybody is told because of it.
#[derive(Clone, Debug)]
struct Moment {
    /// What is shown above what is told.
    heading: String,
    act: Act,
    /// The action of the script that it carries out, if it does.
    action: Option<Action>,
    /// Whether the host is asked who somebody is.
    asks: bool,
    /// By the number of the session; nobody is in here who was told nothing.
    told: BTreeMap<usize, Told>,
    /// How many sessions are open afterwards.
    open: usize,
    labels: Vec<String>,
}

#[derive(Clone, Debug)]
enum Act {
    Open {
        session: usize,
        peer: Peer,
    },
    Leave {
        session: usize,
    },
    Send {
        session: usize,
        frame: String,
    },
    /// The host answers a question, unless there is none.
    Answer {
        session: usize,
        answer: Option<Answer>,
    },
    Unsayable,
    Wait {
        duration: Duration,
    },
    Stop,
}

#[derive(Clone, Debug, Default)]
struct Told {
    frames: Vec<String>,
    closed: bool,
}

impl Moment {
    fn frames(&self) -> impl Iterator<Item = (usize, &String)> {
        self.told
            .iter()
            .flat_map(|(&session, told)| told.frames.iter().map(move |frame| (session, frame)))
    }
}

/// Whether sessions have the accounts that the script gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accounts {
    Kept,
    Dropped,
}

/// How commands are said in a dialect.
trait Tongue {
    fn dialect(&self) -> Arc<dyn Dialect>;

    /// The frames that mean a command, from the session of this number.
    fn say(
        &mut self,
        session: usize,
        command: &Command,
        view: View<'_>,
    ) -> Result<Vec<String>, Unsayable>;
}

/// Version 2, with a `ref` in each request.
#[derive(Default)]
struct Json2 {
    requests: usize,
    greeted: BTreeSet<usize>,
}

impl Tongue for Json2 {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(JsonDialect::new("chat/test"))
    }

    fn say(
        &mut self,
        session: usize,
        command: &Command,
        _: View<'_>,
    ) -> Result<Vec<String>, Unsayable> {
        let mut request = json_2(command)?;
        self.requests += 1;
        request["ref"] = json!(self.requests.to_string());
        let request = written(&request);
        // Anything but a hello closes a connection that has not said which version it speaks. One that has no good `ref`
        // is refused, and has said it.
        let first = self.greeted.insert(session);
        let identifies = matches!(command, Command::Identify { .. });
        let refused = r#"{"type":"hello","version":2,"ref":0}"#.to_owned();
        Ok(if first && !identifies { vec![refused, request] } else { vec![request] })
    }
}

struct Json1;

impl Tongue for Json1 {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(JsonDialect::new("chat/test"))
    }

    fn say(&mut self, _: usize, command: &Command, _: View<'_>) -> Result<Vec<String>, Unsayable> {
        Ok(vec![written(&json_1(command)?)])
    }
}

/// Text, whose commands are about the channel that one is on.
struct Text {
    style: Style,
    /// The channel that a session is on, as far as it can be known without reading what it is told.
    on: BTreeMap<usize, ChannelName>,
}

impl Tongue for Text {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(TextDialect::new(self.style.clone()))
    }

    fn say(
        &mut self,
        session: usize,
        command: &Command,
        view: View<'_>,
    ) -> Result<Vec<String>, Unsayable> {
        let asked = self.style == Style::star() && view.user_of(id(session)).is_none();
        let line = text_line(command, asked)?;
        let mut lines = Vec::new();
        if matches!(command, Command::Identify { .. }) {
            self.on.insert(session, ChannelName::lobby());
        }
        if matches!(command, Command::Join { .. } | Command::Leave { .. }) {
            self.on.remove(&session);
        }
        if let Some(channel) = channel_meant(command) {
            let Ok(channel) = ChannelName::parse(channel) else {
                return Err("one is on no such channel");
            };
            let Some(user) = view.user_of(id(session)) else {
                return Err("one is on no channel before one has a name");
            };
            let members = view.channel(&channel);
            let is_in = members.is_some_and(|channel| {
                channel.members().any(|member| member.nickname == user.nickname())
            });
            if !is_in {
                return Err("only members can be on a channel");
            }
            if self.on.get(&session) != Some(&channel) {
                lines.push(format!("/switch {}", channel.shown()));
                self.on.insert(session, channel);
            }
        }
        lines.push(line);
        Ok(lines)
    }
}

/// The channel that one has to be on for a command.
fn channel_meant(command: &Command) -> Option<&str> {
    match command {
        Command::Say { to: Recipient::Channel(channel), .. }
        | Command::ShowTopic { channel }
        | Command::SetTopic { channel, .. }
        | Command::ShowModes { channel }
        | Command::SetModes { channel, .. }
        | Command::SetRole { channel, .. }
        | Command::Kick { channel, .. }
        | Command::Ban { channel, .. }
        | Command::Unban { channel, .. }
        | Command::Mute { channel, .. }
        | Command::Unmute { channel, .. }
        | Command::Exempt { channel, .. }
        | Command::Unexempt { channel, .. }
        | Command::ReadHistory { channel, .. } => Some(channel),
        Command::Say { to: Recipient::User(_), .. }
        | Command::Identify { .. }
        | Command::Rename { .. }
        | Command::Join { .. }
        | Command::Leave { .. }
        | Command::Invite { .. }
        | Command::ListUsers { .. }
        | Command::ListChannels
        | Command::SetAway { .. }
        | Command::Quit { .. } => None,
    }
}

/// An object with its type first and its `ref` last, whatever order the library keeps fields in.
fn written(request: &Value) -> String {
    let mut fields: Vec<(&String, &Value)> = request.as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| (*name != "type", *name == "ref", *name));
    let fields = fields.into_iter().map(|(name, value)| format!("{}:{value}", json!(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// A script on a switchboard, without any I/O.
struct Stage {
    now: Timestamp,
    switchboard: Switchboard<Recorder>,
    ports: Vec<Recorder>,
    labels: Vec<String>,
    /// Sessions that are gone, or have been told all that they will be told.
    over: BTreeSet<usize>,
    /// Questions that the host has not answered.
    questions: BTreeMap<usize, QuestionId>,
    moments: Vec<Moment>,
}

/// Runs a script on a switchboard, and stops the server at its end.
fn play(script: &Script, tongue: &mut dyn Tongue, accounts: Accounts) -> Vec<Moment> {
    let engine = Engine::new(script.config().clone(), Script::START);
    let mut stage = Stage {
        now: Script::START,
        switchboard: Switchboard::new(engine),
        ports: Vec::new(),
        labels: Vec::new(),
        over: BTreeSet::new(),
        questions: BTreeMap::new(),
        moments: Vec::new(),
    };
    let dialect = tongue.dialect();
    for (_, step) in script.steps() {
        let acts = match step {
            Step::Wait(duration) => {
                let duration = *duration;
                stage.now = stage.now + duration;
                stage.switchboard.tick(stage.now);
                stage.note(format!("+{duration:?}"), Act::Wait { duration }, None);
                continue;
            }
            Step::Act(acts) => acts,
        };
        for (label, action) in acts {
            stage.act(label, action, &dialect, tongue, accounts);
        }
    }
    stage.switchboard.shut_down();
    stage.note("stop".to_owned(), Act::Stop, None);
    stage.moments
}

impl Stage {
    fn act(
        &mut self,
        label: &str,
        action: &Action,
        dialect: &Arc<dyn Dialect>,
        tongue: &mut dyn Tongue,
        accounts: Accounts,
    ) {
        let done = Some(action.clone());
        if let Action::Connect(peer) = action {
            let peer = match accounts {
                Accounts::Kept => peer.clone(),
                Accounts::Dropped => Peer::default(),
            };
            let (session, port) = (self.ports.len(), Recorder::default());
            self.ports.push(port.clone());
            self.labels.push(label.to_owned());
            let (now, dialect) = (self.now, dialect.clone());
            self.switchboard.open(now, id(session), peer.clone(), dialect, port);
            self.note(format!("> {label}: connect"), Act::Open { session, peer }, done);
            return;
        }
        let session = self.labels.iter().rposition(|known| known == label).expect("a known label");
        if let Action::Answer(answer, lasts) = action {
            let question = self.questions.remove(&session);
            let answer = given_at(self.now, answer, *lasts);
            if let Some(question) = question {
                self.switchboard.answer(self.now, id(session), question, answer.clone());
            }
            let heading = format!("> host about {label}: {answer:?}");
            let answer = question.is_some().then_some(answer);
            self.note(heading, Act::Answer { session, answer }, done);
            return;
        }
        let Action::Command(command) = action else {
            self.switchboard.close(self.now, id(session), CloseReason::Disconnected);
            self.over.insert(session);
            self.note(format!("> {label}: disconnect"), Act::Leave { session }, done);
            return;
        };
        let frames = match tongue.say(session, command, self.switchboard.view()) {
            Ok(frames) => frames,
            Err(reason) => {
                let heading = format!("# not sayable by {label}, since {reason}: {command:?}");
                self.note(heading, Act::Unsayable, None);
                return;
            }
        };
        let last = frames.len() - 1;
        for (index, frame) in frames.into_iter().enumerate() {
            self.switchboard.receive(self.now, id(session), Inbound::Frame(frame.as_bytes()));
            let heading = format!("> {label}: {frame}");
            let done = if index == last { done.clone() } else { None };
            self.note(heading, Act::Send { session, frame }, done);
        }
    }

    /// Notes an act with what has been told since the last.
    fn note(&mut self, heading: String, act: Act, action: Option<Action>) {
        let mut told = BTreeMap::new();
        for (session, port) in self.ports.iter().enumerate() {
            let gone = self.over.contains(&session);
            let closed = port.closed().is_some() && !gone;
            let frames = port.take();
            assert!(frames.is_empty() || !gone, "told after the end: {frames:?}");
            if closed {
                self.over.insert(session);
            }
            if closed || !frames.is_empty() {
                told.insert(session, Told { frames, closed });
            }
        }
        let questions = self.switchboard.take_questions();
        let asks = !questions.is_empty();
        let number = |session: SessionId| usize::try_from(session.0).expect("a small number") - 1;
        self.questions.extend(questions.iter().map(|asked| (number(asked.session), asked.id)));
        let open = self.switchboard.view().session_count();
        let labels = self.labels.clone();
        self.moments.push(Moment { heading, act, action, asks, told, open, labels });
    }
}

/// An answer that is given now: what proves who somebody is holds from now on.
fn given_at(now: Timestamp, answer: &Answer, lasts: Option<Duration>) -> Answer {
    match answer {
        Answer::Account(identity) => {
            let expires = lasts.map(|lasts| now + lasts);
            Answer::Account(Identity { expires, ..identity.clone() })
        }
        Answer::Guest | Answer::Refused(_) | Answer::Unavailable => answer.clone(),
    }
}

/// An authenticator that answers what the script wants, when it wants it.
#[derive(Clone, Default)]
struct Clerk(Arc<Mutex<BTreeMap<SessionId, oneshot::Sender<Answer>>>>);

impl Clerk {
    async fn answer(&self, session: SessionId, answer: Answer) {
        loop {
            if let Some(asked) = self.lock().remove(&session) {
                // Whoever has waited too long waits no longer.
                let _ = asked.send(answer);
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SessionId, oneshot::Sender<Answer>>> {
        self.0.lock().expect("nobody panics")
    }
}

#[async_trait::async_trait]
impl Authenticator for Clerk {
    async fn authenticate(&self, question: &Question) -> Result<Answer, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.lock().insert(question.session, answer);
        Ok(answered.await?)
    }
}

/// How sockets are spoken to.
#[derive(Clone, Copy, Debug)]
enum Way {
    Tcp,
    WebSocket,
}

/// Does the same over sockets, and notes what is told there. A moment is over when everybody has been told as much as on
/// the switchboard and as many sessions are open; what is told beyond that is found in the next, or at the end.
async fn replay(script: &Script, moments: &[Moment], way: Way) -> Vec<Moment> {
    let clock = TestServer::clock();
    let endpoint = transport_ws::WsEndpoint::default().json(JsonDialect::new("chat/test"));
    let clerk = Clerk::default();
    let mut setup = Setup::default().config(script.config().clone()).clock(&clock);
    if script.config().authenticate {
        setup = setup.authenticator(clerk.clone());
    }
    let server = setup.json(JsonDialect::new("chat/test")).endpoint(endpoint).start();
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut again = Vec::new();
    for moment in moments {
        match &moment.act {
            Act::Open { session, .. } => {
                let name = &moment.labels[*session];
                clients.push(Some(match way {
                    Way::Tcp => server.json(name).await,
                    Way::WebSocket => server.ws_json(name).await,
                }));
            }
            Act::Leave { session } => clients[*session] = None,
            Act::Send { session, frame } => {
                if let Some(client) = &mut clients[*session] {
                    client.send(frame).await;
                }
            }
            Act::Answer { session, answer } => {
                if let Some(answer) = answer {
                    clerk.answer(id(*session), answer.clone()).await;
                }
            }
            Act::Unsayable => {}
            Act::Wait { duration } => clock.advance(*duration),
            Act::Stop => server.begin_to_stop(),
        }
        let mut told = BTreeMap::new();
        for (&session, expected) in &moment.told {
            let Some(client) = &mut clients[session] else {
                panic!("{} was told {expected:?} after the end", moment.labels[session])
            };
            let mut frames = Vec::new();
            for _ in &expected.frames {
                frames.push(client.next().await);
            }
            if expected.closed {
                while let Ok(more) = client.next_or_end().await {
                    frames.push(more);
                }
                clients[session] = None;
            }
            told.insert(session, Told { frames, closed: expected.closed });
        }
        if !matches!(moment.act, Act::Stop) {
            server.sessions(moment.open).await;
        }
        again.push(Moment { told, ..moment.clone() });
    }
    server.stopped().await.expect("the server stops properly");
    again
}

/// Moments as text, to be read in a diff. A greeting that comes again is not shown again.
fn transcript(moments: &[Moment]) -> String {
    let mut text = String::new();
    let mut greetings: Vec<&[String]> = Vec::new();
    let mut line = |words: String| {
        words.chars().for_each(|c| show(c, &mut text));
        text.push('\n');
    };
    for moment in moments {
        line(moment.heading.clone());
        for (&session, told) in &moment.told {
            let label = &moment.labels[session];
            let greeting = matches!(moment.act, Act::Open { .. }) && told.frames.len() > 10;
            if greeting && greetings.contains(&told.frames.as_slice()) {
                line(format!("    {label} <- (the same {} lines)", told.frames.len()));
                continue;
            }
            if greeting {
                greetings.push(&told.frames);
            }
            for frame in &told.frames {
                // A prompt ends with a space, which should be seen.
                let frame = match frame.strip_suffix(' ') {
                    Some(frame) => format!("{frame}␠"),
                    None => frame.clone(),
                };
                line(format!("    {label} <- {frame}"));
            }
            if told.closed {
                line(format!("    {label} closed"));
            }
        }
    }
    text
}

/// Writes a character so that it can be seen in a diff and does nothing to it.
fn show(c: char, out: &mut String) {
    let unseen = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || unseen {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// How many frames each session is told by each action of a script.
fn frame_counts(moments: &[Moment]) -> Vec<(String, BTreeMap<usize, usize>)> {
    let counted = moments.iter().filter(|moment| is_for_the_engine(moment));
    counted
        .map(|moment| {
            let counts = moment.told.iter().map(|(&session, told)| (session, told.frames.len()));
            (moment.heading.clone(), counts.filter(|(_, count)| *count > 0).collect())
        })
        .collect()
}

/// How many it should be, from the effects of the engine.
fn counts_of_the_engine(
    script: &Script,
    moments: &[Moment],
) -> Vec<(String, BTreeMap<usize, usize>)> {
    let mut engine = Engine::new(script.config().clone(), Script::START);
    let mut now = Script::START;
    let mut questions = BTreeMap::new();
    let counted = moments.iter().filter(|moment| is_for_the_engine(moment));
    counted
        .map(|moment| {
            let input = match (&moment.act, &moment.action) {
                (Act::Open { session, peer }, _) => {
                    Input::Open { session: id(*session), peer: peer.clone() }
                }
                (Act::Send { session, .. }, Some(Action::Command(command))) => {
                    let (session, command) = (id(*session), command.clone());
                    Input::Command { session, request: None, command }
                }
                (Act::Answer { session, answer: Some(answer) }, _) => {
                    let session = id(*session);
                    let question = questions.remove(&session).unwrap_or(QuestionId(0));
                    Input::Answer { session, question, answer: answer.clone() }
                }
                (Act::Leave { session }, _) => {
                    Input::Close { session: id(*session), reason: CloseReason::Disconnected }
                }
                (Act::Wait { duration }, _) => {
                    now = now + *duration;
                    Input::Tick
                }
                (Act::Send { .. } | Act::Answer { .. } | Act::Unsayable | Act::Stop, _) => {
                    Input::Tick
                }
            };
            let mut counts = BTreeMap::new();
            let mut count = |session: SessionId, frames: usize| {
                if frames > 0 {
                    let index = usize::try_from(session.0).expect("a small number") - 1;
                    *counts.entry(index).or_insert(0) += frames;
                }
            };
            for effect in engine.apply(now, input) {
                match effect {
                    Effect::Reply { session, event, .. } => count(session, frames_of(event)),
                    Effect::Deliver { to, event } => {
                        to.iter().for_each(|&session| count(session, frames_of(event)));
                    }
                    Effect::Close { session, reason } => {
                        let said = matches!(
                            reason,
                            CloseReason::Idle | CloseReason::NotNamed | CloseReason::Expired
                        );
                        count(session, usize::from(said));
                    }
                    Effect::Ask { session, question, .. } => {
                        questions.insert(session, question);
                    }
                    Effect::Record(_) => {}
                }
            }
            (moment.heading.clone(), counts)
        })
        .collect()
}

/// Whether a moment is one that the script asks for, and not an addition of the dialect's.
fn is_for_the_engine(moment: &Moment) -> bool {
    match &moment.act {
        Act::Open { .. } | Act::Leave { .. } | Act::Answer { .. } | Act::Wait { .. } => true,
        Act::Send { .. } => moment.action.is_some(),
        Act::Unsayable | Act::Stop => false,
    }
}

/// How many objects of version 2 an event is.
fn frames_of(event: &Event) -> usize {
    if let Event::Quit { channels, .. } = event {
        return channels.len();
    }
    // With the roster of the lobby; as an answer, and to the sender as to everybody.
    let two = matches!(event, Event::Welcomed { lobby: Some(_), .. } | Event::Sent { .. });
    if two { 2 } else { 1 }
}

fn id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}

fn snapshot(folder: &str, path: &Path, transcript: &str) -> TestResult {
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../snapshots/dialects/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
    Ok(())
}
