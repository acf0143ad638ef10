//! Looking at the first line of a connection before it is decoded.

use crate::foreign::{ForeignProtocol, Verdict, blank_lines, inspect};
use bytes::{Buf, BytesMut};
use chat_runtime::Received;
use chat_runtime::chat_dialects::{DialectSwitch, Inbound, is_json_hello};
use memchr::memchr;

/// Decides about the first line that is not blank.
pub(crate) struct FirstLine {
    limit: usize,
    /// What telnet has to answer to bytes that were read before there was a session.
    pub(crate) answer: Option<Received>,
    /// The dialect of a client that was taken for a person too early.
    pub(crate) switch: Option<Box<DialectSwitch>>,
}

/// What to do with the bytes that have been read.
pub(crate) enum Inspected {
    /// Cut them into lines.
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

    /// Decides about the bytes that have been read so far.
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
                    // The line itself stays, and is decoded in JSON.
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
