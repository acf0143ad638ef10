//! A listener for nothing but WebSocket.

use crate::WsEndpoint;
use crate::http_server::serve_http;
use async_trait::async_trait;
use bytes::Bytes;
use chat_runtime::core::Peer;
use chat_runtime::{FrontEnd, FrontEndError, Hub, bind};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// WebSocket on `/ws`, on a listener of its own.
pub struct WsFrontEnd {
    listener: TcpListener,
    address: SocketAddr,
    endpoint: WsEndpoint,
}

impl WsFrontEnd {
    /// Listens on an address, from within a Tokio runtime; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not one of this machine's.
    pub fn bind(address: SocketAddr, endpoint: WsEndpoint) -> Result<Self, FrontEndError> {
        let listener = bind(address)?;
        let address = listener
            .local_addr()
            .map_err(|error| FrontEndError::new("cannot tell the address listened on", error))?;
        Ok(Self { listener, address, endpoint })
    }

    /// Where it listens, with the port that it really has.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

#[async_trait]
impl FrontEnd for WsFrontEnd {
    async fn serve(
        self: Box<Self>,
        hub: Hub,
        stop: CancellationToken,
    ) -> Result<(), FrontEndError> {
        let Self { listener, endpoint, .. } = *self;
        let tasks = TaskTracker::new();
        let answer = Answer { endpoint, hub, tasks: tasks.clone() };
        serve_http(listener, stop, tasks, |address| {
            let answer = answer.clone();
            service_fn(move |request| {
                let response = answer.to(request, address).map(|body| Full::new(Bytes::from(body)));
                std::future::ready(Ok::<_, Infallible>(response))
            })
        })
        .await;
        Ok(())
    }
}

#[derive(Clone)]
struct Answer {
    endpoint: WsEndpoint,
    hub: Hub,
    /// HTTP connections until they are upgraded, then WebSocket sessions.
    tasks: TaskTracker,
}

impl Answer {
    fn to(&self, mut request: Request<Incoming>, address: SocketAddr) -> Response<String> {
        if request.uri().path() != "/ws" {
            let mut response = Response::new("the chat is at /ws\n".to_owned());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
        let peer = Peer { host: Some(address.to_string().into()), ..Peer::default() };
        let (response, accepted) = self.endpoint.answer(&mut request, peer);
        if let Some(accepted) = accepted {
            let hub = self.hub.clone();
            self.tasks.spawn(async move { accepted.serve(&hub).await });
        }
        response
    }
}
