//! What a host may use for each session.

use chat_dialects::SlowConsumer;
use std::time::Duration;

/// Bounds of a host, apart from those of the engine ([`Config`](chat_core::Config)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most bytes that wait to be sent to one session, what is being written included. 1 MiB: a page of history of the
    /// longest messages fits twice.
    pub queue_bytes: usize,
    /// Most frames that wait to be sent to one session; for one in the same process, events. 1,024.
    pub queue_frames: usize,
    /// What happens to a session whose queue is full. It is told how much it has missed.
    pub slow_consumer: SlowConsumer,
    /// A peer that takes nothing for so long is closed. 30 seconds.
    pub write_stall: Duration,
    /// How long a closed session's last frames may take to be sent, also when the server stops. 5 seconds.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queue_bytes: 1 << 20,
            queue_frames: 1_024,
            slow_consumer: SlowConsumer::Lag,
            write_stall: Duration::from_secs(30),
            drain: Duration::from_secs(5),
        }
    }
}
