//! HTTP/1.1 on a listener, for whatever answers requests there, with upgrades.

use bytes::Bytes;
use chat_runtime::dialects::TurnedAway;
use chat_runtime::{Door, Hub, Listener, PeerAddress, Permit};
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Serves HTTP until `stop` is cancelled, and comes back when the last connection and the last of `tasks` is done.
///
/// `service` makes what answers the requests of one connection, whose permit it keeps for as long as the connection, or
/// what it is upgraded to, lasts. What a connection is upgraded to belongs into `tasks`.
pub async fn serve_http<L, S, B>(
    listener: L,
    hub: &Hub,
    stop: CancellationToken,
    tasks: TaskTracker,
    service: impl Fn(PeerAddress, Permit) -> S,
) where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut door = Door::new(listener);
    loop {
        let (incoming, address, permit) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = door.accept(hub, turn_away) => accepted,
        };
        let (stop, service) = (stop.clone(), service(address.clone(), permit.clone()));
        let (hub, runtime) = (hub.clone(), hub.runtime(&permit));
        let serve = async move {
            let _permit = permit;
            if let Some(stream) = hub.establish(incoming, &address, &stop).await {
                serve_connection(stream, address, stop, service, hub.limits().handshake).await;
            }
        };
        tasks.spawn_on(serve, &runtime);
    }
    drop(door);
    tasks.close();
    tasks.wait().await;
}

async fn serve_connection<S, B>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: PeerAddress,
    stop: CancellationToken,
    service: S,
    head_limit: Duration,
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
        .header_read_timeout(head_limit)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        biased;
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

/// A whole response, for one who is not let in.
fn turn_away(why: TurnedAway) -> Bytes {
    let status = match why {
        TurnedAway::Full { .. } => "503 Service Unavailable",
        TurnedAway::TooManyFromAddress { .. } | TurnedAway::TooFast => "429 Too Many Requests",
    };
    let body = format!("{why}\n");
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Retry-After: 1\r\nConnection: close\r\n\r\n"
    );
    (head + &body).into()
}

/// How long a request that has begun may take when the server stops.
const FINISH: Duration = Duration::from_secs(1);
