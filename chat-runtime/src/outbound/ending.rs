//! The last frames of a session, and its end.

use super::piece::Piece;
use super::socket_queue::SocketQueue;
use chat_core::SessionId;
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;

/// The end of a session's connection.
pub(crate) struct Ending {
    pub(crate) socket_queue: Arc<SocketQueue>,
    /// The shard of the connection and its session there, if it is not the engine task's own.
    pub(crate) remote: Option<(usize, SessionId)>,
    pub(crate) pieces: SmallVec<[Piece; 2]>,
    pub(crate) frames: usize,
    /// The last bytes of the transport.
    pub(crate) farewell: Vec<u8>,
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending").field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl Ending {
    /// Drops the frames that have not been handed over.
    pub(crate) fn discard_frames(&mut self) {
        self.pieces = SmallVec::new();
        self.frames = 0;
    }
}
