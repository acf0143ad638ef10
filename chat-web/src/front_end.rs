//! A front end for browsers, with its own listener.

use crate::ChatWeb;
use crate::page_login::PageLogin;
use crate::shared::MetricsAccess;
use async_trait::async_trait;
use axum::{Extension, Router};
use chat_runtime::{FrontEnd, FrontEndError, Hub, Listener, Permit, bind};
use hyper_util::service::TowerToHyperService;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use transport_ws::{WsEndpoint, serve_http};

/// A front end that serves the page on `/`, the API below `/api`, and WebSocket on `/ws`.
pub struct WebFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    endpoint: WsEndpoint,
    open_api: bool,
    metrics: MetricsAccess,
    page_login: Option<Arc<dyn PageLogin>>,
}

impl WebFrontEnd {
    /// Listens on an address, from within a Tokio runtime. Port 0 lets the system choose a free
    /// port.
    ///
    /// # Errors
    ///
    /// If the address is in use, or does not belong to this machine.
    pub fn bind(address: SocketAddr, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        Self::on(bind(address)?, endpoint)
    }
}

impl<L: Listener> WebFrontEnd<L> {
    /// Serves the connections of a listener.
    ///
    /// # Errors
    ///
    /// If the listener's local address cannot be read.
    pub fn on(listener: L, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot read the listener's address", error))?;
        let metrics = MetricsAccess::Accounts;
        Ok(Self { listener, address, endpoint, open_api: false, metrics, page_login: None })
    }

    /// Sets whether the API is open to everybody even if the server has an
    /// [`Authenticator`](chat_runtime::Authenticator). The default is false.
    #[must_use]
    pub fn open_api(mut self, open: bool) -> Self {
        self.open_api = open;
        self
    }

    /// Sets whether `/metrics` is available to everybody who can reach the listener, or not at all.
    /// By default it is available to everybody on a server without an
    /// [`Authenticator`](chat_runtime::Authenticator), and to accounts on a server with one.
    #[must_use]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = if metrics { MetricsAccess::Anybody } else { MetricsAccess::Nobody };
        self
    }

    /// Lets users of the page log in with another site, as
    /// [`ChatWeb::page_login`](crate::ChatWeb::page_login) does.
    #[must_use]
    pub fn page_login(mut self, login: Arc<dyn PageLogin>) -> Self {
        self.page_login = Some(login);
        self
    }

    /// Returns the address that the front end listens on, with the actual port if it was bound to
    /// port 0.
    pub fn local_addr(&self) -> L::LocalAddress {
        self.address.clone()
    }
}

impl<L: Listener> fmt::Debug for WebFrontEnd<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener: _, address, endpoint, open_api, metrics, page_login: _ } = self;
        f.debug_struct("WebFrontEnd")
            .field("address", address)
            .field("endpoint", endpoint)
            .field("open_api", open_api)
            .field("metrics", metrics)
            .finish_non_exhaustive()
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
        let chat = self.page_login.into_iter().fold(chat, ChatWeb::page_login);
        let router = chat.open_api(self.open_api).metrics_for(self.metrics).router();
        let service = |permit| service(&router, permit);
        serve_http(self.listener, &hub, stop, tasks, service).await;
        Ok(())
    }
}

/// Returns the service for one connection: the router with the connection's permit as an extension.
fn service(router: &Router, permit: Permit) -> TowerToHyperService<Router> {
    let router = router.clone().layer(Extension(permit));
    TowerToHyperService::new(router)
}
