//! Ranges of the bytes of a round.

/// A range of a round's bytes. Each session keeps its pieces until it is flushed, so a piece is
/// small: the position says whether its bytes are shared or for one session only, which begin at
/// [`PRIVATE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
    generation: Generation,
}

/// The number of a round. It exists only in debug builds, where it proves that no session flushes a
/// piece after its round was cleared: the bytes would be those of another round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(#[cfg(debug_assertions)] u64);

impl Generation {
    /// Moves on to the next round.
    pub(crate) fn advance(&mut self) {
        #[cfg(debug_assertions)]
        {
            self.0 += 1;
        }
    }
}

impl Piece {
    /// Appends to the bytes that any number of sessions share, and returns what was appended.
    pub(crate) fn shared(
        generation: Generation,
        bytes: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        let start = position(bytes);
        write(bytes);
        Self { start, end: position(bytes), generation }
    }

    /// Appends to the bytes that are for one session only, and returns what was appended.
    pub(crate) fn private(
        generation: Generation,
        bytes: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        let Self { start, end, .. } = Self::shared(generation, bytes, write);
        Self { start: PRIVATE + start, end: PRIVATE + end, generation }
    }

    /// Returns the length in bytes.
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Extends the piece by another one that begins where this one ends. Returns false if the other
    /// one does not.
    pub(crate) fn join(&mut self, next: Self) -> bool {
        let is_adjacent = self.end == next.start && self.generation == next.generation;
        if is_adjacent {
            self.end = next.end;
        }
        is_adjacent
    }

    fn slice<'a>(self, generation: Generation, shared: &'a [u8], private: &'a [u8]) -> &'a [u8] {
        let Self { start, end, .. } = self;
        debug_assert_eq!(self.generation, generation, "a piece is flushed in its own round");
        match (start.checked_sub(PRIVATE), end.checked_sub(PRIVATE)) {
            (Some(start), Some(end)) => &private[start as usize..end as usize],
            _ => &shared[start as usize..end as usize],
        }
    }
}

/// Returns the bytes of pieces, one after the other. More than one piece is copied to `buffer`.
pub(crate) fn gather<'a>(
    pieces: &[Piece],
    generation: Generation,
    shared: &'a [u8],
    private: &'a [u8],
    buffer: &'a mut Vec<u8>,
) -> &'a [u8] {
    if let [piece] = pieces {
        return piece.slice(generation, shared, private);
    }
    buffer.clear();
    for piece in pieces {
        buffer.extend_from_slice(piece.slice(generation, shared, private));
    }
    buffer
}

fn position(bytes: &[u8]) -> u32 {
    let position = u32::try_from(bytes.len()).ok().filter(|&position| position < PRIVATE);
    position.expect("a round ends long before it has 2 GiB")
}

/// The position of the first byte that is for one session only.
const PRIVATE: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(generation: Generation, bytes: &mut Vec<u8>, text: &str) -> Piece {
        Piece::shared(generation, bytes, |out| out.extend_from_slice(text.as_bytes()))
    }

    #[test]
    fn adjacent_pieces_join_and_others_are_copied() {
        let (round, mut shared, mut private) = (Generation::default(), Vec::new(), Vec::new());
        let [mut one, two, three] =
            ["one ", "two ", "three "].map(|text| piece(round, &mut shared, text));
        let own = Piece::private(round, &mut private, |out| out.extend_from_slice(b"own "));
        assert!(one.join(two));
        assert!(!one.join(own), "it is in the other buffer");
        let mut buffer = Vec::new();
        assert_eq!(gather(&[one], round, &shared, &private, &mut buffer), b"one two ");
        let all = gather(&[one, own, three], round, &shared, &private, &mut buffer);
        assert_eq!(all, b"one two own three ");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a piece is flushed in its own round")]
    fn piece_of_an_earlier_round_is_detected() {
        let (mut round, mut shared) = (Generation::default(), Vec::new());
        let stale = piece(round, &mut shared, "stale");
        round.advance();
        gather(&[stale], round, &shared, &[], &mut Vec::new());
    }
}
