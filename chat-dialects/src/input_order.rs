//! The inputs of a switchboard whose order a log decides.

use crate::hidden_secrets::HiddenSecrets;
use chat_core::{CloseReason, Event, Input, SessionId, Timestamp};
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

/// Inputs on their way to a log that several switchboards share, and the sessions of the others.
#[derive(Debug)]
pub(crate) struct InputOrder {
    /// The number of this switchboard's node.
    node: u32,
    /// The inputs that the host has not taken yet.
    submitted: Vec<Input>,
    /// The sessions of this node whose end is submitted. Nothing else of them is.
    closing: HashSet<SessionId>,
    /// The sessions that begin again in another dialect once their end is applied.
    switching: HashSet<SessionId>,
    /// The open sessions of other nodes.
    foreign: BTreeSet<SessionId>,
    /// The answers to this node's commands of the host.
    pub(crate) host_replies: VecDeque<Event>,
    /// The time before which no further tick is submitted.
    next_tick: Timestamp,
    /// The secrets that the log does not contain.
    pub(crate) secrets: HiddenSecrets,
    /// True if commands are refused, because the log takes no inputs at the moment.
    pub(crate) refuses: bool,
    /// True if the engine has panicked at an input.
    pub(crate) has_panicked: bool,
}

impl InputOrder {
    /// Makes the order of the inputs of a node. `foreign` are the sessions of others that are open.
    pub(crate) fn new(node: u32, now: Timestamp, foreign: impl Iterator<Item = SessionId>) -> Self {
        Self {
            node,
            submitted: Vec::new(),
            closing: HashSet::new(),
            switching: HashSet::new(),
            foreign: foreign.collect(),
            host_replies: VecDeque::new(),
            next_tick: now,
            secrets: HiddenSecrets::new(node),
            refuses: false,
            has_panicked: false,
        }
    }

    /// Submits an input, unless the end of its session is submitted already.
    pub(crate) fn submit(&mut self, now: Timestamp, mut input: Input) {
        match &input {
            Input::Command { session, .. } | Input::Answer { session, .. }
                if self.closing.contains(session) =>
            {
                return;
            }
            Input::Close { session, .. }
                if !self.switching.contains(session) && !self.closing.insert(*session) =>
            {
                return;
            }
            Input::Tick => self.next_tick = now + TICK,
            Input::Open { .. }
            | Input::Command { .. }
            | Input::Close { .. }
            | Input::Answer { .. }
            | Input::Host(_)
            | _ => {}
        }
        self.secrets.hide(&mut input);
        self.submitted.push(input);
    }

    pub(crate) fn has_submitted(&self) -> bool {
        !self.submitted.is_empty()
    }

    pub(crate) fn take_submitted(&mut self) -> Vec<Input> {
        std::mem::take(&mut self.submitted)
    }

    /// Returns true if another node has the session.
    pub(crate) fn is_foreign(&self, session: SessionId) -> bool {
        node_of(session) != self.node
    }

    /// Notes an input that is about to be applied.
    pub(crate) fn note_ordered(&mut self, input: &Input) {
        if let Input::Open { session, .. } = input
            && self.is_foreign(*session)
        {
            self.foreign.insert(*session);
        }
    }

    /// Notes that the dialect of a session changes: its end, which is submitted next, ends only
    /// the engine's session.
    pub(crate) fn note_switch(&mut self, session: SessionId) {
        self.switching.insert(session);
    }

    /// Notes the end of a session. Returns true if no session of this node ends.
    pub(crate) fn note_closed(&mut self, session: SessionId) -> bool {
        self.closing.remove(&session);
        self.secrets.forget(session);
        self.foreign.remove(&session) | self.switching.remove(&session) | self.is_foreign(session)
    }

    /// Notes that the end of a session was applied, whether or not the engine had it.
    pub(crate) fn note_end_applied(&mut self, session: SessionId) {
        self.closing.remove(&session);
        self.switching.remove(&session);
    }

    /// Returns the ends of a node's open sessions, which all nodes apply in the same order.
    pub(crate) fn ends_of(&self, node: u32) -> Vec<Input> {
        let sessions = self.foreign.range(first_session(node)..);
        let sessions = sessions.take_while(|session| node_of(**session) == node);
        let end = |&session| Input::Close { session, reason: CloseReason::Disconnected };
        sessions.map(end).collect()
    }

    pub(crate) fn next_tick(&self) -> Timestamp {
        self.next_tick
    }
}

/// Returns the first number of the sessions of a node.
pub(crate) fn first_session(node: u32) -> SessionId {
    SessionId(u64::from(node) << NODE_SHIFT)
}

fn node_of(session: SessionId) -> u32 {
    (session.0 >> NODE_SHIFT) as u32
}

/// The bits of a session's number that count the sessions of one node.
const NODE_SHIFT: u32 = 32;
/// The time between two ticks of a node, while the log has not applied the first: the log's clock
/// may be behind that of the node.
const TICK: Duration = Duration::from_millis(250);
