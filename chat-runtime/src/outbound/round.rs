//! The output of one round, framed once for all sessions that receive it.

use super::ending::Ending;
use super::piece::{Generation, Piece, gather};
use super::shard_batch::{Deliveries, ShardBatch};
use crate::limits::Limits;
use chat_core::SessionId;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Holds all output between two flushes. A session keeps [pieces](Piece) of it. An event for a
/// whole channel is stored once, in the order of events, so that for most members a round is one
/// piece. While announcements wait for some sessions, the round goes on after a flush.
#[derive(Debug)]
pub(crate) struct Round {
    output: Mutex<Output>,
    limits: Arc<Limits>,
    /// True if a store commits each round before any of it is sent.
    is_held: bool,
}

/// The output of a round.
#[derive(Debug, Default)]
pub(crate) struct Output {
    generation: Generation,
    /// Bytes that any number of sessions receive.
    shared: Vec<u8>,
    /// Bytes that one session receives. They are stored apart, so that the shared bytes of a
    /// channel's members stay adjacent.
    private: Vec<u8>,
    /// A buffer to copy the pieces of one session to.
    gathered: Vec<u8>,
    /// The deliveries to each shard except the first.
    deliveries: Vec<Deliveries>,
    /// The sessions that have ended in a round that is held.
    endings: Vec<Ending>,
    /// Batches for other shards that do not wait for the round.
    apart: Vec<(usize, ShardBatch)>,
}

impl Round {
    /// Makes the first round of a server.
    pub(crate) fn new(shards: usize, limits: Arc<Limits>) -> Self {
        let deliveries = (1..shards).map(|_| Deliveries::default()).collect();
        let output = Mutex::new(Output { deliveries, ..Output::default() });
        Self { output, limits, is_held: false }
    }

    /// Holds everything back until the host ends the round.
    pub(crate) fn held(self) -> Self {
        Self { is_held: true, ..self }
    }

    /// Returns true if nothing of a round is sent before the host ends it.
    pub(crate) fn is_held(&self) -> bool {
        self.is_held
    }

    /// Ends a session, at once or at the end of the round.
    pub(crate) fn end(&self, ending: Ending) {
        let output = &mut *self.lock();
        if self.is_held {
            output.endings.push(ending);
        } else {
            output.carry_out(ending);
        }
    }

    /// Ends the sessions that have ended in a round that was held.
    pub(crate) fn carry_out_endings(&self) {
        let output = &mut *self.lock();
        for ending in mem::take(&mut output.endings) {
            output.carry_out(ending);
        }
    }

    /// Ends those sessions without the frames of the round, because it cannot be committed.
    pub(crate) fn abandon(&self) {
        self.lock().endings.iter_mut().for_each(Ending::discard_frames);
        self.carry_out_endings();
    }

    /// Returns the limits of the sessions that receive it.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes the batches for other shards, with the shards' numbers.
    pub(crate) fn take_batches(&self) -> Vec<(usize, ShardBatch)> {
        let mut output = self.lock();
        let Output { generation, shared, deliveries, apart, .. } = &mut *output;
        let mut batches = mem::take(apart);
        if deliveries.iter().all(Deliveries::is_empty) {
            return batches;
        }
        let bytes = Arc::<[u8]>::from(&shared[..]);
        let shards = deliveries.iter_mut().enumerate().filter(|(_, list)| !list.is_empty());
        batches.extend(shards.map(|(index, list)| {
            (index + 1, ShardBatch::new(*generation, bytes.clone(), mem::take(list)))
        }));
        batches
    }

    /// Adds bytes that any number of sessions receive.
    pub(crate) fn add(&self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let output = &mut *self.lock();
        Piece::shared(output.generation, &mut output.shared, write)
    }

    /// Adds bytes that only one session receives, which must be one of the first shard.
    pub(crate) fn add_private(&self, write: impl FnOnce(&mut Vec<u8>)) -> Piece {
        let output = &mut *self.lock();
        Piece::private(output.generation, &mut output.private, write)
    }

    /// Begins the next round after everything was handed over.
    pub(crate) fn clear(&self) {
        let mut output = self.lock();
        let Output { generation, shared, private, gathered, .. } = &mut *output;
        generation.advance();
        for buffer in [shared, private, gathered] {
            buffer.clear();
            buffer.shrink_to(MOST_KEPT);
        }
    }

    /// Returns true if the round is to be flushed before the engine handles more input.
    pub(crate) fn is_long(&self) -> bool {
        self.len() > LONG
    }

    /// Returns true if no announcement of the round may wait any longer.
    pub(crate) fn is_too_long_to_wait(&self) -> bool {
        self.len() > LONGEST_TO_WAIT
    }

    /// Returns the number of bytes of the round.
    fn len(&self) -> usize {
        let output = self.lock();
        output.shared.len() + output.private.len()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output {
    /// Returns the bytes of pieces, one after the other.
    pub(crate) fn gather(&mut self, pieces: &[Piece]) -> &[u8] {
        let Self { generation, shared, private, gathered, .. } = self;
        gather(pieces, *generation, shared, private, gathered)
    }

    /// Hands the last bytes of a session over, and closes its connection after them.
    fn carry_out(&mut self, ending: Ending) {
        let Ending { socket_queue, remote, pieces, frames, farewell } = ending;
        match remote {
            None => socket_queue.close(self.gather(&pieces), frames, &farewell),
            Some((shard, session)) => {
                self.deliveries(shard).add(session, &pieces, frames, Some(farewell));
            }
        }
    }

    /// Adds bytes for a session of another shard that do not wait for the round.
    pub(crate) fn add_apart(
        &mut self,
        shard: usize,
        session: SessionId,
        bytes: Vec<u8>,
        frames: usize,
    ) {
        let (generation, mut shared) = (Generation::default(), Vec::new());
        let piece = Piece::shared(generation, &mut shared, |out| out.extend_from_slice(&bytes));
        let mut deliveries = Deliveries::default();
        deliveries.add(session, &[piece], frames, None);
        self.apart.push((shard, ShardBatch::new(generation, shared.into(), deliveries)));
    }

    /// Returns the deliveries to a shard that is not the first.
    pub(crate) fn deliveries(&mut self, shard: usize) -> &mut Deliveries {
        &mut self.deliveries[shard - 1]
    }
}

/// The length in bytes after which a round is flushed: writes do not become fewer beyond it, and
/// the memory is needed elsewhere.
const LONG: usize = 1 << 20;
/// The length in bytes after which no announcement waits: a round that goes on is copied for other
/// shards as a whole, again at each flush.
const LONGEST_TO_WAIT: usize = 64 * 1024;
/// The most memory in bytes that a buffer keeps from one round to the next.
const MOST_KEPT: usize = 1 << 20;
