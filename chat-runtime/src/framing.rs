//! How a transport puts frames on the wire.

use chat_core::CloseReason;
use chat_dialects::Frame;
use std::any::Any;

/// What a transport adds to frames. It is the same for all connections of a transport, so that what
/// many are told is framed once for all of them.
pub trait Framing: Any + Send + Sync {
    /// Writes a frame.
    fn frame(&self, frame: &Frame, out: &mut Vec<u8>);

    /// Writes what ends a connection, if there is a way to say that. The connection is shut down
    /// after it.
    fn close(&self, _reason: &CloseReason, _out: &mut Vec<u8>) {}

    /// Writes a question whether the peer is still there, if the transport has one of its own; the
    /// answer is [`Received::Alive`](crate::Received::Alive). Returns whether it has. If it has
    /// not, and the dialect has, the dialect asks.
    fn ping(&self, _out: &mut Vec<u8>) -> bool {
        false
    }
}
