//! Runs a script on a switchboard, without any I/O.

use crate::client_dialect::ClientDialect;
use crate::exchange::{Act, Exchange, Output, id};
use chat_core::script::{Action, Script, Step};
use chat_core::{Answer, CloseReason, Engine, Peer, QuestionId, SessionId, Timestamp};
use chat_runtime::chat_dialects::{Dialect, Inbound, Recorder, Switchboard};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The treatment of the accounts that a script gives to sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accounts {
    Kept,
    Dropped,
}

struct ScriptRunner {
    now: Timestamp,
    switchboard: Switchboard<Recorder>,
    ports: Vec<Recorder>,
    labels: Vec<String>,
    /// Sessions that have disconnected or been closed.
    over: BTreeSet<usize>,
    /// Questions of the engine that have not been answered.
    questions: BTreeMap<usize, QuestionId>,
    exchanges: Vec<Exchange>,
}

/// Runs a script on a switchboard, and stops the server at its end.
pub(crate) fn play(
    script: &Script,
    client_dialect: &mut dyn ClientDialect,
    accounts: Accounts,
) -> Vec<Exchange> {
    let engine = Engine::new(script.config().clone(), Script::START);
    let mut runner = ScriptRunner {
        now: Script::START,
        switchboard: Switchboard::new(engine),
        ports: Vec::new(),
        labels: Vec::new(),
        over: BTreeSet::new(),
        questions: BTreeMap::new(),
        exchanges: Vec::new(),
    };
    let dialect = client_dialect.dialect();
    for (_, step) in script.steps() {
        let acts = match step {
            Step::Wait(duration) => {
                let duration = *duration;
                runner.now = runner.now + duration;
                runner.switchboard.tick(runner.now);
                runner.note(format!("+{duration:?}"), Act::Wait { duration }, None);
                continue;
            }
            Step::Act(acts) => acts,
            Step::Restart => unreachable!("scripts that restart run on the engine alone"),
            _ => unreachable!("a variant that this test does not know"),
        };
        for (label, action) in acts {
            runner.act(label, action, &dialect, client_dialect, accounts);
        }
    }
    runner.switchboard.shut_down();
    runner.note("stop".to_owned(), Act::Stop, None);
    runner.exchanges
}

impl ScriptRunner {
    fn act(
        &mut self,
        label: &str,
        action: &Action,
        dialect: &Arc<dyn Dialect>,
        client_dialect: &mut dyn ClientDialect,
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
        if let Action::Host(command) = action {
            let (now, command) = (self.now, command.clone());
            let answer = self.switchboard.host(now, command.clone());
            self.note(format!("> host: {command:?} ({answer})"), Act::Host { command }, done);
            return;
        }
        let session = self.labels.iter().rposition(|known| known == label).expect("a known label");
        if let Action::Answer(answer, lasts) = action {
            let question = self.questions.remove(&session);
            let answer = given_at(self.now, answer, *lasts);
            if let Some(question) = question {
                let answer = Inbound::Answer { question, answer: answer.clone() };
                self.switchboard.receive(self.now, id(session), answer);
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
        let frames = match client_dialect.say(session, command, self.switchboard.view()) {
            Ok(frames) => frames,
            Err(reason) => {
                let heading = format!("# unsupported for {label}, since {reason}: {command:?}");
                self.note(heading, Act::Unsupported, None);
                return;
            }
        };
        let last = frames.len() - 1;
        for (index, frame) in frames.into_iter().enumerate() {
            self.switchboard.receive_frame(self.now, id(session), frame.as_bytes());
            let heading = format!("> {label}: {frame}");
            let done = if index == last { done.clone() } else { None };
            self.note(heading, Act::Send { session, frame }, done);
        }
    }

    /// Records an input with the frames received since the previous one.
    fn note(&mut self, heading: String, act: Act, action: Option<Action>) {
        let mut outputs = BTreeMap::new();
        for (session, port) in self.ports.iter().enumerate() {
            let gone = self.over.contains(&session);
            let closed = port.closed().is_some() && !gone;
            let frames = port.take();
            assert!(frames.is_empty() || !gone, "frames after the end: {frames:?}");
            if closed {
                self.over.insert(session);
            }
            if closed || !frames.is_empty() {
                outputs.insert(session, Output { frames, closed });
            }
        }
        let logins = self.switchboard.take_auth_requests().into_iter();
        let others = self.switchboard.take_requests().into_iter();
        let questions: Vec<_> = logins
            .map(|asked| (asked.session, asked.id))
            .chain(others.map(|asked| (asked.session, asked.id)))
            .collect();
        let asks = !questions.is_empty();
        let number = |session: SessionId| usize::try_from(session.0).expect("a small number") - 1;
        self.questions.extend(questions.into_iter().map(|(session, id)| (number(session), id)));
        let open = self.switchboard.view().session_count();
        let labels = self.labels.clone();
        self.exchanges.push(Exchange { heading, act, action, asks, outputs, open, labels });
    }
}

/// Returns an answer with its expiry, counted from now.
fn given_at(now: Timestamp, answer: &Answer, lasts: Option<Duration>) -> Answer {
    match answer {
        Answer::Account(identity) => {
            let mut identity = identity.clone();
            identity.expires = lasts.map(|lasts| now + lasts);
            Answer::Account(identity)
        }
        Answer::Guest
        | Answer::Refused(_)
        | Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Unavailable
        | Answer::Messages { .. }
        | Answer::Found { .. } => answer.clone(),
        _ => unreachable!("a new answer is listed above"),
    }
}
