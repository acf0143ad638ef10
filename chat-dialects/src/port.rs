//! The output of a session, which the host implements.

use crate::{Frame, Frames};
use chat_core::{CloseReason, Event, RequestId, Timestamp};
use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

/// The output of one session: a queue in front of a socket, a buffer, or a channel to another task.
pub trait Port {
    /// Frames as they are sent, for instance with line ends. Frames for several sessions are
    /// prepared once.
    type Prepared: 'static;
    /// The port of sessions in the same process, which receive events instead of frames. A host
    /// without such sessions uses [`NoEvents`].
    type Events: EventPort;

    /// Returns the kind of port. Ports of equal kind share [prepared](Self::prepare) frames. By
    /// default all ports are of one kind.
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
    /// [`Full`] if there is no room. The switchboard counts what did not fit, and tells the client
    /// later.
    fn send(&mut self, prepared: &Self::Prepared) -> Result<(), Full>;

    /// Takes frames that are for this port only, all or none.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn tell(&mut self, frames: &Frames) -> Result<(), Full> {
        let prepared = self.prepare(frames);
        self.send(&prepared)
    }

    /// Takes frames as [`tell`](Self::tell) does, and sends them at once, even if the host still
    /// holds back other frames of the round.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn tell_now(&mut self, frames: &Frames) -> Result<(), Full> {
        self.tell(frames)
    }

    /// Sends a ping, if the transport has one, and returns true if it does. The switchboard then
    /// closes a client that does not answer, and does not use the dialect's ping.
    fn ping(&mut self) -> bool {
        false
    }

    /// Returns true if there is room again after [`Full`], and enough of it to go on.
    fn has_room(&self) -> bool;

    /// Returns true if there is room for a long answer beside all events of the next moments. By
    /// default this is [`has_room`](Self::has_room).
    fn has_room_for_pages(&self) -> bool {
        self.has_room()
    }

    /// Stops reading from the client, or goes on. Frames that the host has read already may still
    /// come. By default this does nothing.
    fn set_reading(&mut self, _is_on: bool) {}

    /// Takes the last frames, even without room, and nothing after them. The host sends everything
    /// that the port has taken, and then closes the connection.
    fn close(&mut self, last_words: &Frames, reason: &CloseReason);
}

/// The output of one session in the same process: a queue of events.
pub trait EventPort {
    /// Takes an event. There is always room for [`SessionEventRef::Closed`], which comes last.
    ///
    /// # Errors
    ///
    /// [`Full`] if there is no room. The switchboard counts what did not fit, and tells the session
    /// later.
    fn receive(&mut self, event: SessionEventRef<'_>) -> Result<(), Full>;

    /// Returns true if there is room again after [`Full`], and enough of it to go on.
    fn has_room(&self) -> bool;
}

/// The [event port](Port::Events) of a host that has no sessions in the same process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEvents {}

impl EventPort for NoEvents {
    fn receive(&mut self, _: SessionEventRef<'_>) -> Result<(), Full> {
        match *self {}
    }

    fn has_room(&self) -> bool {
        match *self {}
    }
}

/// The error of a port that has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// An event for a session in the same process.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SessionEventRef<'a> {
    /// The answer to one of its commands.
    Reply {
        /// The time.
        at: Timestamp,
        /// The session's own name for the command.
        request: Option<&'a RequestId>,
        /// The answer.
        event: &'a Event,
    },
    /// An event about others.
    Event {
        /// The time.
        at: Timestamp,
        /// The event.
        event: &'a Event,
    },
    /// Replies and events were dropped for want of room.
    Lagged {
        /// The number of dropped replies and events.
        missed: u64,
    },
    /// The session has ended. This comes last, and the port takes it even without room.
    Closed {
        /// The number of replies and events that were dropped before the end.
        missed: u64,
        /// The reason.
        reason: &'a CloseReason,
    },
}

/// A port that records its frames, for tests. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    frames: Vec<String>,
    closed: Option<CloseReason>,
}

impl Recorder {
    /// Takes the frames that were sent since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().frames)
    }

    /// Returns the reason for which the port was closed, if it was.
    pub fn closed(&self) -> Option<CloseReason> {
        self.lock().closed.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Port for Recorder {
    type Prepared = Vec<String>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<String> {
        let text = |frame: &Frame| String::from_utf8_lossy(frame.bytes()).into_owned();
        frames.iter().map(text).collect()
    }

    fn send(&mut self, texts: &Vec<String>) -> Result<(), Full> {
        self.lock().frames.extend_from_slice(texts);
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
