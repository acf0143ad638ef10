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
pub(crate) struct StoreHistory(Arc<Mutex<Box<dyn Reader>>>);

impl StoreHistory {
    pub(crate) fn new(reader: Box<dyn Reader>) -> Self {
        Self(Arc::new(Mutex::new(reader)))
    }
}

#[async_trait]
impl HistorySource for StoreHistory {
    async fn read(&self, request: &HostRequest) -> Result<Answer, Unavailable> {
        let (reader, question) = (self.0.clone(), request.question.clone());
        spawn_blocking(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let Page { messages, more } = match &question {
                Question::History { channel, id, range, limit } => {
                    reader.history(*id, channel, *range, *limit)?
                }
                Question::PrivateHistory { account, nickname, range, limit } => {
                    reader.private_history(account, nickname, *range, *limit)?
                }
                Question::Authenticate { .. } | _ => {
                    return Err("it is no question for a store".into());
                }
            };
            Ok(Answer::Messages { messages, more })
        })
        .await?
    }
}
