//! Older messages, from the server's own store.

use crate::authenticator::Unavailable;
use crate::history_source::HistorySource;
use async_trait::async_trait;
use chat_core::{Answer, Question};
use chat_dialects::HostRequest;
use chat_store::{Page, Reader};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::spawn_blocking;

/// Reads older messages from the store, one page at a time.
pub(crate) struct StoreHistory {
    reader: Arc<Mutex<Box<dyn Reader>>>,
    /// True if the reader may wait, such as for a disk.
    blocks: bool,
}

impl StoreHistory {
    pub(crate) fn new(reader: Box<dyn Reader>, blocks: bool) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), blocks }
    }
}

#[async_trait]
impl HistorySource for StoreHistory {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        if !self.blocks {
            return read(&self.reader, &request.question);
        }
        let (reader, question) = (self.reader.clone(), request.question.clone());
        spawn_blocking(move || read(&reader, &question)).await?
    }
}

fn read(reader: &Mutex<Box<dyn Reader>>, question: &Question) -> Result<Answer, Unavailable> {
    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
    let Page { messages, more } = match question {
        Question::History { channel, id, range, limit } => {
            reader.history(*id, channel, *range, *limit)?
        }
        Question::PrivateHistory { account, nickname, range, limit } => {
            reader.private_history(account, nickname, *range, *limit)?
        }
        Question::Authenticate { .. } | _ => return Err("it is no question for a store".into()),
    };
    Ok(Answer::Messages { messages, more })
}
