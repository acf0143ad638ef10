//! The address of the client that sends a request.

use axum::extract::ConnectInfo;
use chat_runtime::PeerAddress;
use http::request::Parts;
use std::net::SocketAddr;

/// Returns the address of the client. A listener of this project attaches it as a [`PeerAddress`],
/// and the listener of an application as axum's [`ConnectInfo`].
pub(crate) fn address(parts: &Parts) -> Option<PeerAddress> {
    let extensions = &parts.extensions;
    extensions.get::<PeerAddress>().cloned().or_else(|| {
        extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| (*address).into())
    })
}
