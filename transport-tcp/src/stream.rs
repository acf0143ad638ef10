//! Reads and writes frames as lines.

use crate::first_line::{FirstLine, Inspected};
use crate::lines::LineDecoder;
use bytes::BytesMut;
use chat_runtime::chat_dialects::{DialectSwitch, Frame, Telnet};
use chat_runtime::{FrameSource, Framing, Reader, Received, read_some};
use std::any::Any;
use std::fmt;
use tokio::io::AsyncRead;
use tokio_util::codec::Decoder;

/// Reads frames as lines from any byte stream. Custom front ends can use it.
///
/// Lines end with `\n` or `\r\n`. A line that is longer than the limit is reported as a
/// [fault](chat_runtime::chat_dialects::Fault) and skipped. The first line is inspected: a client
/// that speaks HTTP, TLS, SSH or the PROXY protocol is reported as [`Received::Foreign`], and none
/// of its input becomes a frame.
pub struct LineSource<R> {
    reader: R,
    decoder: LineDecoder,
    /// The bytes that have been read and not decoded yet.
    buffer: BytesMut,
    /// Present until the first line has arrived.
    first: Option<Box<FirstLine>>,
    /// Present if clients may use the telnet protocol.
    telnet: Option<Telnet>,
}

/// Writes each frame as a line that ends with `\n`. A prompt is written without a line end. Custom
/// front ends can use it.
#[derive(Debug)]
pub struct LineFraming;

/// Writes each frame as a line that ends with `\r\n`. A prompt is written without a line end.
/// Custom front ends can use it.
#[derive(Debug)]
pub struct CrlfFraming;

impl<R: AsyncRead + Unpin + Send> LineSource<R> {
    /// Reads lines of at most `line_limit` bytes. `early` holds the bytes that have been read from
    /// the connection already.
    pub fn new(reader: R, early: BytesMut, line_limit: usize) -> Self {
        let first = Some(Box::new(FirstLine::new(line_limit)));
        let decoder = LineDecoder::new(line_limit);
        Self { reader, decoder, buffer: early, first, telnet: None }
    }

    /// Removes telnet commands from the stream and answers them.
    #[must_use]
    pub fn with_telnet(mut self) -> Self {
        self.telnet = Some(Telnet::default());
        let answer = self.filter(0);
        if let Some(first) = &mut self.first {
            first.answer = answer;
        }
        self
    }

    /// Reports a first line that is a JSON `hello` as this
    /// [`Inbound::Switch`](chat_runtime::chat_dialects::Inbound::Switch).
    #[must_use]
    pub fn with_switch(mut self, switch: DialectSwitch) -> Self {
        if let Some(first) = &mut self.first {
            first.switch = Some(Box::new(switch));
        }
        self
    }

    /// Inspects the bytes that have been read, while the first line has not been decoded.
    fn inspect(&mut self) -> Inspected {
        let Some(first) = &mut self.first else { return Inspected::Decode };
        if let Some(answer) = first.answer.take() {
            return Inspected::Report(answer);
        }
        let inspected = first.inspect(&mut self.buffer);
        if !matches!(inspected, Inspected::ReadMore) {
            self.first = None;
        }
        inspected
    }

    /// Filters telnet commands out of the bytes from index `from` on. Returns the answer to them,
    /// if there is one.
    fn filter(&mut self, from: usize) -> Option<Received> {
        let mut answers = Vec::new();
        self.telnet.as_mut()?.receive(&mut self.buffer, from, &mut answers);
        (!answers.is_empty()).then_some(Received::Ping(answers))
    }
}

/// Shows how much has been read but not decoded, and not the bytes, which may be private.
impl<R> fmt::Debug for LineSource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineSource")
            .field("buffered", &self.buffer.len())
            .field("telnet", &self.telnet.is_some())
            .finish_non_exhaustive()
    }
}

impl<R: AsyncRead + Unpin + Send + 'static> FrameSource for LineSource<R> {
    fn reader(&mut self) -> Option<&mut Reader> {
        (&mut self.reader as &mut dyn Any).downcast_mut()
    }

    async fn receive(&mut self) -> Option<Received> {
        loop {
            match self.inspect() {
                Inspected::Decode => {
                    if let Some(received) = self.decoder.decode(&mut self.buffer).ok()? {
                        return Some(received);
                    }
                }
                Inspected::ReadMore => {}
                Inspected::Report(received) => return Some(received),
            }
            if self.buffer.is_empty() {
                // An idle connection holds no buffer.
                self.buffer = BytesMut::new();
            }
            let from = self.buffer.len();
            // A read error ends the connection like an end of stream. Its cause is not reported.
            if read_some(&mut self.reader, &mut self.buffer).await.ok()? == 0 {
                return None;
            }
            if let Some(answer) = self.filter(from) {
                return Some(answer);
            }
        }
    }
}

impl Framing for LineFraming {
    fn frame(frame: &Frame, out: &mut Vec<u8>) {
        out.extend_from_slice(frame.bytes());
        if !frame.is_prompt() {
            out.push(b'\n');
        }
    }
}

impl Framing for CrlfFraming {
    fn frame(frame: &Frame, out: &mut Vec<u8>) {
        out.extend_from_slice(frame.bytes());
        if !frame.is_prompt() {
            out.extend_from_slice(b"\r\n");
        }
    }
}
