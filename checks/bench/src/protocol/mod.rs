//! The protocols of servers, as far as a load generator needs them: registration, joining, sending,
//! and the limits of frames.

mod endpoint;
mod irc;
mod json;
mod mqtt;
mod nats;
mod plain;
mod text;
mod websocket;

pub(crate) use endpoint::Endpoint;
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
    /// Returns the steps of a connected client until it has a nickname.
    fn enter(&self, nickname: &str) -> Vec<Step>;

    /// Returns the step that joins a room.
    fn join(&self, room: &str, nickname: &str) -> Step;

    /// Writes a message to a room.
    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>);

    /// Returns the step that leaves a room.
    fn leave(&self, room: &str) -> Step;

    /// Returns the step that replaces a guest name in the lobby by this nickname, if the server
    /// gives clients such a name when they connect.
    fn rename(&self, _nickname: &str) -> Option<Step> {
        None
    }

    /// Returns true if a sender receives its own messages.
    fn echoes(&self) -> bool;

    /// Returns the length of the frame at the beginning of these bytes, if it is complete.
    fn frame(&self, bytes: &[u8]) -> Option<usize>;

    /// Classifies a frame that has no mark in it.
    fn other(&self, frame: &[u8]) -> Frame;

    /// Classifies a frame.
    fn read(&self, frame: &[u8]) -> Frame {
        Mark::find(frame).map_or_else(|| self.other(frame), Frame::Message)
    }
}

/// Bytes to send, and bytes that the answering frame contains.
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

/// A frame from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message of a member.
    Message(Mark),
    /// An answer, or an announcement.
    Other,
    /// A keep-alive ping, with the answer to send.
    Ping(Vec<u8>),
    /// An unexpected frame, in the server's words: an error, or a notice that messages were lost.
    ServerError(String),
}

impl Frame {
    /// Returns the frame's text as an error.
    fn server_error(frame: &[u8]) -> Self {
        Self::ServerError(String::from_utf8_lossy(frame).trim_end().to_owned())
    }
}

/// Returns the length of the first line, including its end.
fn line(bytes: &[u8]) -> Option<usize> {
    memchr(b'\n', bytes).map(|end| end + 1)
}

fn contains(frame: &[u8], what: &str) -> bool {
    memmem::find(frame, what.as_bytes()).is_some()
}
