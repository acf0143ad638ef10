//! A listener for nothing but WebSocket.

use crate::WsEndpoint;
use async_trait::async_trait;
use bytes::Bytes;
use chat_runtime::core::Peer;
use chat_runtime::{FrontEnd, FrontEndError, Hub, accept, bind};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

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
        let server = Server { endpoint, hub, tasks: tasks.clone(), stop: stop.clone() };
        loop {
            let (stream, address) = tokio::select! {
                accepted = accept(&listener) => accepted,
                () = stop.cancelled() => break,
            };
            let server = server.clone();
            tasks.spawn(async move { server.serve_http(stream, address).await });
        }
        drop(listener);
        tasks.close();
        tasks.wait().await;
        Ok(())
    }
}

#[derive(Clone)]
struct Server {
    endpoint: WsEndpoint,
    hub: Hub,
    /// HTTP connections until they are upgraded, then WebSocket sessions.
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    async fn serve_http(&self, stream: TcpStream, address: SocketAddr) {
        let service = service_fn(|request| async move {
            Ok::<_, Infallible>(
                self.respond(request, address).map(|body| Full::new(Bytes::from(body))),
            )
        });
        let http = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HANDSHAKE)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut http = pin!(http);
        let served = tokio::select! {
            served = &mut http => served,
            () = self.stop.cancelled() => {
                http.as_mut().graceful_shutdown();
                http.await
            }
        };
        if let Err(error) = served {
            debug!(%address, %error, "a request could not be served");
        }
    }

    fn respond(&self, mut request: Request<Incoming>, address: SocketAddr) -> Response<String> {
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

/// How long a client may take to send its request.
const HANDSHAKE: Duration = Duration::from_secs(10);
