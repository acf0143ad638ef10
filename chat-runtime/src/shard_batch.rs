//! The deliveries of a round to the sessions of another shard.

use crate::round::{Piece, gather};
use crate::shards::Remote;
use chat_core::SessionId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A copy of a round's bytes, and the pieces of it that each session of the shard receives.
#[derive(Debug)]
pub(crate) struct ShardBatch {
    said: Arc<[u8]>,
    list: Deliveries,
}

/// Deliveries in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    notes: Vec<Delivery>,
    /// The pieces of all deliveries, one after the other.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Delivery {
    session: SessionId,
    pieces: usize,
    frames: usize,
    /// The last bytes of a session that ends.
    farewell: Option<Vec<u8>>,
}

impl Deliveries {
    /// Notes what a session is to be sent and, if it ends, with what.
    pub(crate) fn add(
        &mut self,
        session: SessionId,
        pieces: &[Piece],
        frames: usize,
        farewell: Option<Vec<u8>>,
    ) {
        self.pieces.extend_from_slice(pieces);
        self.notes.push(Delivery { session, pieces: pieces.len(), frames, farewell });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Goes with a copy of what was said.
    pub(crate) fn with(self, said: Arc<[u8]>) -> ShardBatch {
        ShardBatch { said, list: self }
    }
}

impl ShardBatch {
    /// Writes to each session that is still there.
    pub(crate) fn deliver(self, wires: &FxHashMap<SessionId, Remote>, gathered: &mut Vec<u8>) {
        let Deliveries { notes, pieces } = self.list;
        let mut pieces = &pieces[..];
        for Delivery { session, pieces: count, frames, farewell } in notes {
            let (own, others) = pieces.split_at(count);
            pieces = others;
            let Some(Remote { socket_queue, behind }) = wires.get(&session) else { continue };
            let bytes = gather(|piece| piece.of(&self.said, &[]), own, gathered);
            match farewell {
                Some(farewell) => socket_queue.close(bytes, frames, &farewell),
                None if socket_queue.write(bytes, frames) => behind.set(),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::halves::Writer;
    use crate::round::Round;
    use crate::shards::{Backpressure, Wires};
    use crate::socket_queue::SocketQueue;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    /// Somebody who takes `width` bytes before they read.
    fn remote(width: usize) -> (Remote, DuplexStream) {
        let (near, far) = duplex(width);
        let socket_queue = Arc::new(SocketQueue::new(Writer::new(near)));
        (Remote { socket_queue, behind: Arc::new(Backpressure::default()) }, far)
    }

    #[tokio::test]
    async fn each_gets_their_pieces_and_who_has_gone_is_left_out() {
        let round = Round::new(2, Arc::default());
        let [one, two, three] = ["one ", "two ", "three "]
            .map(|text| round.add(|out| out.extend_from_slice(text.as_bytes())));
        let [first, gone, last] = [1, 2, 3].map(SessionId);
        let note = |session, pieces: &[Piece], farewell| {
            round.lock().remote_shard(1).add(session, pieces, pieces.len(), farewell);
        };
        note(first, &[one, three], None);
        note(gone, &[one, two, three], None);
        note(last, &[two], Some(b"bye".to_vec()));
        let [(1, batch)] = <[_; 1]>::try_from(round.batches()).expect("one parcel") else {
            panic!("it is for the other shard");
        };
        assert!(round.batches().is_empty(), "everything is sent once");
        round.clear();

        let wires = Arc::new(Wires::default());
        let ((first_wire, mut first_far), (last_wire, mut last_far)) = (remote(5), remote(100));
        let behind = first_wire.behind.clone();
        let _first = wires.register(first, first_wire);
        let _last = wires.register(last, last_wire);
        drop(wires.register(gone, remote(100).0));
        batch.deliver(&wires.lock(), &mut Vec::new());

        let mut came = [0; 5];
        first_far.read_exact(&mut came).await.expect("it has been written");
        assert_eq!(&came, b"one t");
        assert!(behind.take(), "the rest waits");
        let mut came = String::new();
        last_far.read_to_string(&mut came).await.expect("UTF-8");
        assert_eq!(came, "two bye");
    }
}
