//! The encoding of frames by a transport.

use chat_core::CloseReason;
use chat_dialects::Frame;
use std::any::Any;

/// The encoding that a transport gives to frames. It is the same for all connections of a
/// transport, so that a frame for many sessions is encoded once.
pub trait Framing: Any + Send + Sync {
    /// Writes a frame.
    fn frame(&self, frame: &Frame, out: &mut Vec<u8>);

    /// Writes the end of a connection, if the protocol has one. The connection is shut down after
    /// it.
    fn close(&self, _reason: &CloseReason, _out: &mut Vec<u8>) {}

    /// Writes a ping, if the transport has one, and returns true if it does. The answer is
    /// [`Received::Alive`](crate::Received::Alive). Otherwise the dialect's ping is used, if it has
    /// one.
    fn ping(&self, _out: &mut Vec<u8>) -> bool {
        false
    }
}
