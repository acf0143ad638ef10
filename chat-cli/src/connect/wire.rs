//! Frames over TCP or a Unix socket, as lines or over WebSocket, with or without TLS.

use super::close_code;
use super::handshake::HandshakeError;
use super::target::{Host, Place, Target, Transport};
use super::trust::{Trust, TrustError};
use chat_core::Text;
use futures::{SinkExt, StreamExt};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::header::{CONTENT_TYPE, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::codec::{Framed, LinesCodec, LinesCodecError};

/// An open connection.
pub(super) enum Wire {
    Lines(Framed<Box<dyn Stream>, LinesCodec>),
    WebSocket(Box<WebSocketStream<Box<dyn Stream>>>),
}

/// A connection to the server, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    TimedOut,
    #[error(transparent)]
    Trust(#[from] Box<TrustError>),
    #[error(transparent)]
    Handshake(#[from] Box<HandshakeError>),
    #[error("'{0}' is not the name of a host that a certificate can be for")]
    NoName(String),
    #[error("it does not speak HTTP; if it speaks TLS, its address is {0}")]
    NoHttp(String),
    #[error("it refuses the WebSocket with {0}")]
    Refused(String),
    #[error("{0}")]
    WebSocket(String),
    #[error("it sent a line that is longer than {LONGEST_LINE} bytes")]
    TooLong,
    #[error("the server closed the connection")]
    Closed,
    #[error("the server closed the connection: {why}")]
    ClosedBecause { why: String, is_final: bool },
}

/// How long the other side may take to answer before it counts as gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// The longest line that is read. A page of history is the longest frame there is: 100 messages of
/// 4,096 bytes, each byte six bytes long in the worst JSON.
const LONGEST_LINE: usize = 8 << 20;
/// Most bytes of the body of an HTTP response that are shown.
const MOST_OF_A_BODY: usize = 300;

impl Wire {
    /// Connects.
    pub(super) async fn open(target: &Target) -> Result<Self, WireError> {
        timeout(PATIENCE, Self::open_whenever(target)).await.map_err(|_| WireError::TimedOut)?
    }

    async fn open_whenever(target: &Target) -> Result<Self, WireError> {
        let stream: Box<dyn Stream> = match &target.place {
            Place::Network(host) => connect(host, &target.transport).await?,
            #[cfg(unix)]
            Place::Unix(path) => Box::new(UnixStream::connect(path).await?),
        };
        let Transport::WebSocket { path } = &target.transport else {
            return Ok(Self::Lines(Framed::new(
                stream,
                LinesCodec::new_with_max_length(LONGEST_LINE),
            )));
        };
        let host = target.http_host();
        let mut request = format!("ws://{host}{path}").into_client_request()?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("chat.json"));
        let upgraded = client_async(request, stream).await;
        let (socket, _) = upgraded.map_err(|error| not_upgraded(error, target))?;
        Ok(Self::WebSocket(Box::new(socket)))
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: String) -> Result<(), WireError> {
        let sent = async {
            match self {
                Self::Lines(lines) => lines.send(frame).await.map_err(WireError::from),
                Self::WebSocket(socket) => {
                    socket.send(Message::text(frame)).await.map_err(WireError::from)
                }
            }
        };
        timeout(PATIENCE, sent).await.map_err(|_| WireError::TimedOut)?
    }

    /// The next frame. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<String, WireError> {
        let socket = match self {
            Self::Lines(lines) => return Ok(lines.next().await.ok_or(WireError::Closed)??),
            Self::WebSocket(socket) => socket,
        };
        loop {
            match socket.next().await.ok_or(WireError::Closed)?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(frame) => return Err(closed(frame)),
                // Pings are answered by the library.
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Says goodbye on the transport's level, as far as the other side still listens.
    pub(super) async fn close(&mut self) {
        let _ = match self {
            Self::Lines(lines) => timeout(PATIENCE, lines.get_mut().shutdown()).await.is_ok(),
            Self::WebSocket(socket) => timeout(PATIENCE, socket.close()).await.is_ok(),
        };
    }
}

/// Connects to a port, with TLS if that is asked for.
async fn connect(host: &Host, transport: &Transport) -> Result<Box<dyn Stream>, WireError> {
    let stream = TcpStream::connect(host.resolvable()).await?;
    stream.set_nodelay(true)?;
    Ok(match &host.trust {
        None => Box::new(stream),
        Some(trust) => Box::new(secure(stream, trust, host, transport).await?),
    })
}

/// Does the handshake, and makes sure that the server is the one that it is taken for.
async fn secure(
    stream: TcpStream,
    trust: &Trust,
    host: &Host,
    transport: &Transport,
) -> Result<impl Stream + use<>, WireError> {
    let (name, _) = host.resolvable();
    let name =
        ServerName::try_from(name.to_owned()).map_err(|_| WireError::NoName(name.to_owned()))?;
    let handshake = trust.connector().map_err(Box::new)?.connect(name, stream);
    Ok(handshake.await.map_err(|error| Box::new(HandshakeError::new(error, host, transport)))?)
}

/// Why there is no WebSocket. A server that answers with something else than HTTP may be one that
/// speaks TLS.
fn not_upgraded(error: WsError, target: &Target) -> WireError {
    if let WsError::Protocol(ProtocolError::HttparseError(_)) = error
        && let Some(with_tls) = target.with_tls()
    {
        return WireError::NoHttp(with_tls);
    }
    error.into()
}

impl WireError {
    /// Whether connecting again would end in the same way.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::ClosedBecause { is_final: true, .. })
    }
}

impl From<LinesCodecError> for WireError {
    fn from(error: LinesCodecError) -> Self {
        match error {
            LinesCodecError::MaxLineLengthExceeded => Self::TooLong,
            LinesCodecError::Io(error) => Self::Io(error),
        }
    }
}

impl From<WsError> for WireError {
    fn from(error: WsError) -> Self {
        if let WsError::Http(response) = error {
            return Self::Refused(refusal(&response));
        }
        if let WsError::Io(error) = error {
            return Self::Io(error);
        }
        if let WsError::ConnectionClosed | WsError::AlreadyClosed = error {
            return Self::Closed;
        }
        Self::WebSocket(error.to_string())
    }
}

/// The status of an HTTP response, and the first line of its body, which often says what to do.
fn refusal(response: &Response<Option<Vec<u8>>>) -> String {
    let status = response.status();
    let is_text = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")));
    let body = response.body().as_deref().filter(|_| is_text).unwrap_or_default();
    let body = String::from_utf8_lossy(&body[..body.len().min(MOST_OF_A_BODY)]);
    let line = Text::clean(body.lines().next().unwrap_or_default());
    if line.is_empty() { status.to_string() } else { format!("{status}: {line}") }
}

fn closed(frame: Option<CloseFrame>) -> WireError {
    match frame {
        Some(frame) => WireError::ClosedBecause {
            why: close_code::describe(&frame),
            is_final: close_code::is_final(&frame),
        },
        None => WireError::Closed,
    }
}
