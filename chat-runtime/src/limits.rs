//! What a server allows, all in one value.

use crate::proxies::TrustedProxies;
use chat_core::{Config, SettingError};
use chat_dialects::SlowConsumer;
use std::time::Duration;

/// Everything that a server allows. Start from [`Limits::default`] and change what you need; a
/// [`Config`] alone is enough where only the engine's limits are to be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What the engine allows: lengths, channels, history, commands a second, time to a name.
    pub engine: Config,

    /// Most connections at once. 20,000: with 1 MiB for each slow reader that is what a machine of
    /// 32 GiB can bear at worst, and it is far above what one engine's rooms need.
    pub connections: usize,
    /// Most connections at once from one address; for IPv6, from one /64. 64: an office behind one
    /// address fits, and it takes hundreds of addresses to fill the server.
    pub connections_per_address: usize,
    /// Connections a second that one address may open, and as many at once; 0 switches the limit
    /// off. 20: everybody behind one address comes back within seconds of a restart, and nobody
    /// keeps the server busy with handshakes.
    pub connects_per_second: u32,
    /// Whether connections from this machine, Unix sockets included, are free of the two limits for
    /// one address: proxies, bots and tests come from there. Yes.
    pub loopback_exempt: bool,

    /// Proxies that are believed when they say where a connection or a request comes from, and are
    /// free of the two limits for one address, which apply to their clients. None.
    pub proxies: TrustedProxies,

    /// How long TLS and the head of an HTTP request may take. 15 seconds: several lost packets on a
    /// bad line.
    pub handshake: Duration,
    /// How long an HTTP connection may wait for its next request. 75 seconds: browsers and proxies
    /// use one again for about a minute, and a request that meets the end of its connection fails.
    pub keep_alive: Duration,
    /// Longest line or WebSocket message that a client may send, in bytes. 8,192: twice the longest
    /// message, for what JSON adds to it.
    pub frame_bytes: usize,
    /// A client that has been silent for so long is asked whether it is still there, where its
    /// transport or its dialect has a way to ask. 30 seconds: less than what routers forget a
    /// connection after.
    pub ping_after: Duration,
    /// A client that has been silent for so long although it was asked is closed. 90 seconds: three
    /// questions.
    pub silence: Duration,

    /// Most bytes that wait to be sent to one session, what is being written included. 1 MiB: a
    /// page of history of the longest messages fits twice.
    pub queue_bytes: usize,
    /// Most frames that wait to be sent to one session; for one in the same process, events. 1,024.
    pub queue_frames: usize,
    /// What happens to a session whose queue is full. It is told how much it has missed.
    pub slow_consumer: SlowConsumer,
    /// A peer that takes nothing for so long, while there is something for it, is closed. One that
    /// reads slowly is not. 30 seconds: longer than a phone needs to change its network.
    pub write_stall: Duration,
    /// How long a closed session's last frames may take to be sent, also when the server stops. 5
    /// seconds.
    pub drain: Duration,
}

impl Limits {
    /// Checks that no setting is so small that every client would be refused, and that no time is
    /// [too long](SettingError::within), those of the [engine](Config::check) included.
    /// [`Server::run`](crate::Server::run) does not start otherwise.
    ///
    /// # Errors
    ///
    /// [`SettingError::TooSmall`] or [`SettingError::TooLong`] for the first setting that is.
    pub fn check(&self) -> Result<(), SettingError> {
        self.engine.check()?;
        SettingError::at_least("connections", self.connections, 1)?;
        SettingError::at_least("connections_per_address", self.connections_per_address, 1)?;
        SettingError::at_least("frame_bytes", self.frame_bytes, SMALLEST_FRAME)?;
        SettingError::at_least("queue_bytes", self.queue_bytes, SMALLEST_QUEUE)?;
        SettingError::at_least("queue_frames", self.queue_frames, SMALLEST_QUEUE_OF_FRAMES)?;
        for (name, time) in [
            ("handshake", self.handshake),
            ("keep_alive", self.keep_alive),
            ("ping_after", self.ping_after),
            ("silence", self.silence),
            ("write_stall", self.write_stall),
            ("drain", self.drain),
        ] {
            SettingError::within(name, time, SHORTEST_WAIT)?;
        }
        // A client that is given up before it is asked could not show that it is there.
        SettingError::at_least("silence", self.silence, self.ping_after)
    }
}

/// As many bytes as a line of IRC with tags has at least: room for a JSON `hello`.
const SMALLEST_FRAME: usize = 512;
/// The answers to a few commands.
const SMALLEST_QUEUE: usize = 4_096;
/// A welcome, a roster and a few events that come with them.
const SMALLEST_QUEUE_OF_FRAMES: usize = 16;
/// Less passes on a busy machine before every client has had a turn.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

impl Default for Limits {
    fn default() -> Self {
        Self {
            engine: Config::default(),
            connections: 20_000,
            connections_per_address: 64,
            connects_per_second: 20,
            loopback_exempt: true,
            proxies: TrustedProxies::default(),
            handshake: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            frame_bytes: 8_192,
            ping_after: Duration::from_secs(30),
            silence: Duration::from_secs(90),
            queue_bytes: 1 << 20,
            queue_frames: 1_024,
            slow_consumer: SlowConsumer::Lag,
            write_stall: Duration::from_secs(30),
            drain: Duration::from_secs(5),
        }
    }
}

impl From<Config> for Limits {
    fn from(engine: Config) -> Self {
        Self { engine, ..Self::default() }
    }
}
