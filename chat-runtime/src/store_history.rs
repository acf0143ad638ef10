//! Older messages, from the server's own store.

use crate::authenticator::Unavailable;
use crate::history_source::HistorySource;
use async_trait::async_trait;
use chat_core::{Answer, Question};
use chat_dialects::HostRequest;
use chat_store::{Found, Page, Reader, Store, StoreError};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Reads older messages from the store and searches it, one page at a time of each, so that pages
/// of history do not wait for searches.
pub(crate) struct StoreHistory {
    pages: Arc<Mutex<Box<dyn Reader>>>,
    searches: Arc<Mutex<Box<dyn Reader>>>,
    /// True if the readers may wait, such as for a disk.
    blocks: bool,
}

impl StoreHistory {
    /// Makes two readers of a store.
    pub(crate) fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let [pages, searches] = [store.reader()?, store.reader()?];
        let [pages, searches] = [pages, searches].map(|reader| Arc::new(Mutex::new(reader)));
        Ok(Self { pages, searches, blocks: store.blocks() })
    }
}

#[async_trait]
impl HistorySource for StoreHistory {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        let is_search = matches!(request.question, Question::Search(_));
        let reader = if is_search { &self.searches } else { &self.pages };
        // Requests that wait occupy no thread, and leave the queue when they have timed out.
        let mut reader = reader.clone().lock_owned().await;
        if !self.blocks {
            return read(&mut **reader, &request.question);
        }
        let question = request.question.clone();
        spawn_blocking(move || read(&mut **reader, &question)).await?
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
        Question::Search(request) => {
            let Found { messages, next } = reader.search(request)?;
            return Ok(Answer::Found { messages, next });
        }
        Question::Authenticate { .. } | _ => return Err("it is no question for a store".into()),
    };
    Ok(Answer::Messages { messages, more })
}
