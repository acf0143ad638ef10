//! Joining a cluster.

use crate::bucket::Bucket;
use crate::connect::connect;
use crate::entry::{Body, timestamp};
use crate::error::{JoinError, one_line};
use crate::follow::{Follower, Outlets};
use crate::isolation::Isolation;
use crate::left_out;
use crate::options::ClusterOptions;
use crate::publish::Publisher;
use crate::report::Report;
use crate::snapshot::Snapshot;
use crate::snapshots;
use crate::state_checks::hex;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy, StorageType,
    Stream,
};
use chat_core::{Config, Engine, Input, Timestamp};
use chat_runtime::{EngineStart, LogEvent, LogFailure, OrderedLog};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

/// Joins a cluster as a node, and starts the tasks that append and read entries. The engines of all
/// nodes need the same configuration; `config` is that of this node.
///
/// # Errors
///
/// [`JoinError`], in one line.
pub async fn join(options: &ClusterOptions, config: &Config) -> Result<OrderedLog, JoinError> {
    let (context, most) = connect(options).await?;
    let stream = open_stream(&context, options).await?;
    let failed = |reason| JoinError::Stream { stream: options.stream(), reason };
    if most < ENTRY + HEADERS {
        return Err(failed(format!("max_payload has to be at least {}", ENTRY + HEADERS)));
    }
    let behaviour = behaviour(config);
    let bucket = open_bucket(&context, options).await?;
    let snapshot = newest_snapshot(&bucket, &stream, options, &behaviour).await?;
    let from = snapshot.as_ref().map_or(0, |snapshot| snapshot.header.position);
    let subject = options.subject();
    let last = last_position(&stream, &subject).await.map_err(failed)?;
    let process = getrandom::u64().map_err(|error| failed(one_line(&error)))?;
    let (read, stream_copy) = (Arc::new(AtomicU64::new(from)), stream.clone());
    let mut publisher = Publisher {
        context,
        stream: stream_copy,
        subject,
        last,
        process,
        count: 0,
        most: ENTRY,
        isolation: Isolation::new(),
        read: read.clone(),
    };
    let (name, card) = (options.node().to_owned(), options.card());
    let joined = Body::Joined { name, behaviour: behaviour.clone(), from, card };
    let position = publisher.body(joined).await.map_err(failed)?;
    // An input is left out from the start of this process on, or not at all.
    let left_out = left_out::read(&stream, &options.left_out()).await.map_err(failed)?.0;
    let node = u32::try_from(position).map_err(|_| JoinError::TooLong(options.stream()))?;
    let (header, engine) = match snapshot {
        Some(Snapshot { header, engine }) => {
            info!(position = from, end = position, "the node begins with a snapshot");
            (Some(header), EngineStart::new(move |config| engine.resume(config)))
        }
        None => {
            info!(end = position, "the node begins with the first entry");
            // The first entry is the same for all nodes. Servers disagree about the time at which
            // the stream was made.
            let begun = first_time(&stream).await.map_err(failed)?;
            (None, EngineStart::new(move |config| Engine::new(config, begun)))
        }
    };
    let (rounds, to_append) = mpsc::channel(1);
    let (sender, events) = mpsc::channel(EVENTS);
    let (reports, to_report) = mpsc::channel(REPORTS);
    // One snapshot is stored at a time.
    let (snapshots, written) = mpsc::channel(1);
    let (entries, retention) = options.snapshots();
    tokio::spawn(snapshots::store(bucket, stream.clone(), retention, written, reports.clone()));
    publisher.isolation.tell(sender.clone());
    let outlets = Outlets { reports, events: sender.clone(), snapshots, read };
    let fixed = (left_out, behaviour);
    let follower = Follower::new(stream, node, header, fixed, entries, outlets);
    let follower = tokio::spawn(follower.run()).abort_handle();
    let (panics, panicked) = mpsc::channel(1);
    let receivers = Receivers { rounds: to_append, reports: to_report, panicked };
    let left_out = options.left_out();
    tokio::spawn(append(publisher, node, left_out, receivers, sender, follower));
    Ok(OrderedLog { node, engine, rounds, panics, events })
}

/// Opens the bucket of the snapshots, or makes it.
async fn open_bucket(context: &Context, options: &ClusterOptions) -> Result<Bucket, JoinError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match Bucket::open(context, options).await {
            Ok(bucket) => return Ok(bucket),
            Err(reason) if tries == TRIES => {
                return Err(JoinError::Bucket { bucket: options.stream(), reason });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Returns the newest snapshot, and checks that the stream has the entries after it.
async fn newest_snapshot(
    bucket: &Bucket,
    stream: &Stream,
    options: &ClusterOptions,
    behaviour: &str,
) -> Result<Option<Snapshot>, JoinError> {
    let note = |position: u64, reason: &str| {
        warn!(position, reason, "a snapshot cannot be read");
    };
    let mut tries = 0;
    let (newest, snapshot) = loop {
        tries += 1;
        let read = async {
            // A snapshot that cannot be read shows where the stream has to end, too.
            Ok::<_, String>((bucket.newest().await?, bucket.read(Snapshot::read, note).await?))
        };
        match read.await {
            Ok(found) => break found,
            Err(reason) if tries == TRIES => {
                return Err(JoinError::Bucket { bucket: options.stream(), reason });
            }
            Err(_) => sleep(PAUSE).await,
        }
    };
    // Asked after the bucket, so that it has all entries of the snapshot.
    let info = stream.get_info().await;
    let info = info.map_err(|error| JoinError::Stream {
        stream: options.stream(),
        reason: one_line(&error),
    })?;
    if let Some(newest) = newest
        && info.state.last_sequence < newest
    {
        return Err(JoinError::Shorter(options.stream(), newest));
    }
    let from = snapshot.as_ref().map_or(1, |snapshot| snapshot.header.position);
    if info.state.first_sequence > from {
        return Err(JoinError::Incomplete(options.stream()));
    }
    if let Some(snapshot) = &snapshot
        && snapshot.header.behaviour != behaviour
    {
        return Err(JoinError::Differs(options.stream()));
    }
    Ok(snapshot)
}

/// Returns the time of the first entry.
async fn first_time(stream: &Stream) -> Result<Timestamp, String> {
    let mut tries = 0;
    loop {
        tries += 1;
        match stream.get_raw_message(1).await {
            Ok(message) => return Ok(timestamp(message.time)),
            Err(error) if tries == TRIES => return Err(one_line(&error)),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Returns the position of the last entry on a subject, or 0. A stream that was just made may have
/// no leader yet, so it is asked more than once.
async fn last_position(stream: &Stream, subject: &str) -> Result<u64, String> {
    let mut tries = 0;
    loop {
        tries += 1;
        match stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => return Ok(message.sequence),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(0),
            Err(error) if tries == TRIES => return Err(one_line(&error)),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// The sources of the entries that the node appends: the server, and the reader of the stream.
struct Receivers {
    rounds: mpsc::Receiver<Vec<Input>>,
    reports: mpsc::Receiver<Report>,
    panicked: mpsc::Receiver<(u64, usize)>,
}

/// Appends rounds, beats and the reports of the reader of the stream until the rounds end. Then
/// ends the reader.
async fn append(
    mut publisher: Publisher,
    node: u32,
    left_out: String,
    receivers: Receivers,
    events: mpsc::Sender<LogEvent>,
    follower: AbortHandle,
) {
    let Receivers { mut rounds, mut reports, mut panicked } = receivers;
    let mut beat = Instant::now() + BEAT;
    let reason = loop {
        // A beat is due only if there was no round, so rounds may come first.
        let appended = tokio::select! {
            biased;
            Some(input) = panicked.recv() => {
                let Publisher { context, stream, process, .. } = &publisher;
                left_out::add(context, stream, &left_out, *process, input).await
            }
            round = rounds.recv() => match round {
                Some(inputs) => publisher.round(node, inputs).await,
                None => {
                    let left = publisher.body(Body::Left { node });
                    // Without this entry, the other nodes notice the silence.
                    let _ = tokio::time::timeout(PATIENCE, left).await;
                    follower.abort();
                    return;
                }
            },
            Some(report) = reports.recv() => {
                let body = match report {
                    Report::Silent { node, last } => Body::Failed { node, last },
                    Report::State { position, hash } => Body::State { node, position, hash },
                    Report::Snapshot { position } => Body::Snapshot { node, position },
                };
                publisher.body(body).await.map(drop)
            }
            () = sleep_until(beat) => {
                let read = publisher.read.load(Ordering::Relaxed);
                publisher.body(Body::Beat { node, read }).await.map(drop)
            }
        };
        if let Err(reason) = appended {
            break reason;
        }
        beat = Instant::now() + BEAT;
    };
    follower.abort();
    let _ = events.send(LogEvent::Failed(LogFailure(reason))).await;
}

/// Makes the realm's stream, or checks the one that there is.
async fn open_stream(context: &Context, options: &ClusterOptions) -> Result<Stream, JoinError> {
    let config = StreamConfig {
        name: options.stream(),
        subjects: vec![options.subjects()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        // A full stream refuses entries. It does not drop those that a new node needs.
        discard: DiscardPolicy::New,
        num_replicas: options.replicas(),
        deny_delete: true,
        ..StreamConfig::default()
    };
    // Servers that have just started choose their leader first.
    let mut tries = 0;
    let stream = loop {
        tries += 1;
        match context.get_or_create_stream(config.clone()).await {
            Ok(stream) => break stream,
            Err(error) if tries == TRIES => {
                let (stream, reason) = (options.stream(), one_line(&error));
                return Err(JoinError::Stream { stream, reason });
            }
            Err(_) => sleep(PAUSE).await,
        }
    };
    let info = stream.cached_info();
    if let Some(needed) = missing(&info.config, options) {
        return Err(JoinError::Unsafe(options.stream(), needed));
    }
    if info.state.last_sequence >= u64::from(u32::MAX / 2) {
        return Err(JoinError::TooLong(options.stream()));
    }
    Ok(stream)
}

/// Returns what a stream needs and does not have.
fn missing(found: &StreamConfig, options: &ClusterOptions) -> Option<String> {
    let (subjects, replicas) = (options.subjects(), options.replicas());
    let needed = [
        (found.discard == DiscardPolicy::New && found.max_age.is_zero(), "discard=new, no max-age"),
        (found.retention == RetentionPolicy::Limits, "retention=limits"),
        (found.storage == StorageType::File, "storage=file"),
        (found.max_messages_per_subject <= 0, "no limit of messages per subject"),
        (!found.no_ack && !found.sealed, "acknowledgements, and not to be sealed"),
        (found.sources.is_none() && found.mirror.is_none(), "no source and no mirror"),
        (found.subject_transform.is_none(), "no transformation of subjects"),
    ];
    if let Some((_, needed)) = needed.iter().find(|(is_met, _)| !is_met) {
        return Some((*needed).to_owned());
    }
    if found.max_message_size > 0 && (found.max_message_size as usize) < ENTRY + HEADERS {
        return Some(format!("messages of {} bytes", ENTRY + HEADERS));
    }
    if found.num_replicas < replicas {
        return Some(format!("{replicas} replicas"));
    }
    (found.subjects != [subjects.clone()]).then(|| format!("the subject {subjects}"))
}

/// Hashes all that has to be the same on all nodes.
fn behaviour(config: &Config) -> String {
    hex(&Sha256::digest(format!("{} {config:?}", env!("CARGO_PKG_VERSION"))))
}

/// The time that an entry at the stop may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The attempts to read the stream at the start, and the time between two.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);
/// The time after which a node without a round appends a beat.
const BEAT: Duration = Duration::from_secs(2);
/// The room for the headers of an entry.
const HEADERS: usize = 1_024;
/// The most bytes of an entry.
const ENTRY: usize = 512 * 1_024;
/// The events that may wait for the engine. Beyond them, reading waits.
const EVENTS: usize = 1_024;
/// The reports that may wait. Beyond them, silent nodes are noticed again, and states are not
/// compared.
const REPORTS: usize = 16;
