//! Snapshots: the state of a realm after an entry of its stream.

use crate::members::Members;
use crate::state_checks::StateChecks;
use chat_core::{Engine, SavedEngine};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The header of a snapshot, in a line of its own before the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The version of the format.
    format: u32,
    /// A hash of all that has to be the same on all nodes.
    pub(crate) behaviour: String,
    /// The position of the last entry that was applied.
    pub(crate) position: u64,
    /// That entry, which shows whether the stream still is the same.
    pub(crate) last: String,
    pub(crate) members: Members,
    pub(crate) states: StateChecks,
}

/// A snapshot that was read.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) header: Header,
    pub(crate) engine: SavedEngine,
}

/// The reason for which a snapshot cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("it would be larger than {} MiB", MOST >> 20)]
    TooLarge,
    #[error("another version of the program has written it")]
    Format,
    #[error("it cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

impl Header {
    pub(crate) fn new(
        behaviour: String,
        position: u64,
        last: &[u8],
        members: Members,
        states: StateChecks,
    ) -> Self {
        // Entries are JSON.
        let last = String::from_utf8_lossy(last).into_owned();
        Self { format: FORMAT, behaviour, position, last, members, states }
    }

    /// Reads the header of a snapshot.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (line, _) = split(bytes);
        let Version { format } = serde_json::from_slice(line)?;
        if format != FORMAT {
            return Err(SnapshotError::Format);
        }
        Ok(serde_json::from_slice(line)?)
    }

    /// Writes a snapshot.
    pub(crate) fn write(&self, engine: &Engine) -> Result<Vec<u8>, SnapshotError> {
        let mut limited = Limited(Vec::new());
        let written = serde_json::to_writer(&mut limited, self).and_then(|()| {
            limited.0.push(b'\n');
            serde_json::to_writer(&mut limited, &engine.snapshot())
        });
        match written {
            Ok(()) => Ok(limited.0),
            Err(error) if error.is_io() => Err(SnapshotError::TooLarge),
            Err(error) => Err(error.into()),
        }
    }
}

impl Snapshot {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (header, engine) = split(bytes);
        Ok(Self { header: Header::read(header)?, engine: serde_json::from_slice(engine)? })
    }
}

/// Separates the header from the engine.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    bytes.split_at(end)
}

/// The part of a header that all formats have.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// Takes as many bytes as a snapshot may have.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The most bytes of a snapshot.
pub(crate) const MOST: usize = 512 << 20;
const FORMAT: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Body, NodeCard};
    use chat_core::{Config, Input, Peer, SessionId, Timestamp};

    #[test]
    fn snapshot_has_the_nodes_and_the_engine() {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let mut engine = Engine::new(Config::default(), now);
        let open = Input::Open { session: SessionId(7), peer: Peer::default() };
        engine.apply(now, open).for_each(drop);
        let mut members = Members::default();
        let (name, behaviour) = ("a".to_owned(), "x".to_owned());
        let joined = Body::Joined { name, behaviour, from: 0, card: NodeCard::default() };
        members.note(1, now, &joined);
        let header = Header::new("x".to_owned(), 1, b"{}", members, StateChecks::default());
        let bytes = header.write(&engine).expect("it is small");

        let Snapshot { header: read, engine: saved } = Snapshot::read(&bytes).expect("it is valid");
        assert_eq!((read.position, read.last.as_str()), (1, "{}"));
        assert!(read.members.has(1));
        let resumed = saved.resume(Config::default());
        assert_eq!(format!("{resumed:?}"), format!("{engine:?}"));

        let cut = Snapshot::read(&bytes[..bytes.len() - 1]);
        assert!(matches!(cut, Err(SnapshotError::Json(_))), "{cut:?}");
        let other = String::from_utf8(bytes).expect("it is text").replacen("1", "2", 1);
        let other = Snapshot::read(other.as_bytes());
        assert!(matches!(other, Err(SnapshotError::Format)), "{other:?}");
    }
}
