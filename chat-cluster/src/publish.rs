//! Appends the entries of a node, each exactly once.

use crate::entry::{Body, Entry};
use crate::error::one_line;
use crate::isolation::Isolation;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use chat_core::Input;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tracing::warn;

/// Appends the entries of a node on its own subject. Nobody else appends there, so the position of
/// the last entry shows whether an attempt whose acknowledgement was lost has been stored.
pub(crate) struct Publisher {
    pub(crate) context: Context,
    pub(crate) stream: Stream,
    pub(crate) subject: String,
    /// The position of the last entry on the subject.
    pub(crate) last: u64,
    /// The random number of this process.
    pub(crate) process: u64,
    /// The number of entries of this process.
    pub(crate) count: u64,
    /// The most bytes of an entry that the server takes.
    pub(crate) most: usize,
    pub(crate) isolation: Isolation,
    /// The position up to which the node has read the stream.
    pub(crate) read: Arc<AtomicU64>,
}

impl Publisher {
    /// Appends the inputs of a round, as several entries if one would be too large. Returns the
    /// reason if the node has to stop.
    pub(crate) async fn round(&mut self, node: u32, mut inputs: Vec<Input>) -> Result<(), String> {
        loop {
            let mut rest = Vec::new();
            let bytes = loop {
                let read = self.read.load(Ordering::Relaxed);
                let body = Body::Round { node, read, inputs };
                let entry = Entry { process: self.process, count: self.count, body };
                let bytes = entry.to_bytes();
                let Body::Round { inputs: mut tried, .. } = entry.body else {
                    unreachable!("it is a round")
                };
                if bytes.len() <= self.most {
                    break bytes;
                }
                if tried.len() == 1 {
                    return Err("an input is larger than an entry of the stream can be".to_owned());
                }
                let mut later = tried.split_off(tried.len() / 2);
                later.append(&mut rest);
                (inputs, rest) = (tried, later);
            };
            self.append(bytes).await?;
            if rest.is_empty() {
                return Ok(());
            }
            inputs = rest;
        }
    }

    /// Appends an entry. Returns its position.
    pub(crate) async fn body(&mut self, body: Body) -> Result<u64, String> {
        let bytes = Entry { process: self.process, count: self.count, body }.to_bytes();
        self.append(bytes).await?;
        Ok(self.last)
    }

    /// Appends bytes, and tries again until the stream has them, or the node has been isolated for
    /// too long.
    async fn append(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let mut has_warned = false;
        loop {
            let reason = match self.attempt(bytes.clone()).await {
                Ok(position) => {
                    self.last = position;
                    break;
                }
                Err(reason) => reason,
            };
            if self.is_stored(&bytes).await? {
                break;
            }
            if !std::mem::replace(&mut has_warned, true) {
                warn!(reason, "the stream does not take an entry; trying again");
            }
            self.isolation.note_failure(&reason).await?;
            sleep(RETRY).await;
        }
        self.isolation.note_success().await;
        self.count += 1;
        Ok(())
    }

    /// Reads back whether an attempt that was not acknowledged has been stored, or an earlier one.
    async fn is_stored(&mut self, bytes: &[u8]) -> Result<bool, String> {
        let last = self.stream.get_last_raw_message_by_subject(&self.subject);
        match timeout(PATIENCE, last).await {
            // A server that is no longer the leader may not know the last entries.
            Ok(Ok(stored)) if stored.sequence <= self.last => Ok(false),
            Ok(Ok(stored)) if stored.payload == bytes => {
                self.last = stored.sequence;
                Ok(true)
            }
            Ok(Ok(_)) => Err("another process uses the name of this node".to_owned()),
            Ok(Err(error)) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                if self.last == 0 {
                    return Ok(false);
                }
                Err("entries of this node were deleted from the stream".to_owned())
            }
            // The server cannot be asked now.
            Ok(Err(_)) | Err(_) => Ok(false),
        }
    }

    async fn attempt(&self, bytes: Vec<u8>) -> Result<u64, String> {
        let message =
            PublishMessage::build().payload(bytes.into()).expected_last_subject_sequence(self.last);
        let publish = async {
            let sent = self.context.send_publish(self.subject.clone(), message).await;
            let acknowledgement = sent.map_err(|error| one_line(&error))?;
            acknowledgement.await.map(|done| done.sequence).map_err(|error| one_line(&error))
        };
        let no_answer = || Err("no answer".to_owned());
        timeout(PATIENCE, publish).await.unwrap_or_else(|_| no_answer())
    }
}

/// The time between two attempts.
const RETRY: Duration = Duration::from_millis(250);
/// The time within which the server has to acknowledge an attempt.
const PATIENCE: Duration = Duration::from_secs(2);
