//! A front end that serves only WebSocket.

use crate::WsEndpoint;
use crate::http_server::serve_http;
use async_trait::async_trait;
use bytes::Bytes;
use chat_runtime::chat_core::Peer;
use chat_runtime::{FrontEnd, FrontEndError, Hub, Listener, PeerAddress, Permit, bind};
use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A front end for WebSocket on the path `/ws`, with its own listener.
pub struct WsFrontEnd<L: Listener = TcpListener> {
    listener: L,
    address: L::LocalAddress,
    endpoint: WsEndpoint,
}

impl WsFrontEnd {
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

impl<L: Listener> WsFrontEnd<L> {
    /// Serves the connections of a listener.
    ///
    /// # Errors
    ///
    /// If the listener's local address cannot be read.
    pub fn on(listener: L, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot read the listener's address", error))?;
        Ok(Self { listener, address, endpoint })
    }

    /// Returns the address that the front end listens on, with the actual port if it was bound to
    /// port 0.
    pub fn local_addr(&self) -> L::LocalAddress {
        self.address.clone()
    }
}

impl<L: Listener> fmt::Debug for WsFrontEnd<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener: _, address, endpoint } = self;
        let mut debug = f.debug_struct("WsFrontEnd");
        debug.field("address", address).field("endpoint", endpoint).finish_non_exhaustive()
    }
}

#[async_trait]
impl<L: Listener> FrontEnd for WsFrontEnd<L> {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let Self { listener, endpoint, .. } = *self;
        let tasks = TaskTracker::new();
        let router = Router { endpoint, hub: hub.clone(), tasks: tasks.clone() };
        serve_http(listener, &hub, stop, tasks, |permit| {
            let router = router.clone();
            service_fn(move |request| {
                let (router, permit) = (router.clone(), permit.clone());
                async move {
                    let response = router.answer(request, permit).await;
                    Ok::<_, Infallible>(response.map(|body| Full::new(Bytes::from(body))))
                }
            })
        })
        .await;
        Ok(())
    }
}

/// Answers the HTTP requests of all connections.
#[derive(Clone)]
struct Router {
    endpoint: WsEndpoint,
    hub: Hub,
    /// The tasks of HTTP connections, and of the WebSocket sessions that they become.
    tasks: TaskTracker,
}

impl Router {
    async fn answer(&self, mut request: Request<Incoming>, permit: Permit) -> Response<String> {
        // Clients of IRC connect to the root, if they are not told otherwise.
        if !matches!(request.uri().path(), "/ws" | "/") {
            let mut response = Response::new("the chat is at /ws\n".to_owned());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
        if request.method() == Method::OPTIONS {
            let mut response = Response::new(String::new());
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD,OPTIONS"));
            return response;
        }
        let address = request.extensions().get::<PeerAddress>();
        let admitted = match address {
            Some(client) => self.hub.admit_client(&permit, client),
            None => Ok(permit),
        };
        let permit = match admitted {
            Ok(permit) => permit,
            Err(why) => {
                let mut response = Response::new(format!("{why}\n"));
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                return response;
            }
        };
        let address = address.map(|address| address.to_string().into());
        let token = self.endpoint.token(&self.hub, request.headers(), address.as_ref()).await;
        let peer = Peer { address, token, ..Peer::default() };
        let (response, accepted) = self.endpoint.answer(&self.hub, &mut request, peer, permit);
        if let Some(accepted) = accepted {
            let (hub, tasks) = (self.hub.clone(), self.tasks.clone());
            self.tasks.spawn(async move { accepted.spawn(&hub, &tasks).await });
        }
        response
    }
}
