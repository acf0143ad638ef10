//! Buffers bytes that have been read from a WebSocket until they form a complete frame.

use bytes::{Buf, BytesMut};
use std::io::{self, Cursor, Read, Write};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::OpCode;

/// The input of the protocol layer. It lets the protocol layer read one complete frame at a time,
/// and no part of an incomplete one, so that the protocol layer buffers nothing between messages.
/// Bytes that the protocol layer writes are discarded: the server builds its own control frames.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    bytes: BytesMut,
    /// The number of bytes at the start that the protocol layer may read: the rest of a complete
    /// frame.
    readable: usize,
    /// True if the last complete data frame does not end its message.
    is_within_message: bool,
}

impl FrameBuffer {
    pub(crate) fn new(early: BytesMut) -> Self {
        Self { bytes: early, readable: 0, is_within_message: false }
    }

    /// Searches for the next complete frame if the one before has been read. If a frame's header
    /// states more than `largest` bytes, or is invalid, the bytes so far are readable at once.
    /// Returns true if there is something to read.
    pub(crate) fn find_frame(&mut self, largest: usize) -> bool {
        if self.readable > 0 {
            return true;
        }
        let mut cursor = Cursor::new(&self.bytes[..]);
        match FrameHeader::parse(&mut cursor) {
            Ok(None) => {}
            Ok(Some((header, length))) if length <= largest as u64 => {
                let end = cursor.position() + length;
                if end <= self.bytes.len() as u64 {
                    self.readable = end as usize;
                    if let OpCode::Data(_) = header.opcode {
                        self.is_within_message = !header.is_final;
                    }
                }
            }
            // The protocol layer returns the error.
            Ok(Some(_)) | Err(_) => self.readable = self.bytes.len(),
        }
        self.readable > 0
    }

    /// Returns true if all complete frames have been read, and the last one has ended a message.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.readable == 0 && !self.is_within_message
    }

    /// Returns the buffer to append input to. The memory of an empty buffer is released, so that
    /// an idle connection holds none.
    pub(crate) fn append_to(&mut self) -> &mut BytesMut {
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
        &mut self.bytes
    }

    /// Discards all bytes.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.readable = 0;
    }
}

impl Read for FrameBuffer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.readable == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = into.len().min(self.readable);
        self.bytes.copy_to_slice(&mut into[..count]);
        self.readable -= count;
        Ok(count)
    }
}

impl Write for FrameBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends `bytes`. Returns the bytes that can be read then, and whether the buffer is between
    /// two messages.
    fn read(buffer: &mut FrameBuffer, bytes: &[u8]) -> (Vec<u8>, bool) {
        buffer.append_to().extend_from_slice(bytes);
        let mut frames = Vec::new();
        while buffer.find_frame(125) {
            let end = buffer.read_to_end(&mut frames).expect_err("the input never ends");
            assert_eq!(end.kind(), io::ErrorKind::WouldBlock);
        }
        (frames, buffer.is_between_messages())
    }

    #[test]
    fn only_complete_frames_are_read() {
        let mut buffer = FrameBuffer::new(BytesMut::new());
        assert_eq!(read(&mut buffer, b"\x81"), (b"".to_vec(), true));
        assert_eq!(read(&mut buffer, b"\x82\0\0\0\0h"), (b"".to_vec(), true));
        let (frames, is_between) = read(&mut buffer, b"i\x81\x82\0\0\0\0ho\x81\x82");
        assert_eq!(frames, b"\x81\x82\0\0\0\0hi\x81\x82\0\0\0\0ho");
        assert!(is_between);
        assert_eq!(buffer.append_to(), &b"\x81\x82"[..]);
    }

    #[test]
    fn fragmented_message_ends_with_its_last_fragment() {
        let mut buffer = FrameBuffer::new(BytesMut::new());
        let frames: [(&[u8], bool); 4] = [
            (b"\x01\x81\0\0\0\0h", false),
            (b"\x89\x80\0\0\0\0", false),
            (b"\x00\x80\0\0\0\0", false),
            (b"\x80\x81\0\0\0\0i", true),
        ];
        for (frame, is_between) in frames {
            assert_eq!(read(&mut buffer, frame), (frame.to_vec(), is_between));
        }
    }

    #[test]
    fn header_of_a_too_long_frame_is_readable_at_once() {
        let mut buffer = FrameBuffer::new(BytesMut::new());
        let header = b"\x81\xfe\0\x7e\0\0\0\0";
        assert_eq!(read(&mut buffer, header).0, header);
    }
}
