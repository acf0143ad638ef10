//! Runs a script on an engine.

use super::describe::describe_record;
use super::describe_question::describe_question;
use super::{Action, Script, Step};
use crate::{
    Answer, CloseReason, Effect, Engine, Identity, Input, QuestionId, SessionId, Timestamp,
};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::time::Duration;

/// A script with every effect under the line that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript(String);

impl Script {
    /// The time at which scripts begin: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = super::step::START;

    /// Runs the script on a new engine with the limits that it asks for.
    pub fn run(&self) -> Transcript {
        self.run_on(&mut Engine::new(self.config().clone(), Self::START))
    }

    /// Runs the script on an engine that is at [`START`](Self::START) and has no sessions, for
    /// instance one with a [`Policy`](crate::Policy).
    ///
    /// ```
    /// use chat_core::script::Script;
    /// use chat_core::{AllowAll, Engine};
    ///
    /// let script: Script = "> alice: connect\n> alice: guest\n".parse()?;
    /// let mut engine = Engine::with_policy(script.config().clone(), Script::START, AllowAll);
    /// let transcript = script.run_on(&mut engine);
    /// assert!(transcript.as_str().ends_with("alice <= welcomed as user1; #lobby has user1\n"));
    /// # Ok::<(), chat_core::script::ScriptError>(())
    /// ```
    pub fn run_on(&self, engine: &mut Engine) -> Transcript {
        self.run_and_see(engine, |_| {})
    }

    /// Does the same as [`run_on`](Self::run_on), and calls `see` with each effect.
    pub fn run_and_see(&self, engine: &mut Engine, mut see: impl FnMut(Effect<'_>)) -> Transcript {
        let mut run_state = ScriptRun {
            now: Self::START,
            labels: Vec::new(),
            questions: Vec::new(),
            transcript: String::new(),
        };
        for line in &self.lines {
            run_state.transcript.push_str(&line.source);
            run_state.transcript.push('\n');
            match &line.step {
                Some(Step::Act(acts)) => {
                    for (label, action) in acts {
                        let input = run_state.input(label, action);
                        run_state.apply(engine, input, &mut see);
                    }
                }
                Some(Step::Wait(duration)) => {
                    run_state.now = run_state.now + *duration;
                    run_state.apply(engine, Input::Tick, &mut see);
                }
                Some(Step::Restart) => engine.restart(run_state.now),
                None => {}
            }
        }
        Transcript(run_state.transcript)
    }
}

impl Transcript {
    /// The transcript's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The state of a running script.
struct ScriptRun {
    now: Timestamp,
    /// The label of each session, beginning with session 1.
    labels: Vec<String>,
    /// The last question about each session.
    questions: Vec<QuestionId>,
    transcript: String,
}

impl ScriptRun {
    fn input(&mut self, label: &str, action: &Action) -> Input {
        if let Action::Connect(_) = action {
            self.labels.push(label.to_string());
            self.questions.push(QuestionId(0));
        }
        // The last session of this label; the parser has checked that there is one.
        let index = self.labels.iter().rposition(|known| known == label).unwrap_or_default();
        let session = SessionId(index as u64 + 1);
        match action {
            Action::Connect(peer) => Input::Open { session, peer: peer.clone() },
            Action::Disconnect => Input::Close { session, reason: CloseReason::Disconnected },
            Action::Command(command) => {
                Input::Command { session, request: None, command: command.clone() }
            }
            Action::Host(command) => Input::Host(command.clone()),
            Action::Answer(answer, lasts) => Input::Answer {
                session,
                question: self.questions.get(index).copied().unwrap_or(QuestionId(0)),
                answer: answer_at(self.now, answer, *lasts),
            },
        }
    }

    fn apply(&mut self, engine: &mut Engine, input: Input, see: &mut impl FnMut(Effect<'_>)) {
        for effect in engine.apply(self.now, input) {
            see(effect);
            let line = match effect {
                Effect::Reply { session, request: _, event } => {
                    alloc::format!("{} <= {event}", self.label(session))
                }
                Effect::HostReply { event } => alloc::format!("host <= {event}"),
                Effect::Deliver { to, event } => {
                    let names: Vec<&str> = to.iter().map(|&session| self.label(session)).collect();
                    alloc::format!("{} <- {event}", names.join(", "))
                }
                Effect::Ask { session, question, ask } => {
                    if let Some(last) = index(session).and_then(|at| self.questions.get_mut(at)) {
                        *last = question;
                    }
                    alloc::format!("host <- {}", describe_question(ask, self.label(session)))
                }
                Effect::Close { session, reason } => {
                    alloc::format!("{} closed: {reason}", self.label(session))
                }
                Effect::Record(record) => alloc::format!("record: {}", describe_record(record)),
            };
            writeln!(self.transcript, "    {line}").expect("writing to a string does not fail");
        }
    }

    fn label(&self, session: SessionId) -> &str {
        index(session).and_then(|at| self.labels.get(at)).map_or("?", String::as_str)
    }
}

/// Returns the index of a session in the lists of [`ScriptRun`].
fn index(session: SessionId) -> Option<usize> {
    usize::try_from(session.0).ok()?.checked_sub(1)
}

/// Returns an answer with its expiry, counted from now.
fn answer_at(now: Timestamp, answer: &Answer, lasts: Option<Duration>) -> Answer {
    match answer {
        Answer::Account(identity) => {
            let expires = lasts.map(|lasts| now + lasts);
            Answer::Account(Identity { expires, ..identity.clone() })
        }
        Answer::Guest
        | Answer::Refused(_)
        | Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Unavailable
        | Answer::Messages { .. }
        | Answer::Found { .. } => answer.clone(),
    }
}
