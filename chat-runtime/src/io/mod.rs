//! The parts that a transport implements and uses: streams, framing, and the source of received
//! frames. Nothing in here knows the engine task.

mod frame_source;
mod framing;
mod halves;
mod peer_address;
mod read_some;

pub use frame_source::{FrameSource, Received};
pub use framing::Framing;
pub(crate) use framing::FramingTable;
#[cfg(test)]
pub(crate) use framing::LineFraming;
pub use halves::{Reader, Writer, split};
pub use peer_address::PeerAddress;
pub use read_some::read_some;
