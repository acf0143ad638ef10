//! The chat for browsers, on a listener of its own.

use crate::ChatWeb;
use crate::shared::MetricsAccess;
use async_trait::async_trait;
use axum::{Extension, Router};
use chat_runtime::{FrontEnd, FrontEndError, Hub, Listener, Permit, bind};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use transport_ws::{WsEndpoint, serve_http};

/// The page on `/`, the API below `/api`, and WebSocket on `/ws`.
pub struct WebFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    endpoint: WsEndpoint,
    open_api: bool,
    metrics: MetricsAccess,
}

impl WebFrontEnd {
    /// Listens on an address, from within a Tokio runtime; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind(address: SocketAddr, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        Self::on(bind(address)?, endpoint)
    }
}

impl<L: Listener> WebFrontEnd<L> {
    /// Serves what a listener accepts.
    ///
    /// # Errors
    ///
    /// If the listener does not say where it listens.
    pub fn on(listener: L, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot tell the address listened on", error))?;
        let metrics = MetricsAccess::Accounts;
        Ok(Self { listener, address, endpoint, open_api: false, metrics })
    }

    /// Sets whether the API is open to everybody although the server has an
    /// [`Authenticator`](chat_runtime::Authenticator). It is not unless this says so.
    #[must_use]
    pub fn open_api(mut self, open: bool) -> Self {
        self.open_api = open;
        self
    }

    /// Sets whether `/metrics` is there, for everybody who can reach the listener. Unless this is
    /// said, it is there for everybody on a server without an
    /// [`Authenticator`](chat_runtime::Authenticator), and for accounts on a server with one.
    #[must_use]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = if metrics { MetricsAccess::Anybody } else { MetricsAccess::Nobody };
        self
    }

    /// Where it listens, with the port that it really has.
    pub fn local_addr(&self) -> L::LocalAddress {
        self.address.clone()
    }
}

#[async_trait]
impl<L: Listener> FrontEnd for WebFrontEnd<L> {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let tasks = TaskTracker::new();
        let chat = ChatWeb::new(hub.clone()).endpoint(self.endpoint).tasks(tasks.clone());
        let router = chat.open_api(self.open_api).metrics_for(self.metrics).router();
        let service = |permit| service(&router, permit);
        serve_http(self.listener, &hub, stop, tasks, service).await;
        Ok(())
    }
}

/// What answers the requests of one connection: the router, with the connection's place among all.
fn service(router: &Router, permit: Permit) -> TowerToHyperService<Router> {
    let router = router.clone().layer(Extension(permit));
    TowerToHyperService::new(router)
}
