//! Splits a stream of bytes into lines.

use bytes::{Buf, BytesMut};
use chat_runtime::Received;
use chat_runtime::chat_dialects::Fault;
use memchr::memchr;
use std::io;
use tokio_util::codec::Decoder;

/// Decodes lines that end with `\n` or `\r\n` and have at most `limit` bytes. A longer line is
/// reported as soon as it exceeds the limit, and its rest is skipped; decoding goes on with the
/// next line. An incomplete line at the end of the stream is dropped, because half a message must
/// not be executed.
#[derive(Debug)]
pub(crate) struct LineDecoder {
    limit: usize,
    /// The number of bytes in the buffer that are known to contain no line end. It is a `u32` to
    /// save memory, since each connection has a decoder.
    searched: u32,
    /// True while the rest of a line that was too long is skipped.
    skipping: bool,
}

impl LineDecoder {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, searched: 0, skipping: false }
    }
}

impl Decoder for LineDecoder {
    type Item = Received;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Received>> {
        loop {
            let searched = self.searched as usize;
            let Some(end) = memchr(b'\n', &buffer[searched..]).map(|offset| searched + offset)
            else {
                // One more byte than the limit may be the carriage return of a line at the limit.
                if self.skipping || buffer.len() > self.limit + 1 {
                    buffer.clear();
                    self.searched = 0;
                    if !std::mem::replace(&mut self.skipping, true) {
                        return Ok(Some(too_long(self.limit)));
                    }
                }
                self.searched = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
                return Ok(None);
            };
            self.searched = 0;
            let mut line = buffer.split_to(end);
            buffer.advance(1);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            if line.len() > self.limit {
                return Ok(Some(too_long(self.limit)));
            }
            return Ok(Some(Received::frame(line)));
        }
    }
}

fn too_long(limit: usize) -> Received {
    Fault::TooLong { limit }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_runtime::chat_dialects::Inbound;

    /// Decodes a stream that arrives in these pieces.
    fn lines(limit: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = LineDecoder::new(limit);
        let mut buffer = BytesMut::new();
        let mut lines = Vec::new();
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                match decoder.decode(&mut buffer).expect("lines never fail") {
                    Some(Received::Inbound(Inbound::Frame(line))) => {
                        lines.push(String::from_utf8_lossy(&line).into_owned());
                    }
                    Some(Received::Inbound(Inbound::Fault(fault))) => {
                        lines.push(format!("<{fault}>"))
                    }
                    Some(other) => lines.push(format!("<{other:?}>")),
                    None => break,
                }
            }
        }
        lines
    }

    #[test]
    fn line_ends_with_lf_or_crlf() {
        assert_eq!(lines(10, &[b"one\ntwo\r\n\nthr", b"ee\r", b"\n"]), ["one", "two", "", "three"]);
    }

    #[test]
    fn line_at_the_limit_is_accepted() {
        assert_eq!(lines(4, &[b"1234\n1234\r\n"]), ["1234", "1234"]);
        assert_eq!(lines(4, &[b"1234", b"\r", b"\n"]), ["1234"]);
    }

    #[test]
    fn too_long_line_is_reported_once_and_skipped() {
        let error = "<line is longer than 4 bytes>";
        assert_eq!(lines(4, &[b"12345\nok\n"]), [error, "ok"]);
        assert_eq!(lines(4, &[b"123456", b"7890", b"1234\r\n", b"ok\n"]), [error, "ok"]);
        assert_eq!(lines(4, &[b"12345\r\n12345\n"]), [error, error]);
    }

    #[test]
    fn incomplete_last_line_is_dropped() {
        assert_eq!(lines(10, &[b"one\ntw"]), ["one"]);
    }
}
