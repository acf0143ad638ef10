//! The deliveries of a round to the sessions of another shard.

use super::piece::{Generation, Piece, gather};
use super::socket_registry::RemoteSocket;
use chat_core::SessionId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A copy of a round's bytes, and the pieces of it that each session of the shard receives.
#[derive(Debug)]
pub(crate) struct ShardBatch {
    generation: Generation,
    bytes: Arc<[u8]>,
    deliveries: Deliveries,
}

/// Deliveries in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    list: Vec<Delivery>,
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
    /// Adds the pieces that a session receives and, if the session ends, its last bytes.
    pub(crate) fn add(
        &mut self,
        session: SessionId,
        pieces: &[Piece],
        frames: usize,
        farewell: Option<Vec<u8>>,
    ) {
        self.pieces.extend_from_slice(pieces);
        self.list.push(Delivery { session, pieces: pieces.len(), frames, farewell });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl ShardBatch {
    /// Makes a batch from a copy of a round's shared bytes.
    pub(crate) fn new(generation: Generation, bytes: Arc<[u8]>, deliveries: Deliveries) -> Self {
        Self { generation, bytes, deliveries }
    }

    /// Writes to each socket that is still registered.
    pub(crate) fn deliver(
        self,
        sockets: &FxHashMap<SessionId, RemoteSocket>,
        gathered: &mut Vec<u8>,
    ) {
        let Self { generation, bytes, deliveries: Deliveries { list, pieces } } = self;
        let mut pieces = &pieces[..];
        for Delivery { session, pieces: count, frames, farewell } in list {
            let (own, others) = pieces.split_at(count);
            pieces = others;
            let Some(RemoteSocket { socket_queue, backpressure }) = sockets.get(&session) else {
                continue;
            };
            let bytes = gather(own, generation, &bytes, &[], gathered);
            match farewell {
                Some(farewell) => socket_queue.close(bytes, frames, &farewell),
                None if socket_queue.write(bytes, frames) => backpressure.set(),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Writer;
    use crate::outbound::round::Round;
    use crate::outbound::socket_queue::SocketQueue;
    use crate::outbound::socket_registry::SocketRegistry;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    /// A socket that takes `width` bytes before its peer reads.
    fn remote(width: usize) -> (RemoteSocket, DuplexStream) {
        let (near, far) = duplex(width);
        let socket_queue = Arc::new(SocketQueue::new(Writer::new(near)));
        (RemoteSocket { socket_queue, backpressure: Arc::default() }, far)
    }

    #[tokio::test]
    async fn session_receives_its_pieces_unless_it_has_ended() {
        let round = Round::new(2, Arc::default());
        let [one, two, three] = ["one ", "two ", "three "]
            .map(|text| round.add(|out| out.extend_from_slice(text.as_bytes())));
        let [first, gone, last] = [1, 2, 3].map(SessionId);
        let add = |session, pieces: &[Piece], farewell| {
            round.lock().deliveries(1).add(session, pieces, pieces.len(), farewell);
        };
        add(first, &[one, three], None);
        add(gone, &[one, two, three], None);
        add(last, &[two], Some(b"bye".to_vec()));
        let [(1, batch)] = <[_; 1]>::try_from(round.take_batches()).expect("one batch") else {
            panic!("it is for the other shard");
        };
        assert!(round.take_batches().is_empty(), "a batch is taken once");
        round.clear();

        let sockets = Arc::new(SocketRegistry::default());
        let ((first_socket, mut first_far), (last_socket, mut last_far)) = (remote(5), remote(100));
        let backpressure = first_socket.backpressure.clone();
        let _first = sockets.register(first, first_socket);
        let _last = sockets.register(last, last_socket);
        drop(sockets.register(gone, remote(100).0));
        batch.deliver(&sockets.lock(), &mut Vec::new());

        let mut came = [0; 5];
        first_far.read_exact(&mut came).await.expect("it has been written");
        assert_eq!(&came, b"one t");
        assert!(backpressure.take(), "the rest waits");
        let mut came = String::new();
        last_far.read_to_string(&mut came).await.expect("UTF-8");
        assert_eq!(came, "two bye");
    }
}
