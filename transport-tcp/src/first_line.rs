//! Inspects the first line of a connection before it is decoded.

use crate::foreign::{ForeignProtocol, Verdict, blank_lines, inspect};
use bytes::{Buf, BytesMut};
use chat_runtime::Received;
use chat_runtime::chat_dialects::{DialectSwitch, Inbound, is_json_hello};
use memchr::memchr;

/// Inspects the first line that is not blank: it may belong to another protocol, or to another
/// dialect than the assumed one.
pub(crate) struct FirstLine {
    limit: usize,
    /// The answer to telnet commands among the bytes that were read before the session began.
    pub(crate) answer: Option<Received>,
    /// The switch to make if the first line is a JSON `hello`.
    pub(crate) switch: Option<Box<DialectSwitch>>,
}

/// The decision about the bytes that have been read.
pub(crate) enum Inspected {
    /// Split them into lines.
    Decode,
    /// Wait for the rest of the first line.
    ReadMore,
    /// Report this instead of the first line.
    Report(Received),
}

impl FirstLine {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, answer: None, switch: None }
    }

    /// Inspects the bytes that have been read so far, and removes blank lines from their start.
    pub(crate) fn inspect(&mut self, buffer: &mut BytesMut) -> Inspected {
        match inspect(buffer, self.limit) {
            Verdict::Undecided => {
                buffer.advance(blank_lines(buffer));
                Inspected::ReadMore
            }
            Verdict::Foreign(protocol) => {
                buffer.clear();
                Inspected::Report(foreign(protocol))
            }
            Verdict::Lines => {
                buffer.advance(blank_lines(buffer));
                let line = memchr(b'\n', buffer).map(|end| &buffer[..end]);
                let is_hello = line.is_some_and(is_json_hello);
                match self.switch.take().filter(|_| is_hello) {
                    // The line stays in the buffer, and is decoded as JSON.
                    Some(switch) => Inspected::Report(Inbound::Switch(switch).into()),
                    None => Inspected::Decode,
                }
            }
        }
    }
}

fn foreign(protocol: ForeignProtocol) -> Received {
    Received::Foreign { protocol: protocol.code(), answer: protocol.answer() }
}
