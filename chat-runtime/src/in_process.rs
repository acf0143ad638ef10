//! A session without a connection: for a bot, a bridge, a game.

use crate::ending::Ending;
use crate::hub::{Hub, Order, Stopped};
use chat_core::{CloseReason, Command, Event, RequestId, SessionId, Timestamp};
use chat_dialects::Heard;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// A session in the same process: commands in, events out, no dialect in between. Dropping it ends it.
#[derive(Debug)]
pub struct InProcessSession {
    commands: CommandSender,
    heard: mpsc::Receiver<Told>,
    refused: Arc<AtomicBool>,
    end: Arc<Mutex<Option<End>>>,
    _ending: Ending<Hub>,
}

/// What is heard last, for which there is always room.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) missed: u64,
    pub(crate) reason: CloseReason,
}

/// Gives commands for a [session in the same process](InProcessSession), from anywhere.
#[derive(Clone, Debug)]
pub struct CommandSender {
    session: SessionId,
    hub: Hub,
}

/// What a session in the same process is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The answer to one of its commands.
    Reply {
        /// When.
        at: Timestamp,
        /// What it called the request.
        request: Option<RequestId>,
        /// The answer.
        event: Event,
    },
    /// Something that others did.
    Event {
        /// When.
        at: Timestamp,
        /// What.
        event: Event,
    },
    /// So many things could not be told, since it did not listen; what comes next is after the gap.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The session has ended; there is nothing after this.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

impl InProcessSession {
    pub(crate) fn new(
        session: SessionId,
        hub: Hub,
        heard: mpsc::Receiver<Told>,
        refused: Arc<AtomicBool>,
        end: Arc<Mutex<Option<End>>>,
    ) -> Self {
        let ending = Ending::new(hub.clone(), session);
        Self { commands: CommandSender { session, hub }, heard, refused, end, _ending: ending }
    }

    /// Waits for the next thing that it is told: last [`Told::Closed`], then `None`. A server that fails says nothing more.
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<Told> {
        let half_empty = self.heard.len() <= self.heard.max_capacity() / 2;
        if half_empty && self.refused.load(Ordering::Acquire) {
            let CommandSender { session, hub } = &self.commands;
            // If the server has stopped, so has the queue, and the session ends when that is empty.
            if let Ok(permit) = hub.reserve().await {
                // If the host finds that there is no room after all, it says so again.
                if self.refused.swap(false, Ordering::AcqRel) {
                    permit.send(Order::Resume { session: *session });
                }
            }
        }
        match self.heard.recv().await {
            Some(told) => Some(told),
            None => self.last_words(),
        }
    }

    /// What is still to be said when the queue is empty and will stay so.
    fn last_words(&self) -> Option<Told> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        match end.take()? {
            End { missed: 0, reason } => Some(Told::Closed { reason }),
            End { missed, reason } => {
                *end = Some(End { missed: 0, reason });
                Some(Told::Lagged { missed })
            }
        }
    }

    /// Gives a command. Its answer comes among what [`next`](Self::next) returns.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn command(&self, command: Command) -> Result<(), Stopped> {
        self.commands.command(command).await
    }

    /// A way to give commands from another task.
    pub fn sender(&self) -> CommandSender {
        self.commands.clone()
    }

    /// The session's number.
    pub fn id(&self) -> SessionId {
        self.commands.session
    }
}

impl CommandSender {
    /// Gives a command.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn command(&self, command: Command) -> Result<(), Stopped> {
        self.request(None, command).await
    }

    /// Gives a command whose answer is to bear a mark.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn request(
        &self,
        request: Option<RequestId>,
        command: Command,
    ) -> Result<(), Stopped> {
        let session = self.session;
        self.hub.send(Order::Command { session, request, command }).await
    }
}

impl From<Heard<'_>> for Told {
    fn from(heard: Heard<'_>) -> Self {
        match heard {
            Heard::Reply { at, request, event } => {
                Self::Reply { at, request: request.cloned(), event: event.clone() }
            }
            Heard::Event { at, event } => Self::Event { at, event: event.clone() },
            Heard::Lagged { missed } => Self::Lagged { missed },
            Heard::Closed { missed: _, reason } => Self::Closed { reason: reason.clone() },
        }
    }
}
