//! The input of a connection.

use super::Reader;
use bytes::Bytes;
use chat_dialects::{Fault, Inbound};
use std::future::Future;

/// The receiving half of a connection, which splits received bytes into frames.
pub trait FrameSource: Send {
    /// Waits for the next input. `None` means that the peer sends no more; it is not called again
    /// after that. It need not be cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Received>> + Send;

    /// Returns the reader, if this source is one of bytes, and [`receive`](Self::receive) is cancel
    /// safe. An idle connection then needs no task. The default is `None`.
    fn reader(&mut self) -> Option<&mut Reader> {
        None
    }
}

/// Input from a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// Input for the session.
    Inbound(Inbound),
    /// A ping, which the transport answers itself with these bytes.
    Ping(Vec<u8>),
    /// A violation or an end of the transport's protocol. The connection is closed with these last
    /// bytes. Later input is drained and ignored, so that a reset cannot discard the close frame.
    ProtocolClose(Vec<u8>),
    /// The client speaks a protocol that is not for this port. The connection is closed with these
    /// last bytes, and counted by `chat_connections_refused_total`. Later input is read and
    /// ignored.
    Foreign {
        /// The protocol, which is the reason in the metric: `snake_case`, and stable.
        protocol: &'static str,
        /// The last bytes.
        answer: Bytes,
    },
}

impl Received {
    /// Makes the input of a frame, without its terminator.
    pub fn frame(frame: impl Into<Bytes>) -> Self {
        Self::Inbound(Inbound::Frame(frame.into()))
    }
}

impl From<Inbound> for Received {
    fn from(inbound: Inbound) -> Self {
        Self::Inbound(inbound)
    }
}

impl From<Fault> for Received {
    fn from(fault: Fault) -> Self {
        Self::Inbound(Inbound::Fault(fault))
    }
}
