//! The outbox of one session: the engine task's end of its connection.

use super::backpressure::Backpressure;
use super::ending::Ending;
use super::in_process_queue::InProcessQueue;
use super::piece::Piece;
use super::round::Round;
use super::socket_queue::SocketQueue;
use crate::io::FramingTable;
use chat_core::{CloseReason, SessionId};
use chat_dialects::{Frames, Full, Port};
use smallvec::SmallVec;
use std::any::TypeId;
use std::sync::Arc;

/// Collects the frames of a round for a session, and hands them to the [`SocketQueue`] at the end
/// of the round. It is bounded in bytes and in frames: when the peer does not read and the queue is
/// full, the outbox refuses frames, and the switchboard counts them.
///
/// Dropping the outbox closes the connection, so that connections end if the engine task fails.
pub(crate) struct Outbox {
    socket_queue: Arc<SocketQueue>,
    framing: &'static FramingTable,
    round: Arc<Round>,
    pieces: SmallVec<[Piece; 2]>,
    bytes: usize,
    frames: u32,
    /// True if bytes waited in the socket queue at the last flush.
    is_behind: bool,
    is_closed: bool,
    /// The shard of the connection, if it is not the engine task's own.
    remote_shard: Option<Box<RemoteShard>>,
}

/// The shard of a connection that is not on the engine task's own.
pub(crate) struct RemoteShard {
    pub(crate) shard: usize,
    pub(crate) session: SessionId,
    pub(crate) backpressure: Arc<Backpressure>,
}

/// Frames that were added to the round, framed.
pub(crate) struct Prepared {
    piece: Piece,
    frames: u32,
}

impl Outbox {
    pub(crate) fn new(
        socket_queue: Arc<SocketQueue>,
        framing: &'static FramingTable,
        round: Arc<Round>,
        remote_shard: Option<RemoteShard>,
    ) -> Self {
        Self {
            socket_queue,
            framing,
            round,
            pieces: SmallVec::new(),
            bytes: 0,
            frames: 0,
            is_behind: false,
            is_closed: false,
            remote_shard: remote_shard.map(Box::new),
        }
    }

    /// Hands the pieces to the socket queue. The host calls it before it clears the round.
    pub(crate) fn flush(&mut self) {
        if self.frames == 0 {
            return;
        }
        let (mut output, frames) = (self.round.lock(), self.frames as usize);
        match &self.remote_shard {
            None => self.is_behind = self.socket_queue.write(output.gather(&self.pieces), frames),
            Some(remote) => {
                let deliveries = output.deliveries(remote.shard);
                deliveries.add(remote.session, &self.pieces, frames, None);
            }
        }
        drop(output);
        self.clear();
    }

    /// Drops the frames of the round, because it cannot be committed.
    pub(crate) fn discard(&mut self) {
        self.clear();
    }

    /// Does what [`flush`](Self::flush) does if another shard writes to the socket.
    pub(crate) fn flush_to_other_shard(&mut self) {
        if self.remote_shard.is_some() {
            self.flush();
        }
    }

    /// Returns the numbers of bytes and frames in the queue.
    #[cfg(any(test, feature = "metrics"))]
    pub(crate) fn load(&self) -> (usize, usize) {
        self.socket_queue.load()
    }

    fn frame(&self, frames: &Frames, out: &mut Vec<u8>) {
        frames.iter().for_each(|frame| (self.framing.frame)(frame, out));
    }

    /// Returns true if bytes may wait in the socket queue.
    fn may_be_behind(&self) -> bool {
        self.is_behind
            || self.remote_shard.as_ref().is_some_and(|remote| remote.backpressure.take())
    }

    #[cold]
    fn look_for_room(&mut self, bytes: usize, frames: u32) -> Result<(), Full> {
        let bytes = self.bytes + bytes;
        let frames = (self.frames + frames) as usize;
        let room = self.socket_queue.room_for(self.round.limits(), bytes, frames);
        self.is_behind = room.map_err(|()| Full)?;
        Ok(())
    }

    fn take(&mut self, prepared: &Prepared) {
        let Prepared { piece, frames } = prepared;
        if !self.pieces.last_mut().is_some_and(|last| last.join(*piece)) {
            self.pieces.push(*piece);
        }
        self.bytes += piece.len();
        self.frames += frames;
    }

    fn clear(&mut self) {
        // An idle session keeps no buffer.
        self.pieces = SmallVec::new();
        self.bytes = 0;
        self.frames = 0;
    }
}

impl Port for Outbox {
    type Prepared = Prepared;
    type Events = InProcessQueue;

    fn kind(&self) -> TypeId {
        (self.framing.kind)()
    }

    fn prepare(&mut self, frames: &Frames) -> Prepared {
        let piece = self.round.add(|out| self.frame(frames, out));
        Prepared { piece, frames: frames.iter().len() as u32 }
    }

    /// An empty queue takes any number of frames, so that even the longest reply is sent.
    fn send(&mut self, prepared: &Prepared) -> Result<(), Full> {
        if self.may_be_behind() {
            self.look_for_room(prepared.piece.len(), prepared.frames)?;
        }
        self.take(prepared);
        if self.bytes >= AT_ONCE && !self.round.is_held() {
            self.flush();
        }
        Ok(())
    }

    fn tell(&mut self, frames: &Frames) -> Result<(), Full> {
        let prepared = match &self.remote_shard {
            None => {
                let piece = self.round.add_private(|out| self.frame(frames, out));
                Prepared { piece, frames: frames.iter().len() as u32 }
            }
            // A batch for another shard has only the shared bytes of the round.
            Some(_) => self.prepare(frames),
        };
        self.send(&prepared)
    }

    fn tell_now(&mut self, frames: &Frames) -> Result<(), Full> {
        let mut bytes = Vec::new();
        self.frame(frames, &mut bytes);
        let count = frames.iter().len() as u32;
        if self.may_be_behind() {
            self.look_for_room(bytes.len(), count)?;
        }
        match &self.remote_shard {
            None => self.is_behind = self.socket_queue.write(&bytes, count as usize),
            Some(remote) => {
                self.round.lock().add_apart(remote.shard, remote.session, bytes, count as usize);
            }
        }
        Ok(())
    }

    fn ping(&mut self) -> bool {
        let mut has_ping = false;
        let piece = self.round.add(|out| has_ping = (self.framing.ping)(out));
        if has_ping {
            // Even without room: pings are rare, and a peer that does not answer gets no more.
            self.take(&Prepared { piece, frames: 1 });
        }
        has_ping
    }

    fn has_room(&self) -> bool {
        self.socket_queue.has_room(self.round.limits())
    }

    fn has_room_for_pages(&self) -> bool {
        let limits = self.round.limits();
        self.bytes <= limits.queue_bytes / 4
            && self.frames as usize <= limits.queue_frames / 4
            && self.socket_queue.has_room_for_pages(limits)
    }

    fn set_reading(&mut self, is_on: bool) {
        self.socket_queue.set_reading(is_on);
    }

    fn close(&mut self, last_words: &Frames, reason: &CloseReason) {
        let last_words = self.prepare(last_words);
        self.take(&last_words);
        let mut farewell = Vec::new();
        (self.framing.close)(reason, &mut farewell);
        self.round.end(Ending {
            socket_queue: self.socket_queue.clone(),
            remote: self.remote_shard.as_ref().map(|remote| (remote.shard, remote.session)),
            pieces: std::mem::take(&mut self.pieces),
            frames: self.frames as usize,
            farewell,
        });
        self.clear();
        self.is_closed = true;
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if !self.is_closed {
            if self.round.is_held() {
                self.clear();
            }
            self.close(&Frames::default(), &CloseReason::ShuttingDown);
        }
    }
}

/// The number of bytes after which an outbox is flushed within a round: the pieces of a round do
/// not count against the limits of the queue. Where a store commits the round first, the length
/// of a whole round is the limit.
const AT_ONCE: usize = 64 * 1024;
