//! What servers speak, as far as a load generator has to: how to come in, how to say something, and
//! where what comes back ends.

mod irc;
mod json;
mod mqtt;
mod nats;
mod plain;
mod text;
mod websocket;

pub(crate) use irc::Irc;
pub(crate) use json::Json;
pub(crate) use mqtt::Mqtt;
pub(crate) use nats::Nats;
pub(crate) use plain::Plain;
pub(crate) use text::Text;
pub(crate) use websocket::WebSocket;

use crate::generator::Mark;
use memchr::{memchr, memmem};

/// A protocol of a chat server or a message broker.
pub(crate) trait Protocol: Sync {
    /// What a client does once it is connected, until it has a name.
    fn enter(&self, nickname: &str) -> Vec<Step>;

    /// What puts it into a room.
    fn join(&self, room: &str, nickname: &str) -> Step;

    /// Writes down a message to a room.
    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>);

    /// What takes it out of the room again.
    fn leave(&self, room: &str) -> Step;

    /// Whether who says something is sent it, too.
    fn echoes(&self) -> bool;

    /// The length of the frame that these bytes begin with, once it is there as a whole.
    fn frame(&self, bytes: &[u8]) -> Option<usize>;

    /// What a frame is that has no mark in it.
    fn other(&self, frame: &[u8]) -> Frame;

    /// What a frame is.
    fn read(&self, frame: &[u8]) -> Frame {
        Mark::find(frame).map_or_else(|| self.other(frame), Frame::Message)
    }
}

/// Something to send, and what is in the frame that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) send: Vec<u8>,
    pub(crate) until: Vec<u8>,
}

impl Step {
    pub(crate) fn new(send: impl Into<Vec<u8>>, until: impl Into<Vec<u8>>) -> Self {
        Self { send: send.into(), until: until.into() }
    }
}

/// What a server has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// What a member has said.
    Message(Mark),
    /// An answer, or news that are no message.
    Aside,
    /// A question whether the client is still there, with what to answer.
    Ping(Vec<u8>),
    /// Anything that should not happen, in the server's words: an error, or that messages were
    /// lost.
    Complaint(String),
}

impl Frame {
    /// What the server did not want, in its own words.
    fn complaint(frame: &[u8]) -> Self {
        Self::Complaint(String::from_utf8_lossy(frame).trim_end().to_owned())
    }
}

/// The length of the line that these bytes begin with, with its end.
fn line(bytes: &[u8]) -> Option<usize> {
    memchr(b'\n', bytes).map(|end| end + 1)
}

fn contains(frame: &[u8], what: &str) -> bool {
    memmem::find(frame, what.as_bytes()).is_some()
}
