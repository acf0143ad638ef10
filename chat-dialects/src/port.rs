//! Where a session's frames go.

use crate::{Frame, Frames};
use chat_core::{CloseReason, Event, RequestId, Timestamp};
use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

/// A host's way to one session: a queue before a socket, a buffer, a channel to another task.
pub trait Port {
    /// Frames as they are sent: with line ends, for instance. What many are told is prepared once.
    type Prepared: 'static;

    /// Which ports can send what this one has [prepared](Self::prepare): those that say the same.
    /// All, unless it is said.
    fn kind(&self) -> TypeId {
        TypeId::of::<Self::Prepared>()
    }

    /// Prepares frames to be sent, by this port or others of its [kind](Self::kind), before the
    /// next [`flush`](crate::Switchboard::flush).
    fn prepare(&mut self, frames: &Frames) -> Self::Prepared;

    /// Takes frames, all or none.
    ///
    /// # Errors
    ///
    /// [`Full`] if there is no room. The switchboard counts what did not fit and says so later.
    fn send(&mut self, prepared: &Self::Prepared) -> Result<(), Full>;

    /// Takes frames that no other port is sent, all or none.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn tell(&mut self, frames: &Frames) -> Result<(), Full> {
        let prepared = self.prepare(frames);
        self.send(&prepared)
    }

    /// Asks the client whether it is still there, if the transport has a way to do that. Returns
    /// whether it has: then a client that does not answer is closed, and its dialect does not ask.
    fn ping(&mut self) -> bool {
        false
    }

    /// Takes an event, for a session in the same process that speaks no dialect.
    ///
    /// # Errors
    ///
    /// [`Full`] if there is no room.
    fn hear(&mut self, heard: SessionEventRef<'_>) -> Result<(), Full>;

    /// Whether there is room again after [`Full`]: enough of it that it pays to go on.
    fn has_room(&self) -> bool;

    /// Takes a last word, room or not, then nothing more: what has been taken is to be sent, and
    /// the connection closed.
    fn close(&mut self, last_words: &Frames, reason: &CloseReason);
}

/// There is no room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What a session in the same process hears.
#[derive(Clone, Copy, Debug)]
pub enum SessionEventRef<'a> {
    /// The answer to one of its commands.
    Reply {
        /// When.
        at: Timestamp,
        /// What it called the request.
        request: Option<&'a RequestId>,
        /// The answer.
        event: &'a Event,
    },
    /// Something that others did.
    Event {
        /// When.
        at: Timestamp,
        /// What.
        event: &'a Event,
    },
    /// So many things could not be told, for want of room.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The session has ended. It is the last thing that is heard, and is to be taken whether there
    /// is room or not.
    Closed {
        /// How many things could not be told before the end.
        missed: u64,
        /// Why.
        reason: &'a CloseReason,
    },
}

/// A port that remembers what it was sent, for tests. Clones share.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    frames: Vec<String>,
    closed: Option<CloseReason>,
}

impl Recorder {
    /// Takes the frames that came since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().frames)
    }

    /// Why the port was closed, if it was.
    pub fn closed(&self) -> Option<CloseReason> {
        self.lock().closed.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Port for Recorder {
    type Prepared = Vec<String>;

    fn prepare(&mut self, frames: &Frames) -> Vec<String> {
        let text = |frame: &Frame| String::from_utf8_lossy(frame.bytes()).into_owned();
        frames.iter().map(text).collect()
    }

    fn send(&mut self, texts: &Vec<String>) -> Result<(), Full> {
        self.lock().frames.extend_from_slice(texts);
        Ok(())
    }

    fn hear(&mut self, heard: SessionEventRef<'_>) -> Result<(), Full> {
        self.lock().frames.push(format!("{heard:?}"));
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn close(&mut self, last_words: &Frames, reason: &CloseReason) {
        let texts = self.prepare(last_words);
        let mut recorded = self.lock();
        recorded.frames.extend(texts);
        recorded.closed = Some(reason.clone());
    }
}
