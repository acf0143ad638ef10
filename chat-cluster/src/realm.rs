//! A realm as its operators see it, from outside of its nodes.

use crate::bucket::Bucket;
use crate::connect::connect;
use crate::entry::{Body, Entry, timestamp};
use crate::error::{JoinError, one_line};
use crate::left_out;
use crate::members::{Members, SILENCE};
use crate::options::ClusterOptions;
use crate::snapshot::Header;
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::pull::Config as ConsumerConfig;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use async_nats::jetstream::stream::Stream;
use chat_core::Timestamp;
use futures::StreamExt;
use serde::Serialize;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

/// A realm that exists.
#[derive(Debug)]
pub struct Realm {
    context: Context,
    stream: Stream,
    options: ClusterOptions,
}

/// The state of a realm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RealmStatus {
    /// The name of the realm.
    pub realm: String,
    /// The stream of its entries.
    pub stream: String,
    /// The position of the first entry that the stream still has.
    pub first_entry: u64,
    /// The position of the last entry.
    pub last_entry: u64,
    /// The bytes that the stream takes.
    pub bytes: u64,
    /// The position of the newest snapshot, if there is one.
    pub snapshot: Option<u64>,
    /// The number of inputs that all nodes leave out, because the engine panics at them.
    pub left_out: usize,
    /// The nodes, by their numbers.
    pub nodes: Vec<NodeStatus>,
}

/// The state of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NodeStatus {
    /// The name of the node.
    pub name: String,
    /// The number of its process: the position with which it has joined.
    pub number: u32,
    /// True if it has appended an entry lately.
    pub live: bool,
    /// The time of its last entry, in milliseconds since the Unix epoch.
    pub heartbeat: u64,
    /// The number of entries that it had not read yet, as it has told with its last entries.
    pub lag: u64,
    /// The version of its program.
    pub version: String,
    /// The addresses at which it listens, as they were configured.
    pub addresses: Vec<String>,
}

/// The reason for which a realm cannot be shown or changed, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RealmError {
    /// The servers cannot be used.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The realm does not exist.
    #[error("there is no realm {0}: JetStream has no stream chat-{0}")]
    NoRealm(String),
    /// The realm has no node of this name.
    #[error("the realm {realm} has no node {node}")]
    NoNode {
        /// The realm.
        realm: String,
        /// The name.
        node: String,
    },
    /// The node still runs.
    #[error(
        "the node {node} is live, with an entry {seconds} seconds ago; it is removed only by force"
    )]
    Live {
        /// The node.
        node: String,
        /// The age of its last entry.
        seconds: u64,
    },
    /// No node runs that could store a snapshot.
    #[error("no node of the realm {0} is live, so that none stores a snapshot")]
    NoLiveNode(String),
    /// The snapshot was not stored in time.
    #[error("no node has stored a snapshot within {0} seconds; their logs say why")]
    NoSnapshot(u64),
}

impl Realm {
    /// Opens a realm that exists. The name of the node in `options` does not matter.
    ///
    /// # Errors
    ///
    /// If there is no such realm, or the servers cannot be used.
    pub async fn open(options: &ClusterOptions) -> Result<Self, RealmError> {
        let (context, _) = connect(options).await?;
        let stream = match context.get_stream(options.stream()).await {
            Ok(stream) => stream,
            Err(error) if one_line(&error).contains("stream not found") => {
                return Err(RealmError::NoRealm(options.realm().to_owned()));
            }
            Err(error) => return Err(failed(options, one_line(&error))),
        };
        Ok(Self { context, stream, options: options.clone() })
    }

    /// Returns the state of the realm. It reads the entries after the newest snapshot.
    ///
    /// # Errors
    ///
    /// If the servers cannot be used.
    pub async fn status(&self) -> Result<RealmStatus, RealmError> {
        let mut tries = 1;
        loop {
            match self.read_status().await {
                // A consumer that was just made may not answer at once.
                Err(_) if tries < TRIES => sleep(RETRY).await,
                status => return status,
            }
            tries += 1;
        }
    }

    async fn read_status(&self) -> Result<RealmStatus, RealmError> {
        let info = self.stream.get_info().await;
        let info = info.map_err(|error| self.failed(one_line(&error)))?;
        let bucket = Bucket::open(&self.context, &self.options).await;
        let bucket = bucket.map_err(|reason| self.failed(reason))?;
        let header = bucket.read(Header::read, |position, reason| {
            warn!(position, reason, "a snapshot cannot be read");
        });
        let header = header.await.map_err(|reason| self.failed(reason))?;
        let snapshot = header.as_ref().map(|header| header.position);
        let members = self.members(header, info.state.last_sequence).await?;
        let left_out = left_out::read(&self.stream, &self.options.left_out()).await;
        let last_entry = info.state.last_sequence;
        let nodes = members.iter().map(|(number, member)| NodeStatus {
            name: member.name.clone(),
            number,
            live: age(member.seen_at) < SILENCE,
            heartbeat: member.seen_at.as_millis(),
            lag: member.lag,
            version: member.card.version.clone(),
            addresses: member.card.addresses.clone(),
        });
        Ok(RealmStatus {
            realm: self.options.realm().to_owned(),
            stream: self.options.stream(),
            first_entry: info.state.first_sequence,
            last_entry,
            bytes: info.state.bytes,
            snapshot,
            left_out: left_out.map_err(|reason| self.failed(reason))?.0.len(),
            nodes: nodes.collect(),
        })
    }

    /// Lets a node store a snapshot, and waits for it. Returns its position.
    ///
    /// # Errors
    ///
    /// If no node is live, or none has stored a snapshot within a minute.
    pub async fn take_snapshot(&self) -> Result<u64, RealmError> {
        if !self.status().await?.nodes.iter().any(|node| node.live) {
            return Err(RealmError::NoLiveNode(self.options.realm().to_owned()));
        }
        let bucket = Bucket::open(&self.context, &self.options).await;
        let bucket = bucket.map_err(|reason| self.failed(reason))?;
        let wanted = self.append(Body::SnapshotWanted).await?;
        let end = Instant::now() + SNAPSHOT;
        while Instant::now() < end {
            let newest = bucket.newest().await.map_err(|reason| self.failed(reason))?;
            if let Some(newest) = newest.filter(|newest| *newest >= wanted) {
                return Ok(newest);
            }
            sleep(RETRY).await;
        }
        Err(RealmError::NoSnapshot(SNAPSHOT.as_secs()))
    }

    /// Removes a node: its sessions end. If its process still runs, it stops. Returns the node. One
    /// that is live is removed only with `force`.
    ///
    /// # Errors
    ///
    /// If there is no such node, or it is live.
    pub async fn remove(&self, name: &str, force: bool) -> Result<NodeStatus, RealmError> {
        let nodes = self.status().await?.nodes;
        let Some(node) = nodes.into_iter().find(|node| node.name == name) else {
            let (realm, node) = (self.options.realm().to_owned(), name.to_owned());
            return Err(RealmError::NoNode { realm, node });
        };
        if node.live && !force {
            let seconds = age(Timestamp::from_millis(node.heartbeat)).as_secs();
            return Err(RealmError::Live { node: node.name, seconds });
        }
        self.append(Body::Removed { node: node.number }).await?;
        Ok(node)
    }

    /// Reads which nodes there are after the last entry.
    async fn members(&self, header: Option<Header>, last: u64) -> Result<Members, RealmError> {
        let (mut position, mut members) = match header {
            Some(header) => (header.position, header.members),
            None => (0, Members::default()),
        };
        if position >= last {
            return Ok(members);
        }
        let config = ConsumerConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: position + 1 },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            ..ConsumerConfig::default()
        };
        let consumer = self.stream.create_consumer(config).await;
        let consumer = consumer.map_err(|error| self.failed(one_line(&error)))?;
        let entries = consumer.messages().await;
        let mut entries = entries.map_err(|error| self.failed(one_line(&error)))?;
        while position < last {
            let next = timeout(PATIENCE, entries.next()).await;
            let entry = match next {
                Ok(Some(Ok(entry))) => entry,
                Ok(Some(Err(error))) => return Err(self.failed(one_line(&error))),
                Ok(None) | Err(_) => return Err(self.failed("no answer".to_owned())),
            };
            let place = entry.info().map_err(|error| self.failed(one_line(&*error)))?;
            position = place.stream_sequence;
            let body: Entry = serde_json::from_slice(&entry.payload).map_err(|error| {
                self.failed(format!("entry {position} of the stream cannot be read: {error}"))
            })?;
            members.note(position, timestamp(place.published), &body.body);
        }
        Ok(members)
    }

    /// Appends an entry of an operator. Returns its position.
    async fn append(&self, body: Body) -> Result<u64, RealmError> {
        let process = getrandom::u64().map_err(|error| self.failed(one_line(&error)))?;
        let bytes = Entry { process, count: 0, body }.to_bytes();
        let sent = self.context.publish(self.options.operators(), bytes.into()).await;
        let stored = sent.map_err(|error| self.failed(one_line(&error)))?.await;
        stored.map(|stored| stored.sequence).map_err(|error| self.failed(one_line(&error)))
    }

    fn failed(&self, reason: String) -> RealmError {
        failed(&self.options, reason)
    }
}

fn failed(options: &ClusterOptions, reason: String) -> RealmError {
    JoinError::Stream { stream: options.stream(), reason }.into()
}

/// Returns the time since an entry, by the clock of this machine.
fn age(at: Timestamp) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(Duration::from_millis(at.as_millis()))
}

/// The time within which the server has to send an entry.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time within which a node has to store a snapshot.
const SNAPSHOT: Duration = Duration::from_secs(60);
/// The attempts to read the state.
const TRIES: u32 = 8;
/// The time between two of them, and between two looks for a snapshot.
const RETRY: Duration = Duration::from_millis(250);
