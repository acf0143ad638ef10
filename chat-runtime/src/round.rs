//! What is said in one round, once for all who hear it.

use crate::limits::Limits;
use crate::shard_batch::{Deliveries, ShardBatch};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Between two flushes everything that goes out is written down here, framed. A session remembers
/// which pieces are for it; what a whole channel is told lies here only once, in the order in which
/// it was said, so that for most members a round is one piece.
#[derive(Debug)]
pub(crate) struct Round {
    said: Mutex<Said>,
    limits: Arc<Limits>,
}

#[derive(Debug, Default)]
pub(crate) struct Said {
    bytes: Vec<u8>,
    /// What only one session is sent, so that it does not lie between what many are: for them it is
    /// one piece then.
    apart: Vec<u8>,
    /// Where pieces are put together for one session.
    gathered: Vec<u8>,
    /// For whom on other shards there is something: a list for each shard but the first.
    remote_shard: Vec<Deliveries>,
}

/// A piece of a round. It is kept for each session that hears it, so it is small: what lies
/// [apart](Said::apart) has places from [`APART`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Round {
    /// The first round of a server with so many shards.
    pub(crate) fn new(shards: usize, limits: Arc<Limits>) -> Self {
        let remote_shard = (1..shards).map(|_| Deliveries::default()).collect();
        Self { said: Mutex::new(Said { remote_shard, ..Said::default() }), limits }
    }

    /// What limits hold for those who hear it.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What is to be handed over to other shards, with their numbers.
    pub(crate) fn batches(&self) -> Vec<(usize, ShardBatch)> {
        let mut said = self.lock();
        let Said { bytes, remote_shard, .. } = &mut *said;
        if remote_shard.iter().all(Deliveries::is_empty) {
            return Vec::new();
        }
        let said = Arc::<[u8]>::from(&bytes[..]);
        let lists = remote_shard.iter_mut().enumerate().filter(|(_, list)| !list.is_empty());
        lists.map(|(index, list)| (index + 1, mem::take(list).with(said.clone()))).collect()
    }

    /// Writes something down.
    pub(crate) fn add(&self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let bytes = &mut self.lock().bytes;
        let start = place(bytes);
        write(bytes);
        Piece { start, end: place(bytes) }
    }

    /// Writes something down that only one session is sent, and none of another shard.
    pub(crate) fn add_apart(&self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let apart = &mut self.lock().apart;
        let start = APART + place(apart);
        write(apart);
        Piece { start, end: APART + place(apart) }
    }

    /// Begins the next round, when everything has been handed over.
    pub(crate) fn clear(&self) {
        let mut said = self.lock();
        let Said { bytes, apart, gathered, .. } = &mut *said;
        for buffer in [bytes, apart, gathered] {
            buffer.clear();
            buffer.shrink_to(MOST_KEPT);
        }
    }

    /// Whether it is better not to wait for its end.
    pub(crate) fn is_long(&self) -> bool {
        let said = self.lock();
        said.bytes.len() + said.apart.len() > LONG
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    /// Pieces, one behind the other.
    pub(crate) fn together(&mut self, pieces: &[Piece]) -> &[u8] {
        let Self { bytes, apart, gathered, .. } = self;
        gather(|piece| piece.of(bytes, apart), pieces, gathered)
    }

    /// The list of what is for the sessions of another shard than the first.
    pub(crate) fn remote_shard(&mut self, shard: usize) -> &mut Deliveries {
        &mut self.remote_shard[shard - 1]
    }
}

impl Piece {
    /// How many bytes it has.
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Adds another that lies right behind it. Returns whether it does.
    pub(crate) fn join(&mut self, other: Self) -> bool {
        let is_next = self.end == other.start;
        if is_next {
            self.end = other.end;
        }
        is_next
    }

    /// What it says.
    pub(crate) fn of<'a>(self, bytes: &'a [u8], apart: &'a [u8]) -> &'a [u8] {
        let Self { start, end } = self;
        match (start.checked_sub(APART), end.checked_sub(APART)) {
            (Some(start), Some(end)) => &apart[start as usize..end as usize],
            _ => &bytes[start as usize..end as usize],
        }
    }
}

/// Pieces of what was said, one behind the other.
pub(crate) fn gather<'a>(
    said: impl Fn(Piece) -> &'a [u8],
    pieces: &[Piece],
    gathered: &'a mut Vec<u8>,
) -> &'a [u8] {
    if let [piece] = pieces {
        return said(*piece);
    }
    gathered.clear();
    for piece in pieces {
        gathered.extend_from_slice(said(*piece));
    }
    gathered
}

fn place(bytes: &[u8]) -> u32 {
    let place = u32::try_from(bytes.len()).ok().filter(|&place| place < APART);
    place.expect("a round that is long is ended, and no event has 2 GiB")
}

/// The place of the first byte of what lies apart.
const APART: u32 = 1 << 31;

/// Beyond this a round is of no use: everything is as well joined as it can be, and memory is
/// needed elsewhere.
const LONG: usize = 1 << 20;
/// How much room is kept from one round to the next.
const MOST_KEPT: usize = 1 << 20;
