//! The outbox of one session: the engine task's end of its connection.

use crate::framing::Framing;
use crate::round::{Piece, Round};
use crate::shards::Backpressure;
use crate::socket_queue::SocketQueue;
use chat_core::{CloseReason, SessionId};
use chat_dialects::{Frames, Full};
use smallvec::SmallVec;
use std::any::{Any, TypeId};
use std::sync::Arc;

/// Collects the frames of a round for a session, and hands them to the [`SocketQueue`] at the end
/// of the round. It is bounded in bytes and in frames: when the peer does not read and the queue is
/// full, the outbox refuses frames, and the switchboard counts them.
///
/// Dropping the outbox closes the connection, so that connections end if the engine task fails.
pub(crate) struct Outbox {
    socket_queue: Arc<SocketQueue>,
    framing: &'static dyn Framing,
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

/// What is to be known of a connection that another shard writes to.
pub(crate) struct RemoteShard {
    pub(crate) shard: usize,
    pub(crate) session: SessionId,
    pub(crate) behind: Arc<Backpressure>,
}

/// Frames that have been written down.
pub(crate) struct Prepared {
    piece: Piece,
    frames: u32,
}

impl Outbox {
    pub(crate) fn new(
        socket_queue: Arc<SocketQueue>,
        framing: &'static dyn Framing,
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

    /// Outboxes of a kind frame alike.
    pub(crate) fn kind(&self) -> TypeId {
        let framing: &dyn Any = self.framing;
        framing.type_id()
    }

    pub(crate) fn prepare(&self, frames: &Frames) -> Prepared {
        let piece = self.round.add(|out| self.frame(frames, out));
        Prepared { piece, frames: frames.iter().len() as u32 }
    }

    /// Takes frames that nobody else is sent, as [`send`](Self::send) does.
    pub(crate) fn tell(&mut self, frames: &Frames) -> Result<(), Full> {
        if self.remote_shard.is_some() {
            // Another shard is handed only what many may be sent.
            return self.send(&self.prepare(frames));
        }
        let piece = self.round.add_apart(|out| self.frame(frames, out));
        self.send(&Prepared { piece, frames: frames.iter().len() as u32 })
    }

    fn frame(&self, frames: &Frames, out: &mut Vec<u8>) {
        frames.iter().for_each(|frame| self.framing.frame(frame, out));
    }

    /// Takes frames, all or none. An empty queue takes anything, so that no answer is too long for
    /// ever.
    pub(crate) fn send(&mut self, prepared: &Prepared) -> Result<(), Full> {
        if self.is_behind || self.remote_shard.as_ref().is_some_and(|there| there.behind.take()) {
            self.look_for_room(prepared)?;
        }
        self.take(prepared);
        if self.bytes >= AT_ONCE {
            self.flush();
        }
        Ok(())
    }

    #[cold]
    fn look_for_room(&mut self, prepared: &Prepared) -> Result<(), Full> {
        let bytes = self.bytes + prepared.piece.len();
        let frames = (self.frames + prepared.frames) as usize;
        let room = self.socket_queue.room_for(self.round.limits(), bytes, frames);
        self.is_behind = room.map_err(|()| Full)?;
        Ok(())
    }

    /// Asks the peer whether it is still there, if the transport can.
    pub(crate) fn ping(&mut self) -> bool {
        let mut can = false;
        let piece = self.round.add(|out| can = self.framing.ping(out));
        if can {
            // Room or not: who does not answer is not asked often.
            self.take(&Prepared { piece, frames: 1 });
        }
        can
    }

    /// Whether half of the queue is free again.
    pub(crate) fn has_room(&self) -> bool {
        self.socket_queue.has_room(self.round.limits())
    }

    /// How many bytes and frames wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        self.socket_queue.load()
    }

    /// Hands over what has gathered. It has to be done before the round is cleared.
    pub(crate) fn flush(&mut self) {
        if self.frames == 0 {
            return;
        }
        let (mut said, frames) = (self.round.lock(), self.frames as usize);
        match &self.remote_shard {
            None => self.is_behind = self.socket_queue.write(said.together(&self.pieces), frames),
            Some(there) => {
                said.remote_shard(there.shard).add(there.session, &self.pieces, frames, None);
            }
        }
        drop(said);
        self.forget();
    }

    /// As [`flush`](Self::flush), if it is another shard that writes.
    pub(crate) fn flush_elsewhere(&mut self) {
        if self.remote_shard.is_some() {
            self.flush();
        }
    }

    /// Adds last frames, room or not; nothing comes after them.
    pub(crate) fn close(&mut self, last_words: &Frames, reason: &CloseReason) {
        let last_words = self.prepare(last_words);
        self.take(&last_words);
        let mut farewell = Vec::new();
        self.framing.close(reason, &mut farewell);
        let (mut said, frames) = (self.round.lock(), self.frames as usize);
        match &self.remote_shard {
            None => self.socket_queue.close(said.together(&self.pieces), frames, &farewell),
            Some(there) => {
                let farewell = Some(farewell);
                said.remote_shard(there.shard).add(there.session, &self.pieces, frames, farewell);
            }
        }
        drop(said);
        self.forget();
        self.is_closed = true;
    }

    fn take(&mut self, prepared: &Prepared) {
        let Prepared { piece, frames } = prepared;
        if !self.pieces.last_mut().is_some_and(|last| last.join(*piece)) {
            self.pieces.push(*piece);
        }
        self.bytes += piece.len();
        self.frames += frames;
    }

    fn forget(&mut self) {
        // An idle session keeps no buffer.
        self.pieces = SmallVec::new();
        self.bytes = 0;
        self.frames = 0;
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if !self.is_closed {
            self.close(&Frames::default(), &CloseReason::ShuttingDown);
        }
    }
}

/// So much is not kept until the end of the round: what one round has for a session does not count
/// against its queue.
const AT_ONCE: usize = 64 * 1024;
