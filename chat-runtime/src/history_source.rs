//! Older messages: the engine requests them, and the application answers from its store.

use crate::authenticator::Unavailable;
use crate::places::Places;
use async_trait::async_trait;
use chat_core::Answer;
use chat_dialects::HostRequest;
use std::sync::Arc;
use std::time::Duration;

/// Reads messages that are no longer in memory from the application's store, such as a database.
///
/// The engine answers a look-up from memory where it can. Where a page reaches beyond the oldest
/// message in memory, it asks; the client has the right to read the history. It asks for every
/// search. The session waits for the answer, and other sessions do not.
///
/// A source that blocks its thread, as a database library without `async` does, calls
/// [`tokio::task::spawn_blocking`].
///
/// ```
/// use chat_runtime::chat_core::{Answer, ChannelId, HistoryRange, Message, Question};
/// use chat_runtime::chat_dialects::HostRequest;
/// use chat_runtime::{HistorySource, Server, Unavailable};
/// use std::sync::Arc;
///
/// /// The messages of an archive, oldest first.
/// struct Archive(Vec<(ChannelId, Arc<Message>)>);
///
/// #[async_trait::async_trait]
/// impl HistorySource for Archive {
///     async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
///         let Question::History { id, range, limit, .. } = &request.question else {
///             return Err("only messages of channels are archived".into());
///         };
///         let here = self.0.iter().filter(|(channel, _)| channel == id);
///         let here = here.map(|(_, message)| message);
///         let (mut messages, more): (Vec<_>, bool) = match *range {
///             HistoryRange::After(after) => {
///                 let mut newer = here.filter(|message| message.id > after).cloned();
///                 (newer.by_ref().take(*limit).collect(), newer.next().is_some())
///             }
///             HistoryRange::Before(before) => {
///                 let mut older = here.rev().filter(|message| message.id < before).cloned();
///                 (older.by_ref().take(*limit).collect(), older.next().is_some())
///             }
///             _ => {
///                 let mut latest = here.rev().cloned();
///                 (latest.by_ref().take(*limit).collect(), latest.next().is_some())
///             }
///         };
///         messages.sort_by_key(|message| message.id);
///         Ok(Answer::Messages { messages, more })
///     }
/// }
///
/// let server = Server::new().history_source(Archive(Vec::new()));
/// # drop(server);
/// ```
#[async_trait]
pub trait HistorySource: Send + Sync {
    /// Answers a question for a page of older messages, [`Question::History`] or
    /// [`Question::PrivateHistory`], with [`Answer::Messages`], and a search, [`Question::Search`],
    /// with [`Answer::Found`]; or any of them with [`Answer::Refused`] and a reason for the client.
    /// A source that does not search returns an error. The future is dropped when it takes longer
    /// than [`Config::answer_timeout`](chat_core::Config::answer_timeout).
    ///
    /// [`Question::History`]: chat_core::Question::History
    /// [`Question::PrivateHistory`]: chat_core::Question::PrivateHistory
    /// [`Question::Search`]: chat_core::Question::Search
    ///
    /// # Errors
    ///
    /// If the store cannot answer at the moment. The client is told to try again.
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable>;
}

#[async_trait]
impl<H: HistorySource + ?Sized> HistorySource for Box<H> {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        (**self).read(request).await
    }
}

/// The source of older messages of a server, with a limit of requests at once.
#[derive(Clone)]
pub(crate) struct HistoryQueue {
    source: Arc<dyn HistorySource>,
    places: Places,
}

impl HistoryQueue {
    pub(crate) fn new(source: Arc<dyn HistorySource>, patience: Duration) -> Self {
        Self { source, places: Places::new("source of older messages", patience) }
    }

    /// Answers a request within the time limit.
    pub(crate) async fn answer(&self, request: &HostRequest) -> Answer {
        self.places.wait(request.session, self.source.read(request)).await
    }
}
