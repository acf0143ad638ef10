//! Commands of the host, through the handle to the engine task.

use super::hub::{Hub, Stopped};
use super::message::EngineMessage;
use chat_core::{BanTarget, Event, HostCommand, Message, Refusal};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The cause for which a command of the host was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The engine has refused the command, which has changed nothing.
    #[error(transparent)]
    Refused(Refusal),
    /// The server has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Commands of the program that embeds the server. They need no user, have no rate limit, and
/// outrank everybody.
///
/// The functions work on any executor, and so from any thread:
///
/// ```
/// use chat_runtime::Server;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new().start();
/// let (hub, runtime) = (server.hub().clone(), tokio::runtime::Handle::current());
/// let game = std::thread::spawn(move || {
///     runtime.block_on(async {
///         hub.create_channel("table-1").await?;
///         hub.say("table-1", "The game begins.").await
///     })
/// });
/// let message = tokio::task::spawn_blocking(|| game.join()).await?.expect("it does not panic")?;
/// assert_eq!(message.sender.name(), "server");
/// # server.stop();
/// # Ok(())
/// # }
/// ```
impl Hub {
    /// Gives any [command](HostCommand) of the host. Returns the event that a session would get for
    /// the same command; it is never [`Event::Rejected`].
    ///
    /// # Errors
    ///
    /// [`HostError`], as all the other functions.
    pub async fn host(&self, command: HostCommand) -> Result<Event, HostError> {
        let (answer, answered) = oneshot::channel();
        self.send(EngineMessage::Host { command: Box::new(command), answer }).await?;
        let event = answered.await.map_err(|_| Stopped)?;
        if let Event::Rejected(refusal) = event {
            return Err(HostError::Refused(refusal));
        }
        Ok(event)
    }

    /// Says something in a channel, as the server. Returns the message.
    ///
    /// # Errors
    ///
    /// If there is no such channel, or the text is not valid.
    pub async fn say(
        &self,
        channel: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Arc<Message>, HostError> {
        self.say_to(HostCommand::say(channel, text)).await
    }

    /// Says something to one user, as the server. Returns the message.
    ///
    /// # Errors
    ///
    /// If the user is not online, or the text is not valid.
    pub async fn tell(
        &self,
        nickname: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Arc<Message>, HostError> {
        self.say_to(HostCommand::tell(nickname, text)).await
    }

    /// Creates a channel, which is kept without members until it is
    /// [closed](Self::close_channel).
    ///
    /// # Errors
    ///
    /// If the channel exists, its name is not valid, or there are
    /// [too many](chat_core::Config::channels).
    pub async fn create_channel(&self, channel: impl Into<String>) -> Result<(), HostError> {
        self.host(HostCommand::create_channel(channel)).await.map(drop)
    }

    /// Closes a channel: its members are told, and everything in it is forgotten.
    ///
    /// # Errors
    ///
    /// If there is no such channel, or it is the lobby.
    pub async fn close_channel(
        &self,
        channel: impl Into<String>,
        reason: Option<String>,
    ) -> Result<(), HostError> {
        let channel = channel.into();
        self.host(HostCommand::CloseChannel { channel, reason }).await.map(drop)
    }

    /// Invites a user into a channel.
    ///
    /// # Errors
    ///
    /// If there is no such channel or user, the user is in the channel, or it has too many
    /// invitations.
    pub async fn invite(
        &self,
        channel: impl Into<String>,
        nickname: impl Into<String>,
    ) -> Result<(), HostError> {
        let (channel, nickname) = (channel.into(), nickname.into());
        self.host(HostCommand::Invite { channel, nickname }).await.map(drop)
    }

    /// Removes a member from a channel.
    ///
    /// # Errors
    ///
    /// If there is no such channel, or the user is not in it.
    pub async fn kick(
        &self,
        channel: impl Into<String>,
        nickname: impl Into<String>,
        reason: Option<String>,
    ) -> Result<(), HostError> {
        let (channel, nickname) = (channel.into(), nickname.into());
        self.host(HostCommand::Kick { channel, nickname, reason }).await.map(drop)
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    ///
    /// If there is no such user.
    pub async fn disconnect(
        &self,
        nickname: impl Into<String>,
        reason: Option<String>,
    ) -> Result<(), HostError> {
        let nickname = nickname.into();
        self.host(HostCommand::Disconnect { nickname, reason }).await.map(drop)
    }

    /// Bans an account, a nickname or a range of addresses from the whole server, for a time or
    /// until [`HostCommand::UnbanServer`] lifts the ban.
    ///
    /// # Errors
    ///
    /// If there are [too many](chat_core::Config::server_bans) bans.
    pub async fn ban(
        &self,
        target: BanTarget<String>,
        duration: Option<Duration>,
        reason: Option<String>,
    ) -> Result<(), HostError> {
        self.host(HostCommand::BanServer { target, duration, reason }).await.map(drop)
    }

    async fn say_to(&self, command: HostCommand) -> Result<Arc<Message>, HostError> {
        let Event::Sent { message, .. } = self.host(command).await? else {
            unreachable!("the engine answers a message with a refusal or with the message")
        };
        Ok(message)
    }
}
