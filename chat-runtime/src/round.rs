//! What is said in one round, once for all who hear it.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Between two flushes everything that goes out is written down here, framed. A session remembers which pieces are for it;
/// what a whole channel is told lies here only once, in the order in which it was said, so that for most members a round is
/// one piece.
#[derive(Debug, Default)]
pub(crate) struct Round(Mutex<Said>);

#[derive(Debug, Default)]
pub(crate) struct Said {
    bytes: Vec<u8>,
    /// Where pieces are put together for one session.
    gathered: Vec<u8>,
}

/// A piece of a round. It is kept for each session that hears it, so it is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Round {
    /// Writes something down.
    pub(crate) fn add(&self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let bytes = &mut self.lock().bytes;
        let start = place(bytes);
        write(bytes);
        Piece { start, end: place(bytes) }
    }

    /// Begins the next round, when everything has been handed over.
    pub(crate) fn clear(&self) {
        let mut said = self.lock();
        let Said { bytes, gathered } = &mut *said;
        for buffer in [bytes, gathered] {
            buffer.clear();
            buffer.shrink_to(MOST_KEPT);
        }
    }

    /// Whether it is better not to wait for its end.
    pub(crate) fn is_long(&self) -> bool {
        self.lock().bytes.len() > LONG
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    /// Pieces, one behind the other.
    pub(crate) fn together(&mut self, pieces: &[Piece]) -> &[u8] {
        if let [piece] = pieces {
            return &self.bytes[piece.range()];
        }
        self.gathered.clear();
        for piece in pieces {
            self.gathered.extend_from_slice(&self.bytes[piece.range()]);
        }
        &self.gathered
    }
}

impl Piece {
    /// How many bytes it has.
    pub(crate) fn len(self) -> usize {
        self.range().len()
    }

    /// Adds another that lies right behind it. Returns whether it does.
    pub(crate) fn join(&mut self, other: Self) -> bool {
        let is_next = self.end == other.start;
        if is_next {
            self.end = other.end;
        }
        is_next
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

fn place(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a round that is long is ended, and no event has 4 GiB")
}

/// Beyond this a round is of no use: everything is as well joined as it can be, and memory is needed elsewhere.
const LONG: usize = 1 << 20;
/// How much room is kept from one round to the next.
const MOST_KEPT: usize = 1 << 20;
