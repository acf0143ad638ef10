//! Metrics in the format of Prometheus. They contain no messages and no secrets.

use super::cluster::ClusterMetrics;
use super::store::StoreMetrics;
use chat_core::{Answer, CloseReason, Refusal};
use chat_dialects::{Counters, TurnedAway};
use chat_store::StoreLevels;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// The metrics of one server. They are its own: two servers in one process do not mix.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    connections: Gauge,
    connections_refused: Family<Reason, Counter>,
    sessions: Family<Kind, Gauge>,
    users: Gauge,
    channels: Gauge,
    frames: Counter,
    faults: Counter,
    messages: Counter,
    deliveries: Counter,
    lagged: Counter,
    commands_refused: Family<Reason, Counter>,
    sessions_closed: Family<Reason, Counter>,
    queue_bytes: Gauge,
    queue_frames: Gauge,
    authentications: Family<Reason, Counter>,
    input_seconds: Histogram,
    loop_delay: Histogram,
    store: StoreMetrics,
    cluster: ClusterMetrics,
}

/// The values of gauges that the engine task reads when the metrics are requested.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Levels {
    pub(crate) users: usize,
    pub(crate) channels: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) queue_frames: usize,
}

/// Counts a session until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    transport: &'static str,
    dialect: String,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("chat"),
            connections: Gauge::default(),
            connections_refused: Family::default(),
            sessions: Family::default(),
            users: Gauge::default(),
            channels: Gauge::default(),
            frames: Counter::default(),
            faults: Counter::default(),
            messages: Counter::default(),
            deliveries: Counter::default(),
            lagged: Counter::default(),
            commands_refused: Family::default(),
            sessions_closed: Family::default(),
            queue_bytes: Gauge::default(),
            queue_frames: Gauge::default(),
            authentications: Family::default(),
            // From a microsecond to a quarter of a second.
            input_seconds: Histogram::new(exponential_buckets(1e-6, 4.0, 10)),
            loop_delay: Histogram::new([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0]),
            store: StoreMetrics::default(),
            cluster: ClusterMetrics::default(),
        };
        metrics.register();
        metrics.start_at_zero();
        metrics
    }

    /// Creates the counters of all reasons at 0: a counter that appears with its first event hides
    /// that event from queries for the increase.
    fn start_at_zero(&self) {
        for (family, reasons) in [
            (&self.connections_refused, CONNECTIONS_REFUSED),
            (&self.commands_refused, Refusal::CODES),
            (&self.sessions_closed, CloseReason::CODES),
            (&self.authentications, Answer::CODES),
        ] {
            for reason in reasons {
                drop(family.get_or_create(&Reason { reason }));
            }
        }
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "connections",
            "Connections that have been let in",
            self.connections.clone(),
        );
        registry.register(
            "connections_refused",
            "Connections that were turned away or did not get through their handshake",
            self.connections_refused.clone(),
        );
        registry.register("sessions", "Open sessions", self.sessions.clone());
        registry.register("users", "Users who are online", self.users.clone());
        registry.register("channels", "Channels, the lobby included", self.channels.clone());
        registry.register("frames_received", "Frames from clients", self.frames.clone());
        registry.register(
            "faults",
            "Frames from clients that were too long or not UTF-8",
            self.faults.clone(),
        );
        registry.register("messages", "Messages that were taken", self.messages.clone());
        registry.register(
            "deliveries",
            "Answers and events that were sent to a session",
            self.deliveries.clone(),
        );
        registry.register(
            "lagged",
            "Answers and events that a session was not sent since its queue was full",
            self.lagged.clone(),
        );
        registry.register(
            "commands_refused",
            "Commands that were refused",
            self.commands_refused.clone(),
        );
        registry.register(
            "sessions_closed",
            "Sessions that have ended",
            self.sessions_closed.clone(),
        );
        registry.register_with_unit(
            "queue",
            "What waits to be sent to all sessions",
            Unit::Bytes,
            self.queue_bytes.clone(),
        );
        registry.register(
            "queue_frames",
            "Frames that wait to be sent to all sessions",
            self.queue_frames.clone(),
        );
        registry.register(
            "authentications",
            "Questions to the authenticator, by how it answered",
            self.authentications.clone(),
        );
        registry.register_with_unit(
            "input",
            "Time that the engine and the dialects took for one input",
            Unit::Seconds,
            self.input_seconds.clone(),
        );
        registry.register_with_unit(
            "loop_delay",
            "How much later than it wanted a task of the runtime was woken",
            Unit::Seconds,
            self.loop_delay.clone(),
        );
        self.store.register(registry.sub_registry_with_prefix("store"));
        self.cluster.register(registry.sub_registry_with_prefix("cluster"));
    }

    pub(crate) fn note_turned_away(&self, why: TurnedAway) {
        self.note_no_connection(why.code());
    }

    pub(crate) fn note_no_connection(&self, reason: &'static str) {
        self.connections_refused.get_or_create(&Reason { reason }).inc();
    }

    pub(crate) fn note_answer(&self, answer: &Answer) {
        self.authentications.get_or_create(&Reason { reason: answer.code() }).inc();
    }

    pub(crate) fn note_input(&self, took: Duration) {
        self.input_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn note_delay(&self, delay: Duration) {
        self.loop_delay.observe(delay.as_secs_f64());
    }

    pub(crate) fn note_commit(&self, took: Duration, records: usize) {
        self.store.note_commit(took, records);
    }

    pub(crate) fn note_waiting_rounds(&self, rounds: i64) {
        self.store.note_waiting_rounds(rounds);
    }

    pub(crate) fn note_retry(&self) {
        self.store.note_retry();
    }

    pub(crate) fn note_store(&self, levels: StoreLevels) {
        self.store.note_levels(levels);
    }

    /// Notes an entry of the log, and the time that it took if this server has submitted it.
    pub(crate) fn note_entry(&self, submission: Option<Duration>) {
        self.cluster.note_entry(submission);
    }

    pub(crate) fn note_waiting_entries(&self, entries: usize) {
        self.cluster.note_waiting(entries);
    }

    pub(crate) fn note_differing(&self, nodes: usize) {
        self.cluster.note_differing(nodes);
    }

    pub(crate) fn note_isolated(&self, is_isolated: bool) {
        self.cluster.note_isolated(is_isolated);
    }

    pub(crate) fn note(&self, counters: &Counters) {
        let Counters { frames, faults, messages, deliveries, lagged, refused, closed, .. } =
            counters;
        self.frames.inc_by(*frames);
        self.faults.inc_by(*faults);
        self.messages.inc_by(*messages);
        self.deliveries.inc_by(*deliveries);
        self.lagged.inc_by(*lagged);
        for (reason, count) in refused {
            self.commands_refused.get_or_create(&Reason { reason }).inc_by(*count);
        }
        for (reason, count) in closed {
            self.sessions_closed.get_or_create(&Reason { reason }).inc_by(*count);
        }
    }

    /// Counts a session until the returned guard is dropped.
    pub(crate) fn count_session(&self, transport: &'static str, dialect: &str) -> Counted {
        let kind = Kind { transport, dialect: dialect.to_owned() };
        let gauge = self.sessions.get_or_create(&kind).clone();
        gauge.inc();
        Counted(gauge)
    }

    /// Returns all metrics as text.
    pub(crate) fn text(&self, connections: usize, levels: Levels) -> String {
        let level = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        level(&self.connections, connections);
        level(&self.users, levels.users);
        level(&self.channels, levels.channels);
        level(&self.queue_bytes, levels.queue_bytes);
        level(&self.queue_frames, levels.queue_frames);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

/// The reasons for which the server and the front ends of this workspace refuse connections.
const CONNECTIONS_REFUSED: &[&str] = &[
    "server_full",
    "too_many_connections",
    "connecting_too_fast",
    "handshake_failed",
    "handshake_too_slow",
    "http_request",
    "tls_handshake",
    "ssh",
    "proxy_header",
    "proxy_not_trusted",
    "proxy_header_missing",
    "proxy_header_invalid",
    "proxy_header_too_slow",
    "webirc_not_trusted",
    "webirc_missing",
    "webirc_invalid",
    "webirc_too_slow",
    "foreign_origin",
    "bad_handshake",
    "login_refused",
];

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
