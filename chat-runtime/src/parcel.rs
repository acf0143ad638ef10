//! What a round has for the sessions of another shard.

use crate::round::{Piece, gather};
use crate::shards::Remote;
use chat_core::SessionId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A copy of what was said, and who of the shard's sessions hears which pieces of it.
#[derive(Debug)]
pub(crate) struct Parcel {
    said: Arc<[u8]>,
    list: List,
}

/// Who hears what, in the order in which it was said.
#[derive(Debug, Default)]
pub(crate) struct List {
    notes: Vec<Note>,
    /// Those of all notes, one behind the other.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Note {
    session: SessionId,
    pieces: usize,
    frames: usize,
    /// The session ends with this.
    farewell: Option<Vec<u8>>,
}

impl List {
    /// Notes what a session is to be sent and, if it ends, with what.
    pub(crate) fn add(
        &mut self,
        session: SessionId,
        pieces: &[Piece],
        frames: usize,
        farewell: Option<Vec<u8>>,
    ) {
        self.pieces.extend_from_slice(pieces);
        self.notes.push(Note { session, pieces: pieces.len(), frames, farewell });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Goes with a copy of what was said.
    pub(crate) fn with(self, said: Arc<[u8]>) -> Parcel {
        Parcel { said, list: self }
    }
}

impl Parcel {
    /// Writes to each session that is still there.
    pub(crate) fn deliver(self, wires: &FxHashMap<SessionId, Remote>, gathered: &mut Vec<u8>) {
        let List { notes, pieces } = self.list;
        let mut pieces = &pieces[..];
        for Note { session, pieces: count, frames, farewell } in notes {
            let (own, others) = pieces.split_at(count);
            pieces = others;
            let Some(Remote { wire, behind }) = wires.get(&session) else { continue };
            let bytes = gather(|piece| piece.of(&self.said, &[]), own, gathered);
            match farewell {
                Some(farewell) => wire.close(bytes, frames, &farewell),
                None if wire.write(bytes, frames) => behind.set(),
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
    use crate::shards::{Behind, Wires};
    use crate::wire::Wire;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    /// Somebody who takes `width` bytes before they read.
    fn remote(width: usize) -> (Remote, DuplexStream) {
        let (near, far) = duplex(width);
        let wire = Arc::new(Wire::new(Writer::new(near)));
        (Remote { wire, behind: Arc::new(Behind::default()) }, far)
    }

    #[tokio::test]
    async fn each_gets_their_pieces_and_who_has_gone_is_left_out() {
        let round = Round::new(2, Arc::default());
        let [one, two, three] = ["one ", "two ", "three "]
            .map(|text| round.add(|out| out.extend_from_slice(text.as_bytes())));
        let [first, gone, last] = [1, 2, 3].map(SessionId);
        let note = |session, pieces: &[Piece], farewell| {
            round.lock().elsewhere(1).add(session, pieces, pieces.len(), farewell);
        };
        note(first, &[one, three], None);
        note(gone, &[one, two, three], None);
        note(last, &[two], Some(b"bye".to_vec()));
        let [(1, parcel)] = <[_; 1]>::try_from(round.parcels()).expect("one parcel") else {
            panic!("it is for the other shard");
        };
        assert!(round.parcels().is_empty(), "everything is sent once");
        round.clear();

        let wires = Arc::new(Wires::default());
        let ((first_wire, mut first_far), (last_wire, mut last_far)) = (remote(5), remote(100));
        let behind = first_wire.behind.clone();
        let _first = wires.register(first, first_wire);
        let _last = wires.register(last, last_wire);
        drop(wires.register(gone, remote(100).0));
        parcel.deliver(&wires.lock(), &mut Vec::new());

        let mut came = [0; 5];
        first_far.read_exact(&mut came).await.expect("it has been written");
        assert_eq!(&came, b"one t");
        assert!(behind.take(), "the rest waits");
        let mut came = String::new();
        last_far.read_to_string(&mut came).await.expect("UTF-8");
        assert_eq!(came, "two bye");
    }
}
