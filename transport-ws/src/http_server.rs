//! HTTP/1.1 on a listener, for whatever answers requests there, with upgrades.

use chat_runtime::accept;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Serves HTTP until `stop` is cancelled, and comes back when the last connection and the last of `tasks` is done.
///
/// `service` makes what answers the requests of one connection. What a connection is upgraded to belongs into `tasks`.
pub async fn serve_http<S, B>(
    listener: TcpListener,
    stop: CancellationToken,
    tasks: TaskTracker,
    service: impl Fn(SocketAddr) -> S,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    loop {
        let (stream, address) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stop.cancelled() => break,
        };
        tasks.spawn(serve_connection(stream, address, stop.clone(), service(address)));
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

async fn serve_connection<S, B>(
    stream: TcpStream,
    address: SocketAddr,
    stop: CancellationToken,
    service: S,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = &mut connection => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // Who is in the middle of a request may finish it, but holds up nobody.
            match timeout(FINISH, connection).await {
                Ok(served) => served,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = served {
        debug!(%address, %error, "a request could not be served");
    }
}

/// How long a client may take to send the head of a request.
const HEADERS: Duration = Duration::from_secs(10);
/// How long a request that has begun may take when the server stops.
const FINISH: Duration = Duration::from_secs(1);
