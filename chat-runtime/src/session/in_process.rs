//! Sessions without a connection, for bots, bridges and games.

use super::close_on_drop::CloseOnDrop;
use crate::engine::{EngineMessage, Hub, SessionHandle, Stopped};
use crate::outbound::{InProcessQueue, InProcessReceiver, SessionEvent};
use chat_core::{Command, Peer, RequestId, SessionId};
use chat_dialects::Inbound;

/// A session in the same process. It takes commands and returns events, without a dialect. Dropping
/// it ends the session.
#[derive(Debug)]
pub struct InProcessSession {
    commands: CommandSender,
    events: InProcessReceiver,
    _close_on_drop: CloseOnDrop,
}

/// A handle that gives commands for a [session in the same process](InProcessSession), from any
/// task.
#[derive(Clone, Debug)]
pub struct CommandSender(SessionHandle);

impl Hub {
    /// Opens a session without a connection or a dialect: for a bot or a bridge in the same
    /// process.
    ///
    /// # Errors
    ///
    /// If the server has stopped.
    pub async fn open_in_process(&self, peer: Peer) -> Result<InProcessSession, Stopped> {
        let session = self.next_session();
        let counted = self.metrics_registry().count_session("in_process", "none");
        let (port, events) = InProcessQueue::new(self.limits().queue_frames, counted);
        self.send(EngineMessage::OpenInProcess { session, peer, port }).await?;
        let handle = SessionHandle { hub: self.clone(), session };
        let close_on_drop = CloseOnDrop::new(handle.clone());
        let commands = CommandSender(handle);
        Ok(InProcessSession { commands, events, _close_on_drop: close_on_drop })
    }
}

impl InProcessSession {
    /// Waits for the next reply or event. The last one is [`SessionEvent::Closed`], then comes
    /// `None`. If the server fails, `None` comes without it. Cancel safe.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        let Self { commands: CommandSender(handle), events, .. } = self;
        if events.needs_resume() {
            handle.send_if(Inbound::Resume, || events.take_refusal()).await;
        }
        events.next().await
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

    /// Returns the id of the session.
    pub fn id(&self) -> SessionId {
        self.commands.0.session
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
        self.0.send(Inbound::Command { request, command }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Server};
    use chat_core::Config;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn session_with_a_short_queue_is_told_of_dropped_events() {
        let config = Config { commands_per_second: 0, ..Config::default() };
        let server =
            Server::new().limits(Limits { queue_frames: 1, ..Limits::from(config) }).start();
        let enter = async |name: &str| {
            let mut session = server.hub().open_in_process(Peer::default()).await.expect("it runs");
            let nickname = Some(name.to_owned());
            let identify = Command::Identify {
                nickname,
                lobby: true,
                credential: None,
                resume: None,
                reconnect_key: None,
                profile: None,
            };
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
                mouth.command(Command::say("lobby", "hello")).await.expect("it runs");
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
