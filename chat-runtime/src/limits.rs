//! All limits of a server.

use crate::proxies::TrustedProxies;
use chat_core::{Config, SettingError};
use chat_dialects::SlowConsumer;
use std::time::Duration;

/// All limits of a server. Start from [`Limits::default`] and change some; a
/// [`Config`] alone is enough where only the engine's limits are to be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The limits of the engine: lengths, channels, history, commands a second, time to a nickname.
    pub engine: Config,

    /// The most connections at once. Default: 20,000. With 1 MiB for each slow reader, a machine of
    /// 32 GiB can hold them at worst, and one engine's rooms need far fewer.
    pub connections: usize,
    /// The most connections at once from one address; for IPv6, from one /64. Default: 64. An
    /// office behind one address fits, and it takes hundreds of addresses to fill the server.
    pub connections_per_address: usize,
    /// The connections a second that one address may open, and as many at once; 0 switches the
    /// limit off. Default: 20. All users behind one address come back within seconds of a restart,
    /// and no address keeps the server busy with handshakes.
    pub connects_per_second: u32,
    /// True if the two limits for one address do not apply to connections from this machine, Unix
    /// sockets included: proxies, bots and tests come from there. Default: true.
    pub loopback_exempt: bool,

    /// The proxies that are trusted to state the origin of a connection or a request. The two
    /// limits for one address apply to their clients instead of to them. Default: none.
    pub proxies: TrustedProxies,

    /// The time for the TLS handshake and for the head of an HTTP request. Default: 15 seconds,
    /// which allows for several lost packets.
    pub handshake: Duration,
    /// The time that an HTTP connection may wait for its next request. Default: 75 seconds.
    /// Browsers and proxies reuse a connection for about a minute, and a request on a connection
    /// that is just being closed fails.
    pub keep_alive: Duration,
    /// The longest line or WebSocket message of a client, in bytes. Default: 8,192, which is twice
    /// the longest message, because JSON adds to it.
    pub frame_bytes: usize,
    /// The time of silence after which a client gets a ping, if its transport or its dialect has
    /// one. Default: 30 seconds, which is shorter than the time after which routers drop idle
    /// connections.
    pub ping_after: Duration,
    /// The time of silence after which a client that was sent pings is closed. Default: 90 seconds,
    /// which is three pings.
    pub silence: Duration,

    /// The most bytes that wait to be sent to one session, including those that are being written.
    /// Default: 1 MiB, in which a page of history of the longest messages fits twice.
    pub queue_bytes: usize,
    /// The most frames that wait to be sent to one session; for a session in the same process, the
    /// most events. Default: 1,024.
    pub queue_frames: usize,
    /// The treatment of a session whose queue is full. Default: it is told the number of frames
    /// that it has missed.
    pub slow_consumer: SlowConsumer,
    /// The time for which an announcement to a [large audience](Self::announcement_audience) may
    /// wait until it is written: that others join, leave, quit, are away or take another nickname.
    /// All that happens meanwhile is then written at once. A session that is sent something else
    /// gets it earlier, so that the order of its frames is the same. 0 switches it off. Default: 50
    /// milliseconds, which people do not notice.
    pub announcement_delay: Duration,
    /// The number of sessions from which an announcement to them may wait. Default: 50. In smaller
    /// channels announcements cost little, and people know each other.
    pub announcement_audience: usize,
    /// The time after which a peer is closed that reads nothing although its queue is not empty. A
    /// peer that reads slowly is not closed. Default: 30 seconds, which is longer than a phone
    /// needs to change its network.
    pub write_stall: Duration,
    /// The time for the last frames of a closed session, also when the server stops. Default: 5
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
        SettingError::within("announcement_delay", self.announcement_delay, Duration::ZERO)?;
        // A client that is given up before it is asked could not show that it is there.
        SettingError::at_least("silence", self.silence, self.ping_after)
    }
}

/// The length in bytes of a line of IRC without tags, in which a JSON `hello` fits.
const SMALLEST_FRAME: usize = 512;
/// The answers to a few commands.
const SMALLEST_QUEUE: usize = 4_096;
/// A welcome, a roster and a few events that come with them.
const SMALLEST_QUEUE_OF_FRAMES: usize = 16;
/// On a busy machine, a shorter time passes before every client is served once.
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
            announcement_delay: Duration::from_millis(50),
            announcement_audience: 50,
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
