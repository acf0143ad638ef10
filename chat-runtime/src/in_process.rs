//! Sessions without a connection, for bots, bridges and games.

use crate::close_on_drop::CloseOnDrop;
use crate::hub::{EngineMessage, Hub, Stopped};
use chat_core::{CloseReason, Command, Event, RequestId, SessionId, Timestamp};
use chat_dialects::SessionEventRef;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// A session in the same process. It takes commands and returns events, without a dialect. Dropping
/// it ends the session.
#[derive(Debug)]
pub struct InProcessSession {
    commands: CommandSender,
    heard: mpsc::Receiver<SessionEvent>,
    refused: Arc<AtomicBool>,
    end: Arc<Mutex<Option<End>>>,
    _ending: CloseOnDrop,
}

/// The last event, for which there is always room.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) missed: u64,
    pub(crate) reason: CloseReason,
}

/// A handle that gives commands for a [session in the same process](InProcessSession), from any
/// task.
#[derive(Clone, Debug)]
pub struct CommandSender {
    session: SessionId,
    hub: Hub,
}

/// What a session in the same process receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// The answer to one of its commands.
    Reply {
        /// The time.
        at: Timestamp,
        /// The session's own name for the command.
        request: Option<RequestId>,
        /// The answer.
        event: Event,
    },
    /// An event about others.
    Event {
        /// The time.
        at: Timestamp,
        /// The event.
        event: Event,
    },
    /// Replies and events were dropped, because the session did not read. The next one comes after
    /// the gap.
    Lagged {
        /// The number of dropped replies and events.
        missed: u64,
    },
    /// The session has ended. Nothing comes after this.
    Closed {
        /// The reason.
        reason: CloseReason,
    },
}

impl InProcessSession {
    pub(crate) fn new(
        session: SessionId,
        hub: Hub,
        heard: mpsc::Receiver<SessionEvent>,
        refused: Arc<AtomicBool>,
        end: Arc<Mutex<Option<End>>>,
    ) -> Self {
        let close_on_drop = CloseOnDrop::new(hub.clone(), session);
        Self {
            commands: CommandSender { session, hub },
            heard,
            refused,
            end,
            _ending: close_on_drop,
        }
    }

    /// Waits for the next reply or event. The last one is [`SessionEvent::Closed`], then comes
    /// `None`. If the server fails, `None` comes without it. Cancel safe.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        // What has been taken is to be seen by the host before it is looked what the host has
        // refused.
        fence(Ordering::SeqCst);
        let half_empty = self.heard.len() <= self.heard.max_capacity() / 2;
        if half_empty && self.refused.load(Ordering::SeqCst) {
            let CommandSender { session, hub } = &self.commands;
            // If the server has stopped, so has the queue, and the session ends when that is empty.
            if let Ok(permit) = hub.reserve().await {
                // If the host finds that there is no room after all, it says so again.
                if self.refused.swap(false, Ordering::SeqCst) {
                    permit.send(EngineMessage::Resume { session: *session });
                }
            }
        }
        match self.heard.recv().await {
            Some(told) => Some(told),
            None => self.last_words(),
        }
    }

    /// Takes what is left when the queue is empty and no more can come.
    fn last_words(&self) -> Option<SessionEvent> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        match end.take()? {
            End { missed: 0, reason } => Some(SessionEvent::Closed { reason }),
            End { missed, reason } => {
                *end = Some(End { missed: 0, reason });
                Some(SessionEvent::Lagged { missed })
            }
        }
    }

    /// Gives a command. [`next`](Self::next) returns its answer.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn command(&self, command: Command) -> Result<(), Stopped> {
        self.commands.command(command).await
    }

    /// Returns a handle that gives commands from another task.
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

    /// Gives a command under a name of the caller, which the answer repeats.
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
        self.hub.send(EngineMessage::Command { session, request, command }).await
    }
}

impl From<SessionEventRef<'_>> for SessionEvent {
    fn from(heard: SessionEventRef<'_>) -> Self {
        match heard {
            SessionEventRef::Reply { at, request, event } => {
                Self::Reply { at, request: request.cloned(), event: event.clone() }
            }
            SessionEventRef::Event { at, event } => Self::Event { at, event: event.clone() },
            SessionEventRef::Lagged { missed } => Self::Lagged { missed },
            SessionEventRef::Closed { missed: _, reason } => {
                Self::Closed { reason: reason.clone() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Server};
    use chat_core::{Config, MessageKind, Peer, Recipient};
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_missed_is_told_at_once_however_short_the_queue() {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let server = Server::new(Limits { queue_frames: 1, ..Limits::from(config) }).start();
        let enter = async |name: &str| {
            let mut session = server.hub().open_in_process(Peer::default()).await.expect("it runs");
            let nickname = Some(name.to_owned());
            let identify =
                Command::Identify { nickname, lobby: true, token: None, reconnect_key: None };
            session.command(identify).await.expect("it runs");
            let welcome = session.next().await;
            assert!(matches!(welcome, Some(SessionEvent::Reply { .. })), "{welcome:?}");
            session
        };
        let mut listener = enter("listener").await;
        let mut speaker = enter("speaker").await;
        let mouth = speaker.sender();
        tokio::spawn(async move { while speaker.next().await.is_some() {} });
        assert!(
            matches!(listener.next().await, Some(SessionEvent::Event { .. })),
            "the speaker joins"
        );
        for round in 0..ROUNDS {
            for _ in 0..EACH {
                let to = Recipient::Channel("lobby".to_owned());
                let (kind, text) = (MessageKind::Message, "hello".to_owned());
                mouth.command(Command::Say { to, kind, text }).await.expect("it runs");
            }
            let mut heard = 0;
            while heard < EACH {
                match timeout(PATIENCE, listener.next()).await {
                    Ok(Some(SessionEvent::Event { .. })) => heard += 1,
                    Ok(Some(SessionEvent::Lagged { missed })) => heard += missed,
                    other => panic!("{other:?} after {heard} in round {round}"),
                }
            }
        }
    }

    const ROUNDS: usize = 5_000;
    const EACH: u64 = 3;
    const PATIENCE: Duration = Duration::from_secs(5);
}
