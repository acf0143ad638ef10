//! Serves HTTP/1.1 with upgrades on a listener, for any service.

use crate::forwarded::Forwarding;
use crate::host::{BadHost, requested_host};
use crate::http_stream::{HttpStream, Progress};
use bytes::Bytes;
use chat_runtime::chat_dialects::TurnedAway;
use chat_runtime::{Acceptor, Hub, Limits, Listener, PeerAddress, Permit};
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Serves HTTP until `stop` is cancelled. Returns when all connections and all of `tasks` are done.
///
/// `service` makes the service that answers the requests of one connection. That service holds the
/// connection's permit for as long as the connection lasts, including the session that it is
/// upgraded to. The tasks of upgraded connections belong in `tasks`.
///
/// Each request has the [`PeerAddress`] of its client as an extension. On a connection from a
/// [trusted proxy](chat_runtime::TrustedProxies), this is the client's address that the proxy
/// states, and the `Host` header is the host that the client requested, if the proxy states it.
/// [`Hub::admit_client`] then counts the client.
pub async fn serve_http<L, S, B>(
    listener: L,
    hub: &Hub,
    stop: CancellationToken,
    tasks: TaskTracker,
    service: impl Fn(Permit) -> S,
) where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut acceptor = Acceptor::new(listener);
    loop {
        let (incoming, address, permit) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = acceptor.accept(hub, turn_away) => accepted,
        };
        let service = Forwarding::new(service(permit.clone()), address.clone(), hub.clone());
        let stop = stop.clone();
        let (hub, runtime) = (hub.clone(), hub.runtime(&permit));
        let serve = async move {
            let _permit = permit;
            if let Some(stream) = hub.establish(incoming, &address, &stop).await {
                serve_connection(stream, address, stop, service, hub.limits()).await;
            }
        };
        tasks.spawn_on(serve, &runtime);
    }
    drop(acceptor);
    tasks.close();
    tasks.wait().await;
}

async fn serve_connection<S, B>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: PeerAddress,
    stop: CancellationToken,
    service: S,
    limits: &Limits,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let progress = Progress::default();
    let stream = HttpStream::new(stream, progress.clone(), limits);
    let service = service_fn(move |request| {
        progress.serve();
        let progress = progress.clone();
        let answered = requested_host(&request).map(|_| service.call(request));
        async move {
            let response = match answered {
                Ok(answering) => answering.await?.map(Either::Left),
                Err(bad) => bad_request(bad).map(Either::Right),
            };
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                progress.upgrade();
            }
            Ok::<_, S::Error>(response.map(|body| progress.track(body)))
        }
    });
    // The stream enforces all timeouts.
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        biased;
        served = &mut connection => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // A request in progress may finish, within a limit.
            match timeout(SHUTDOWN_TIME, connection).await {
                Ok(served) => served,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = served {
        debug!(%address, %error, "a request could not be served");
    }
}

/// Returns the response to a request without a valid host (RFC 9112 §3.2).
fn bad_request(BadHost(reason): BadHost) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(reason));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().extend([
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (CONNECTION, HeaderValue::from_static("close")),
    ]);
    response
}

/// Returns a complete response for a client that is not admitted.
fn turn_away(why: TurnedAway) -> Bytes {
    let status = match why {
        TurnedAway::Full { .. } => "503 Service Unavailable",
        TurnedAway::TooManyFromAddress { .. } | TurnedAway::TooFast => "429 Too Many Requests",
        _ => "503 Service Unavailable",
    };
    let body = format!("{why}\n");
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {length}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
    );
    (head + &body).into()
}

/// The protocols of [`serve_http`], by the names that clients offer over TLS (ALPN, RFC 7301).
pub const ALPN: &[&str] = &["http/1.1", "http/1.0"];

/// The time that a request in progress has to finish when the server stops.
const SHUTDOWN_TIME: Duration = Duration::from_secs(1);
