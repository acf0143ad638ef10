//! A log that orders the inputs of several servers.

#[cfg(test)]
mod tests;

use chat_core::{Config, Engine, Input, Timestamp};
use std::fmt;
use std::future::pending;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

/// The server's end of a log that orders the inputs of several servers, the *nodes* of a cluster.
/// All of them apply the same inputs in the same order and at the same times, and each serves its
/// own sessions.
///
/// The other end, such as that of `chat-cluster`, appends each round to the log. It also reads the
/// entries of all nodes in order, from the first one or from a snapshot on. When `rounds` is
/// closed, it ends the sessions of this node in the log, and then closes `events`.
#[derive(Debug)]
pub struct OrderedLog {
    /// The number of this node; no other one has or had it.
    pub node: u32,
    /// Makes the engine: one that begins at the time at which those of all nodes have begun, or
    /// that continues from a snapshot.
    pub engine: EngineStart,
    /// The inputs of this node's sessions. A round waits while there is no room.
    pub rounds: mpsc::Sender<Vec<Input>>,
    /// The inputs at which the engine has panicked, as the places of their entries and their
    /// numbers in them. The log has to leave them out, in the same way for all nodes, after the
    /// server has started again.
    pub panics: mpsc::Sender<(u64, usize)>,
    /// The events of the log.
    pub events: mpsc::Receiver<LogEvent>,
}

/// An event of the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogEvent {
    /// The log has inputs of the sessions of one node.
    Round {
        /// The place of the entry in the log.
        position: u64,
        /// The time at which all nodes apply them.
        time: Timestamp,
        /// The inputs, in order.
        inputs: Vec<Input>,
        /// True if this node has submitted them.
        is_own: bool,
    },
    /// A node has stopped or failed: its sessions end.
    NodeEnded {
        /// The time at which all nodes end them.
        time: Timestamp,
        /// The node's number.
        node: u32,
    },
    /// Shows the engine after the events before this one.
    Look(EngineLook),
    /// The node has applied all that was in the log when it started: it serves clients from now on.
    CaughtUp,
    /// The states of so many nodes differ from that of most: a bug, which is counted.
    Differing(usize),
    /// True if the log has taken nothing for a while: new commands are refused. False if it takes
    /// rounds again.
    Isolated(bool),
    /// The log cannot be followed any longer. The server stops.
    Failed(LogFailure),
}

/// A function that makes the engine of a node from its configuration.
pub struct EngineStart(Box<dyn FnOnce(Config) -> Engine + Send>);

impl EngineStart {
    /// Makes one.
    pub fn new(make: impl FnOnce(Config) -> Engine + Send + 'static) -> Self {
        Self(Box::new(make))
    }

    pub(crate) fn call(self, config: Config) -> Engine {
        (self.0)(config)
    }
}

impl fmt::Debug for EngineStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineStart").finish_non_exhaustive()
    }
}

/// A function that is called with the engine, in the engine task.
pub struct EngineLook(Box<dyn FnOnce(&Engine) + Send>);

impl EngineLook {
    /// Makes one. The engine task waits until the function returns.
    pub fn new(look: impl FnOnce(&Engine) + Send + 'static) -> Self {
        Self(Box::new(look))
    }

    pub(crate) fn call(self, engine: &Engine) {
        (self.0)(engine);
    }
}

impl fmt::Debug for EngineLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineLook").finish_non_exhaustive()
    }
}

/// The reason for which a server cannot follow its log any longer, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LogFailure(pub String);

/// The log of a server whose engine is made.
#[derive(Debug)]
pub(crate) struct NodeLog {
    pub(crate) panics: mpsc::Sender<(u64, usize)>,
    rounds: mpsc::Sender<Vec<Input>>,
    events: mpsc::Receiver<LogEvent>,
}

impl OrderedLog {
    /// Separates what the engine is made with.
    pub(crate) fn split(self) -> ((EngineStart, u32), NodeLog) {
        let Self { node, engine, rounds, panics, events } = self;
        ((engine, node), NodeLog { panics, rounds, events })
    }
}

impl NodeLog {
    async fn next(&mut self, has_round: bool) -> Option<LogEvent> {
        // Events come first, because they may add to the round.
        tokio::select! {
            biased;
            event = self.events.recv() => Some(event.unwrap_or_else(ended)),
            room = self.rounds.reserve(), if has_round => match room {
                Ok(_) => None,
                // The last event is the reason.
                Err(_) => Some(self.events.recv().await.unwrap_or_else(ended)),
            },
        }
    }

    /// Takes an event that has arrived already.
    pub(crate) fn try_next(&mut self) -> Option<LogEvent> {
        self.events.try_recv().ok()
    }

    /// Submits a round, if there is room for it. Returns false if there is none.
    pub(crate) fn submit(&self, take: impl FnOnce() -> Vec<Input>) -> bool {
        match self.rounds.try_reserve() {
            Ok(permit) => {
                permit.send(take());
                true
            }
            // The last event of a closed log is the reason.
            Err(TrySendError::Full(()) | TrySendError::Closed(())) => false,
        }
    }

    /// Returns the number of events that have arrived.
    pub(crate) fn waiting(&self) -> usize {
        self.events.len()
    }

    /// Ends this node in the log, and waits until the log has been told, within limits.
    pub(crate) async fn close(self) {
        let Self { rounds, panics, mut events } = self;
        drop((rounds, panics));
        let _ = timeout(PATIENCE, async { while events.recv().await.is_some() {} }).await;
    }
}

/// Waits for an event of the log, if there is one, or `None` for room for a round. Cancel safe.
pub(super) async fn next(log: &mut Option<NodeLog>, has_round: bool) -> Option<LogEvent> {
    match log {
        Some(log) => log.next(has_round).await,
        None => pending().await,
    }
}

fn ended() -> LogEvent {
    LogEvent::Failed(LogFailure("the log of the cluster has ended".to_owned()))
}

/// The time that the log has for the end of its node. Without it, the other nodes notice that the
/// node is silent.
const PATIENCE: Duration = Duration::from_secs(6);
