//! What has been read from a WebSocket and is no message yet.

use bytes::{Buf, BytesMut};
use std::io::{self, Cursor, Read, Write};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::OpCode;

/// Bytes as they came, for the protocol layer to read: one whole frame at a time, and nothing of
/// one that is not whole. So it has nothing left when it has read a message, or asks for more. What
/// it would write by itself goes another way.
#[derive(Debug)]
pub(crate) struct Arrived {
    bytes: BytesMut,
    /// How many of them are the rest of a whole frame, which the protocol layer reads.
    whole: usize,
    /// A message has begun in this frame, or before it, and does not end in it.
    is_within_message: bool,
}

impl Arrived {
    pub(crate) fn new(early: BytesMut) -> Self {
        Self { bytes: early, whole: 0, is_within_message: false }
    }

    /// Looks whether the next frame is whole by now, if the one before has been read. One whose
    /// header says that it is longer than `largest` is not waited for. Returns whether there is
    /// something to read.
    pub(crate) fn find_frame(&mut self, largest: usize) -> bool {
        if self.whole > 0 {
            return true;
        }
        let mut cursor = Cursor::new(&self.bytes[..]);
        match FrameHeader::parse(&mut cursor) {
            Ok(None) => {}
            Ok(Some((header, length))) if length <= largest as u64 => {
                let end = cursor.position() + length;
                if end <= self.bytes.len() as u64 {
                    self.whole = end as usize;
                    if let OpCode::Data(_) = header.opcode {
                        self.is_within_message = !header.is_final;
                    }
                }
            }
            // The protocol layer says what is wrong with it.
            Ok(Some(_)) | Err(_) => self.whole = self.bytes.len(),
        }
        self.whole > 0
    }

    /// Whether all that was whole has been read, and ends a message.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.whole == 0 && !self.is_within_message
    }

    /// Where more is added. An idle connection keeps no buffer.
    pub(crate) fn room(&mut self) -> &mut BytesMut {
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
        &mut self.bytes
    }

    /// Forgets what has come.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.whole = 0;
    }
}

impl Read for Arrived {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.whole == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = into.len().min(self.whole);
        self.bytes.copy_to_slice(&mut into[..count]);
        self.whole -= count;
        Ok(count)
    }
}

impl Write for Arrived {
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

    /// What can be read when `bytes` have come, and whether nothing of a message is missing.
    fn read(arrived: &mut Arrived, bytes: &[u8]) -> (Vec<u8>, bool) {
        arrived.room().extend_from_slice(bytes);
        let mut whole = Vec::new();
        while arrived.find_frame(125) {
            let end = arrived.read_to_end(&mut whole).expect_err("there is never an end");
            assert_eq!(end.kind(), io::ErrorKind::WouldBlock);
        }
        (whole, arrived.is_between_messages())
    }

    #[test]
    fn only_whole_frames_are_read() {
        let mut arrived = Arrived::new(BytesMut::new());
        assert_eq!(read(&mut arrived, b"\x81"), (b"".to_vec(), true));
        assert_eq!(read(&mut arrived, b"\x82\0\0\0\0h"), (b"".to_vec(), true));
        let (whole, is_between) = read(&mut arrived, b"i\x81\x82\0\0\0\0ho\x81\x82");
        assert_eq!(whole, b"\x81\x82\0\0\0\0hi\x81\x82\0\0\0\0ho");
        assert!(is_between);
        assert_eq!(arrived.room(), &b"\x81\x82"[..]);
    }

    #[test]
    fn a_message_in_pieces_ends_with_its_last() {
        let mut arrived = Arrived::new(BytesMut::new());
        let frames: [(&[u8], bool); 4] = [
            (b"\x01\x81\0\0\0\0h", false),
            (b"\x89\x80\0\0\0\0", false),
            (b"\x00\x80\0\0\0\0", false),
            (b"\x80\x81\0\0\0\0i", true),
        ];
        for (frame, is_between) in frames {
            assert_eq!(read(&mut arrived, frame), (frame.to_vec(), is_between));
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_not_waited_for() {
        let mut arrived = Arrived::new(BytesMut::new());
        let header = b"\x81\xfe\0\x7e\0\0\0\0";
        assert_eq!(read(&mut arrived, header).0, header);
    }
}
