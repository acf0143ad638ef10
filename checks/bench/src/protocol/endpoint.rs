//! An address of a server.

use super::Protocol;
use std::net::SocketAddr;

/// An address of a server, with the protocol of its clients there.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) protocol: &'static dyn Protocol,
    pub(crate) address: SocketAddr,
}
