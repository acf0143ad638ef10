//! What goes over a connection in both directions.

use crate::lines::LineDecoder;
use bytes::BytesMut;
use chat_runtime::dialects::Frame;
use chat_runtime::{FrameSource, Framing, Received, read_some};
use tokio::io::AsyncRead;
use tokio_util::codec::Decoder;

/// Reads lines from whatever carries bytes, for a front end of one's own.
///
/// They end with `\n` or `\r\n`. One that is longer than the limit is reported as a
/// [fault](chat_runtime::dialects::Fault) and skipped.
pub struct LineSource<R> {
    reader: R,
    decoder: LineDecoder,
    /// What has been read and is no line yet.
    buffer: BytesMut,
}

/// Puts frames on the wire as lines, for a front end of one's own. A prompt gets no line end.
pub struct LineFraming;

impl<R: AsyncRead + Unpin + Send> LineSource<R> {
    /// Reads lines, first those in `early`, which has been read already. They have at most `line_limit` bytes.
    pub fn new(reader: R, early: BytesMut, line_limit: usize) -> Self {
        Self { reader, decoder: LineDecoder::new(line_limit), buffer: early }
    }
}

impl<R: AsyncRead + Unpin + Send> FrameSource for LineSource<R> {
    async fn receive(&mut self) -> Option<Received> {
        loop {
            if let Some(received) = self.decoder.decode(&mut self.buffer).ok()? {
                return Some(received);
            }
            if self.buffer.is_empty() {
                // An idle connection keeps no buffer.
                self.buffer = BytesMut::new();
            }
            // A connection that breaks has ended, and why is of no use to anybody.
            if read_some(&mut self.reader, &mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }
}

impl Framing for LineFraming {
    fn frame(&self, frame: &Frame, out: &mut Vec<u8>) {
        out.extend_from_slice(frame.bytes());
        if !frame.is_prompt() {
            out.push(b'\n');
        }
    }
}
