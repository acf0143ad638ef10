//! Older messages, from the server's own store.

use crate::authenticator::Unavailable;
use crate::background_thread::BackgroundThread;
use crate::history_source::HistorySource;
use async_trait::async_trait;
use chat_core::{Answer, Question};
use chat_dialects::HostRequest;
use chat_store::{Found, Page, Reader, Store, StoreError};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Reads older messages from the store and searches it, one page at a time of each, so that pages
/// of history do not wait for searches. Searches have a thread of a lower priority, so that
/// messages do not wait for them where the processor is busy.
pub(crate) struct StoreHistory {
    pages: Arc<Mutex<Box<dyn Reader>>>,
    searches: Arc<Mutex<Box<dyn Reader>>>,
    /// The thread for searches, if the readers may wait, such as for a disk.
    thread: Option<BackgroundThread>,
}

impl StoreHistory {
    /// Makes two readers of a store.
    pub(crate) fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let [pages, searches] = [store.reader()?, store.reader()?];
        let [pages, searches] = [pages, searches].map(|reader| Arc::new(Mutex::new(reader)));
        let thread = store.blocks().then(|| BackgroundThread::start("chat-search"));
        let thread = thread.transpose().map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { pages, searches, thread })
    }
}

#[async_trait]
impl HistorySource for StoreHistory {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        let is_search = matches!(request.question, Question::Search(_));
        let reader = if is_search { &self.searches } else { &self.pages };
        // Requests that wait occupy no thread, and leave the queue when they have timed out.
        let mut reader = reader.clone().lock_owned().await;
        let Some(thread) = &self.thread else {
            return read(&mut **reader, &request.question);
        };
        let question = request.question.clone();
        let job = move || read(&mut **reader, &question);
        if is_search { thread.run(job).await? } else { spawn_blocking(job).await? }
    }
}

fn read(reader: &mut dyn Reader, question: &Question) -> Result<Answer, Unavailable> {
    let Page { messages, more } = match question {
        Question::History { channel, id, range, limit } => {
            reader.history(*id, channel, *range, *limit)?
        }
        Question::PrivateHistory { account, nickname, range, limit } => {
            reader.private_history(account, nickname, *range, *limit)?
        }
        Question::Missed(request) => reader.missed(request)?,
        Question::Message(request) => {
            let messages = reader.message(request)?.into_iter().collect();
            return Ok(Answer::Messages { messages, more: false });
        }
        Question::Search(request) => {
            let Found { messages, next } = reader.search(request)?;
            return Ok(Answer::Found { messages, next });
        }
        Question::Authenticate { .. } | _ => return Err("it is no question for a store".into()),
    };
    Ok(Answer::Messages { messages, more })
}
