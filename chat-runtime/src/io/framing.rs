//! The encoding of frames by a transport.

use chat_core::CloseReason;
use chat_dialects::Frame;
use std::any::TypeId;

/// The encoding that a transport gives to frames.
///
/// It has no state, because a frame for many sessions is encoded once: the type alone says how. The
/// functions therefore take no `self`, and a framing is usually a struct without fields.
pub trait Framing: 'static {
    /// Writes a frame.
    fn frame(frame: &Frame, out: &mut Vec<u8>);

    /// Writes the end of a connection, if the protocol has one. The connection is shut down after
    /// it.
    fn close(_reason: &CloseReason, _out: &mut Vec<u8>) {}

    /// Writes a ping, if the transport has one, and returns true if it does. The answer is
    /// [`Inbound::Alive`](chat_dialects::Inbound::Alive). Otherwise the dialect's ping is used, if
    /// it has one.
    fn ping(_out: &mut Vec<u8>) -> bool {
        false
    }
}

/// The functions of a [`Framing`], for code that serves connections of all transports.
#[derive(Debug)]
pub(crate) struct FramingTable {
    pub(crate) kind: fn() -> TypeId,
    pub(crate) frame: fn(&Frame, &mut Vec<u8>),
    pub(crate) close: fn(&CloseReason, &mut Vec<u8>),
    pub(crate) ping: fn(&mut Vec<u8>) -> bool,
}

impl FramingTable {
    pub(crate) const fn of<F: Framing>() -> &'static Self {
        const { &Self { kind: TypeId::of::<F>, frame: F::frame, close: F::close, ping: F::ping } }
    }
}

/// Adds a line end to each frame, for tests.
#[cfg(test)]
pub(crate) struct LineFraming;

#[cfg(test)]
impl Framing for LineFraming {
    fn frame(frame: &Frame, out: &mut Vec<u8>) {
        out.extend_from_slice(frame.bytes());
        out.push(b'\n');
    }
}
