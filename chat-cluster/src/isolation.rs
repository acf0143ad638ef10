//! Notices that the stream has not taken an entry for a while.

use chat_runtime::LogEvent;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The time without an entry, and what the server is told about it. Every node appends a beat
/// every few seconds, so a node that could append nothing is isolated.
pub(crate) struct Isolation {
    /// The time of the last entry.
    last: Instant,
    is_isolated: bool,
    /// The server, once it follows the stream.
    events: Option<mpsc::Sender<LogEvent>>,
}

impl Isolation {
    pub(crate) fn new() -> Self {
        Self { last: Instant::now(), is_isolated: false, events: None }
    }

    /// Tells a server from now on.
    pub(crate) fn tell(&mut self, events: mpsc::Sender<LogEvent>) {
        self.events = Some(events);
    }

    /// Notes an attempt that failed. Returns the reason if the node has to stop.
    pub(crate) async fn note_failure(&mut self, reason: &str) -> Result<(), String> {
        let silence = self.last.elapsed();
        // A node that has not joined yet has nothing to lose.
        let longest = if self.events.is_some() { GIVE_UP } else { GIVE_UP_JOINING };
        if silence >= longest {
            let seconds = longest.as_secs();
            return Err(format!("the stream has taken nothing for {seconds} seconds: {reason}"));
        }
        if silence >= REFUSE {
            self.set(true).await;
        }
        Ok(())
    }

    /// Notes that the stream has taken an entry.
    pub(crate) async fn note_success(&mut self) {
        self.last = Instant::now();
        self.set(false).await;
    }

    async fn set(&mut self, is_isolated: bool) {
        if self.is_isolated != is_isolated
            && let Some(events) = &self.events
        {
            self.is_isolated = is_isolated;
            // A server that has ended reads no more events.
            let _ = events.send(LogEvent::Isolated(is_isolated)).await;
        }
    }
}

/// The time after which commands are refused: less than that after which the other nodes close the
/// sessions of this one.
const REFUSE: Duration = Duration::from_secs(6);
/// The time after which the node stops, so that its clients look for another one.
const GIVE_UP: Duration = Duration::from_secs(30);
/// The time that the first entry may take.
const GIVE_UP_JOINING: Duration = Duration::from_secs(10);
