//! Reads the entries of all nodes, in order and without a gap.

use crate::entry::{Body, Entry, timestamp};
use crate::error::one_line;
use crate::members::{Meaning, Members};
use crate::report::Report;
use crate::snapshot::Header;
use crate::snapshots::Written;
use crate::state_checks::{StateChecks, hash};
use async_nats::jetstream::consumer::pull::{self, Config as ConsumerConfig};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{ErrorCode, Message};
use bytes::Bytes;
use chat_core::{Input, Timestamp};
use chat_runtime::{EngineLook, LogEvent, LogFailure};
use futures::StreamExt;
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

/// The reader of the stream.
pub(crate) struct Follower {
    stream: Stream,
    node: u32,
    /// The position of the last entry.
    position: u64,
    /// The bytes of the last entry, which shows whether the stream still has it.
    last: Bytes,
    members: Members,
    /// The silent nodes that were reported, and the positions of their last entries.
    reported: BTreeSet<(u32, u64)>,
    states: StateChecks,
    /// The inputs at which the engine panics.
    left_out: Vec<(u64, usize)>,
    /// The hash of all that has to be the same on all nodes.
    behaviour: String,
    /// The number of entries between two snapshots.
    snapshot_entries: u64,
    outlets: Outlets,
}

/// The places to which the reader passes on its entries.
pub(crate) struct Outlets {
    pub(crate) reports: mpsc::Sender<Report>,
    pub(crate) events: mpsc::Sender<LogEvent>,
    /// The snapshots that have to be stored.
    pub(crate) snapshots: mpsc::Sender<Written>,
    /// The position of the last entry.
    pub(crate) read: Arc<AtomicU64>,
}

/// The reason for which reading pauses, or ends.
enum Interruption {
    /// The server cannot be read from at the moment.
    Temporary(String),
    /// The node cannot go on.
    Final(String),
}

impl Follower {
    /// Makes a reader of the entries after a snapshot, or of all, which leaves some inputs out.
    pub(crate) fn new(
        stream: Stream,
        node: u32,
        snapshot: Option<Header>,
        (left_out, behaviour): (Vec<(u64, usize)>, String),
        snapshot_entries: u64,
        outlets: Outlets,
    ) -> Self {
        let (position, last, members, states) = match snapshot {
            Some(Header { position, last, members, states, .. }) => {
                (position, Bytes::from(last), members, states)
            }
            None => (0, Bytes::new(), Members::default(), StateChecks::default()),
        };
        let reported = BTreeSet::new();
        Self {
            stream,
            node,
            position,
            last,
            members,
            reported,
            states,
            left_out,
            behaviour,
            snapshot_entries,
            outlets,
        }
    }

    /// Reads until the node has ended, or the stream is no longer the same. The last event is then
    /// the reason.
    pub(crate) async fn run(mut self) {
        let mut has_warned = false;
        loop {
            let position = self.position;
            match self.read().await {
                Ok(()) => return,
                Err(Interruption::Final(reason)) => {
                    let _ = self.outlets.events.send(LogEvent::Failed(LogFailure(reason))).await;
                    return;
                }
                Err(Interruption::Temporary(reason)) => {
                    has_warned &= position == self.position;
                    if !std::mem::replace(&mut has_warned, true) {
                        warn!(reason, "the stream cannot be read; trying again");
                    }
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Reads with one consumer, which begins with the last known entry. The consumer may be lost
    /// with its server at any time; the next one goes on without a gap.
    async fn read(&mut self) -> Result<(), Interruption> {
        self.check_stream().await?;
        let mut messages = self.subscribe().await?;
        let mut is_known = self.position > 0;
        loop {
            match messages.next().await {
                Some(Ok(message)) => {
                    if std::mem::replace(&mut is_known, false) {
                        self.check_known(&message).map_err(Interruption::Final)?;
                    } else if !self.note(&message).await.map_err(Interruption::Final)? {
                        return Ok(());
                    }
                }
                Some(Err(error)) => return Err(Interruption::Temporary(one_line(&error))),
                None => return Err(Interruption::Temporary("the consumer has ended".to_owned())),
            }
        }
    }

    /// Makes a consumer that needs no acknowledgements.
    async fn subscribe(&self) -> Result<pull::Stream, Interruption> {
        let config = ConsumerConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.position.max(1) },
            ack_policy: AckPolicy::None,
            inactive_threshold: INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..ConsumerConfig::default()
        };
        let made = timeout(PATIENCE, self.stream.create_consumer(config)).await;
        let made = made.map_err(|_| Interruption::Temporary("no answer".to_owned()))?;
        let consumer = made.map_err(|error| Interruption::Temporary(one_line(&error)))?;
        let messages = consumer.stream().heartbeat(HEARTBEAT).expires(EXPIRES).messages().await;
        messages.map_err(|error| Interruption::Temporary(one_line(&error)))
    }

    /// Checks that the stream still has the last entry. A stream that has lost entries, or was made
    /// again, has another one there. Its time of creation does not show that: each server tells its
    /// own.
    fn check_known(&self, message: &Message) -> Result<(), String> {
        let place = message.info().map_err(|error| one_line(&*error))?;
        if place.stream_sequence != self.position || message.payload != self.last {
            let position = self.position;
            return Err(format!("the stream no longer has the entry {position} that was read"));
        }
        Ok(())
    }

    /// Handles an entry. Returns false if this node has left.
    async fn note(&mut self, message: &Message) -> Result<bool, String> {
        let place = message.info().map_err(|error| one_line(&*error))?;
        if place.stream_sequence != self.position + 1 {
            let (position, next) = (self.position, place.stream_sequence);
            return Err(format!("the stream has a gap: entry {next} follows entry {position}"));
        }
        self.position += 1;
        self.outlets.read.store(self.position, Ordering::Relaxed);
        self.last = message.payload.clone();
        let at = timestamp(place.published);
        let entry: Entry = serde_json::from_slice(&message.payload).map_err(|error| {
            format!("entry {} of the stream cannot be read: {error}", self.position)
        })?;
        let is_wanted = matches!(entry.body, Body::SnapshotWanted);
        let stays = self.apply(at, entry.body).await?;
        if self.position.is_multiple_of(CHECKED) && self.members.has(self.node) {
            self.look_at_state().await;
        }
        let writer = match is_wanted {
            true => self.members.turn(self.position),
            false => self.members.writer(self.position, self.snapshot_entries),
        };
        if writer == Some(self.node) {
            self.take_snapshot(at).await;
        }
        if self.position == u64::from(self.node) {
            // The stream had no entry after this one when the node started.
            let _ = self.outlets.events.send(LogEvent::CaughtUp).await;
        }
        // Only the end of the stream shows which nodes are silent now.
        if stays && place.pending == 0 && self.members.has(self.node) {
            self.report_silent();
        }
        Ok(stays)
    }

    /// Passes an entry on. Returns false if this node has left.
    async fn apply(&mut self, time: Timestamp, body: Body) -> Result<bool, String> {
        // A server that has ended reads no more events.
        match (self.members.note(self.position, time, &body), body) {
            (Meaning::Apply, Body::Round { node, mut inputs, .. }) => {
                let (position, is_own) = (self.position, node == self.node);
                for (number, input) in inputs.iter_mut().enumerate() {
                    if self.left_out.contains(&(position, number)) {
                        warn!(position, number, "leaving out an input at which the engine panics");
                        *input = Input::Tick;
                    }
                }
                let round = LogEvent::Round { position, time, inputs, is_own };
                let _ = self.outlets.events.send(round).await;
            }
            (Meaning::Ends(nodes), body) => {
                for node in nodes {
                    if node == self.node {
                        return self.ended(&body);
                    }
                    info!(node, "a node of the cluster has ended");
                    let _ = self.outlets.events.send(LogEvent::NodeEnded { time, node }).await;
                }
            }
            (Meaning::Differs(node), _) if node == self.node => {
                return Err("this node has another version or configuration than the one with \
                            which the realm began"
                    .to_owned());
            }
            (Meaning::Nothing, Body::State { node, position, hash }) if self.members.has(node) => {
                self.compare(position, node, hash).await?;
            }
            (Meaning::Differs(_) | Meaning::Nothing | Meaning::Apply, _) => {}
        }
        Ok(true)
    }

    /// Returns false if this node has left, or the reason for which it was ended.
    fn ended(&self, body: &Body) -> Result<bool, String> {
        match body {
            Body::Left { .. } => Ok(false),
            Body::Joined { .. } => Err("another process uses the name of this node".to_owned()),
            Body::Removed { .. } => Err("an operator has removed this node".to_owned()),
            Body::Round { .. }
            | Body::Beat { .. }
            | Body::State { .. }
            | Body::LeaveOut { .. }
            | Body::Snapshot { .. }
            | Body::SnapshotWanted
            | Body::Failed { .. } => {
                let reason = "this node was silent for too long; its sessions were closed";
                Err(reason.to_owned())
            }
        }
    }

    /// Lets this node report the hash of its state. Nodes that apply old entries, because they have
    /// just started, report nothing.
    async fn look_at_state(&self) {
        let (reports, position) = (self.outlets.reports.clone(), self.position);
        let look = EngineLook::new(move |engine| {
            // Without room, this state is not compared.
            let hash = hash(engine.durable());
            let _ = reports.try_send(Report::State { position, hash });
        });
        let _ = self.outlets.events.send(LogEvent::Look(look)).await;
    }

    /// Lets this node store a snapshot, unless it still stores an earlier one.
    async fn take_snapshot(&self, at: Timestamp) {
        let (members, states) = (self.members.clone(), self.states.clone());
        let first_needed = members.first_needed();
        let behaviour = self.behaviour.clone();
        let header = Header::new(behaviour, self.position, &self.last, members, states);
        let (snapshots, position) = (self.outlets.snapshots.clone(), self.position);
        let look = EngineLook::new(move |engine| {
            let Ok(room) = snapshots.try_reserve() else {
                return warn!(position, "an earlier snapshot is still being stored");
            };
            match header.write(engine) {
                Ok(bytes) => room.send(Written { position, at, first_needed, bytes }),
                Err(error) => warn!(position, %error, "a snapshot cannot be written"),
            }
        });
        let _ = self.outlets.events.send(LogEvent::Look(look)).await;
    }

    /// Compares a hash with those of the other nodes. Returns the reason if this node differs.
    async fn compare(&mut self, position: u64, node: u32, hash: String) -> Result<(), String> {
        let differing = self.states.note(position, node, hash, self.members.nodes());
        for node in &differing {
            error!(node, position, "the state of a node differs from that of the others");
        }
        if !differing.is_empty() {
            let _ = self.outlets.events.send(LogEvent::Differing(differing.len())).await;
        }
        if differing.contains(&self.node) {
            return Err(format!(
                "the state of this node differs from that of the others at entry {position}"
            ));
        }
        Ok(())
    }

    fn report_silent(&mut self) {
        self.reported.retain(|(node, _)| self.members.has(*node));
        let silent: Vec<_> = self.members.silent().filter(|silent| silent.0 != self.node).collect();
        for silent in silent {
            // Without room, the next entry shows the same.
            let (node, last) = silent;
            if !self.reported.contains(&silent)
                && self.outlets.reports.try_send(Report::Silent { node, last }).is_ok()
            {
                self.reported.insert(silent);
            }
        }
    }

    /// Checks that there still is a stream, and that it has the entries that were read.
    async fn check_stream(&self) -> Result<(), Interruption> {
        let info = match timeout(PATIENCE, self.stream.get_info()).await {
            Ok(Ok(info)) => info,
            Ok(Err(error)) => {
                let is_gone = error.kind() == RequestErrorKind::Other && is_not_found(&error);
                let reason = one_line(&error);
                return Err(if is_gone {
                    Interruption::Final("the stream of the realm was deleted".to_owned())
                } else {
                    Interruption::Temporary(reason)
                });
            }
            Err(_) => return Err(Interruption::Temporary("no answer".to_owned())),
        };
        // A new leader may answer before it knows all entries.
        if info.state.last_sequence < self.position {
            let reason = "the stream of the realm has lost entries";
            return Err(Interruption::Temporary(reason.to_owned()));
        }
        Ok(())
    }
}

fn is_not_found(error: &dyn Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<async_nats::jetstream::Error>() {
            return error.error_code() == ErrorCode::STREAM_NOT_FOUND;
        }
        cause = error.source();
    }
    false
}

/// The number of entries after which the nodes compare their states.
const CHECKED: u64 = 10_000;
/// The pause before a consumer is made again.
const RETRY: Duration = Duration::from_millis(250);
/// The time within which a server has to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The time between two signs of life of a consumer without entries. A consumer that misses two is
/// made again.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The time for which the server keeps a request for entries.
const EXPIRES: Duration = Duration::from_secs(30);
/// The time after which the server deletes a consumer that nobody reads from.
const INACTIVE: Duration = Duration::from_secs(30);
