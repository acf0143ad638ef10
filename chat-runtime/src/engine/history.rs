//! Histories for the program that embeds the server.

use super::hub::{Hub, Stopped};
use chat_core::{Answer, ChannelId, ChannelName, ChannelView, HistoryRange, Message, Text};
use chat_dialects::HostRequest;
use std::sync::Arc;

/// A page of a channel's history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryPage {
    /// The channel, as it was first written.
    pub channel: ChannelName,
    /// The messages, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// True if there are more messages in the direction of the range; around a message or a time,
    /// in any direction.
    pub more: bool,
}

/// The reason why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no channel of this name, or it may not be read.
    #[error("there is no channel {0}")]
    NoSuchChannel(ChannelName),
    /// The source of older messages has refused, with a reason for people.
    #[error("{0}")]
    Refused(Text),
    /// The source of older messages cannot answer at the moment.
    #[error("earlier messages cannot be read at the moment; try again")]
    Unavailable,
    /// The server has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// The page if memory has all of it, or else the question for the rest.
enum Look {
    Page(HistoryPage),
    /// The channel, and the question for its store.
    Ask(ChannelId, HostRequest),
}

impl Hub {
    /// Reads a page of a channel's history, from memory and from the server's store or
    /// [`HistorySource`](crate::HistorySource). `may_read` decides about the channel; it is asked
    /// again after the store has answered. `limit` is cut to
    /// [`Config::history_page`](chat_core::Config::history_page).
    ///
    /// ```
    /// use chat_runtime::Server;
    /// use chat_runtime::chat_core::{ChannelName, HistoryRange};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Server::new().start();
    /// server.hub().say("lobby", "hello").await?;
    /// let lobby = ChannelName::lobby();
    /// let page = server.hub().history(lobby, HistoryRange::Latest, 50, |_| true).await?;
    /// assert_eq!(page.messages[0].text.as_str(), "hello");
    /// # server.stop();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`HistoryError`].
    pub async fn history(
        &self,
        channel: ChannelName,
        range: HistoryRange,
        limit: usize,
        may_read: impl Fn(ChannelView<'_>) -> bool + Clone + Send + 'static,
    ) -> Result<HistoryPage, HistoryError> {
        let no_such_channel = || HistoryError::NoSuchChannel(channel.clone());
        let (name, is_allowed) = (channel.clone(), may_read.clone());
        let look = self
            .look(move |view| {
                let channel = view.channel(&name).filter(|channel| is_allowed(*channel))?;
                let config = view.config();
                let limit = limit.min(config.history_page);
                let question = channel.question(range, limit).filter(|_| config.older_history);
                if let Some(question) = question {
                    let request = HostRequest::about_request(question);
                    return Some(Look::Ask(channel.id(), request));
                }
                let (messages, mut more) = channel.history(range, limit);
                // Only the store knows whether it has still older messages.
                more |= channel.may_have_older() && !range.is_forwards();
                Some(Look::Page(HistoryPage { channel: channel.name().clone(), messages, more }))
            })
            .await?;
        let (id, request) = match look.ok_or_else(no_such_channel)? {
            Look::Page(page) => return Ok(page),
            Look::Ask(id, request) => (id, request),
        };
        let queue = self.history_queue().ok_or(HistoryError::Unavailable)?;
        let (messages, more) = match queue.answer(&request).await {
            Answer::Messages { messages, more } => (messages, more),
            Answer::Refused(reason) => return Err(HistoryError::Refused(reason)),
            Answer::Account(_) | Answer::Guest | Answer::Unavailable | _ => {
                return Err(HistoryError::Unavailable);
            }
        };
        let name = channel.clone();
        self.look(move |view| {
            let channel = view.channel(&name).filter(|channel| may_read(*channel))?;
            let limit = limit.min(view.config().history_page);
            // Another channel of the same name has another history.
            if channel.id() != id {
                return Some(Err(HistoryError::Unavailable));
            }
            let (messages, more) = channel.history_with(messages, more, range, limit);
            Some(Ok(HistoryPage { channel: channel.name().clone(), messages, more }))
        })
        .await?
        .ok_or_else(no_such_channel)?
    }
}
