//! Strict transport security (IRCv3 sts): clients that know it connect with TLS only.

use std::time::Duration;

/// The policy that a listener tells its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StrictTransport {
    /// A connection without TLS: clients leave, and come back with TLS on this port.
    Port(u16),
    /// A connection with TLS: for this time, in whole seconds, clients connect to this server with
    /// TLS only. Zero ends an earlier policy.
    Duration(Duration),
}

impl StrictTransport {
    /// Returns the capability with its value. Clients do not request it.
    pub(crate) fn capability(self) -> String {
        match self {
            Self::Port(port) => format!("sts=port={port}"),
            Self::Duration(time) => format!("sts=duration={}", time.as_secs()),
        }
    }
}
