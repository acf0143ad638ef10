//! Bytes that a socket did not take at once.

use std::collections::VecDeque;

/// A queue of bytes, which counts the frames in it. Memory is freed by the chunk, so that the limit
/// in bytes limits memory as well.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    chunks: VecDeque<Chunk>,
    /// The number of bytes of the first chunk that the socket has taken.
    written: usize,
    bytes: usize,
    frames: usize,
}

#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    frames: usize,
}

impl Backlog {
    /// Adds bytes, in which this number of frames ends.
    pub(crate) fn push(&mut self, bytes: &[u8], frames: usize) {
        self.bytes += bytes.len();
        self.frames += frames;
        if let Some(last) = self.chunks.back_mut()
            && last.bytes.len() + bytes.len() <= CHUNK
        {
            last.bytes.extend_from_slice(bytes);
            last.frames += frames;
        } else {
            self.chunks.push_back(Chunk { bytes: bytes.to_vec(), frames });
        }
    }

    /// Removes bytes of the [first](Self::first) chunk, which the socket has taken.
    pub(crate) fn advance(&mut self, count: usize) {
        self.written += count;
        if self.chunks.front().is_some_and(|first| first.bytes.len() == self.written)
            && let Some(first) = self.chunks.pop_front()
        {
            self.bytes -= first.bytes.len();
            self.frames -= first.frames;
            self.written = 0;
        }
    }

    /// Returns the bytes to write next.
    pub(crate) fn first(&self) -> Option<&[u8]> {
        self.chunks.front().map(|first| &first.bytes[self.written..])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Returns the number of bytes, whole chunks included.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the number of frames, whole chunks included.
    pub(crate) fn frames(&self) -> usize {
        self.frames
    }
}

/// The size in bytes up to which writes are joined in a chunk.
const CHUNK: usize = 16 * 1024;
