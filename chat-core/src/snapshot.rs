//! Snapshots of a running engine.

use crate::state::{ReadState, State, write_state};
use crate::{Config, Engine};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// All that an engine knows at one moment, with its sessions and all else that a
/// [restart](Engine::restore) ends. It is written with serde.
///
/// An engine that continues from it has the same effects as the first one for all inputs after
/// that moment. So another host can follow the inputs of this one from there. The policy is not
/// part of it, and neither is the configuration, which has to be the same.
///
/// ```
/// use chat_core::{Config, Engine, Input, Peer, SavedEngine, SessionId, Timestamp};
///
/// let now = Timestamp::from_millis(1_767_225_600_000);
/// let mut engine = Engine::new(Config::default(), now);
/// let session = SessionId(1);
/// engine.apply(now, Input::Open { session, peer: Peer::default() }).for_each(drop);
///
/// let written = serde_json::to_string(&engine.snapshot())?;
/// let saved: SavedEngine = serde_json::from_str(&written)?;
/// let other = saved.resume(Config::default());
/// assert!(other.view().is_open(session));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EngineSnapshot<'a>(&'a State);

/// A snapshot that was read, and that has no configuration yet.
#[derive(Debug)]
pub struct SavedEngine(ReadState);

impl Engine {
    /// Returns the whole state, which can be written with serde.
    pub fn snapshot(&self) -> EngineSnapshot<'_> {
        EngineSnapshot(&self.state)
    }
}

impl SavedEngine {
    /// Makes the engine that continues from the snapshot. `config` is that of the first one.
    pub fn resume(self, config: Config) -> Engine {
        Engine::of(self.0.complete(config))
    }
}

impl Serialize for EngineSnapshot<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_state(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for SavedEngine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(ReadState::deserialize(deserializer)?))
    }
}
