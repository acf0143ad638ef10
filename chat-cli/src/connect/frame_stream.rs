//! Sends and receives frames over TCP or a Unix socket, as lines or over WebSocket, with or without
//! TLS.

use super::close_code;
use super::handshake::HandshakeError;
use super::target::{Host, Place, Target, Transport};
use super::trust::{Trust, TrustError};
use chat_server::engine::Text;
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

/// An open stream of frames.
pub(super) enum FrameStream {
    Lines(Framed<Box<dyn ByteStream>, LinesCodec>),
    WebSocket(Box<WebSocketStream<Box<dyn ByteStream>>>),
}

/// A connection to the server, with or without TLS.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for S {}

/// The reason for which a connection could not be opened or was lost.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    TimedOut,
    #[error(transparent)]
    Trust(#[from] Box<TrustError>),
    #[error(transparent)]
    Handshake(#[from] Box<HandshakeError>),
    #[error("'{0}' is not a host name that a certificate can contain")]
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

/// The time limit for opening, sending and closing, and for the answer to a ping.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// The longest line that is read, in bytes. The longest frame is a page of history: 100 messages of
/// 4,096 bytes, each of which JSON may escape to six bytes.
const LONGEST_LINE: usize = 8 << 20;
/// The most bytes of the body of an HTTP response that are shown.
const LONGEST_BODY: usize = 300;

impl FrameStream {
    /// Connects, within the time limit.
    pub(super) async fn open(target: &Target) -> Result<Self, StreamError> {
        timeout(PATIENCE, Self::open_untimed(target)).await.map_err(|_| StreamError::TimedOut)?
    }

    async fn open_untimed(target: &Target) -> Result<Self, StreamError> {
        let stream: Box<dyn ByteStream> = match &target.place {
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
    pub(super) async fn send(&mut self, frame: String) -> Result<(), StreamError> {
        let sent = async {
            match self {
                Self::Lines(lines) => lines.send(frame).await.map_err(StreamError::from),
                Self::WebSocket(socket) => {
                    socket.send(Message::text(frame)).await.map_err(StreamError::from)
                }
            }
        };
        timeout(PATIENCE, sent).await.map_err(|_| StreamError::TimedOut)?
    }

    /// Receives the next frame. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<String, StreamError> {
        let socket = match self {
            Self::Lines(lines) => return Ok(lines.next().await.ok_or(StreamError::Closed)??),
            Self::WebSocket(socket) => socket,
        };
        loop {
            match socket.next().await.ok_or(StreamError::Closed)?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(frame) => return Err(closed(frame)),
                // The library answers pings.
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Closes the transport in order, as far as the server still responds.
    pub(super) async fn close(&mut self) {
        let _ = match self {
            Self::Lines(lines) => timeout(PATIENCE, lines.get_mut().shutdown()).await.is_ok(),
            Self::WebSocket(socket) => timeout(PATIENCE, socket.close()).await.is_ok(),
        };
    }
}

/// Connects to a host, with TLS if it is configured.
async fn connect(host: &Host, transport: &Transport) -> Result<Box<dyn ByteStream>, StreamError> {
    let stream = TcpStream::connect(host.resolvable()).await?;
    stream.set_nodelay(true)?;
    Ok(match &host.trust {
        None => Box::new(stream),
        Some(trust) => Box::new(secure(stream, trust, host, transport).await?),
    })
}

/// Performs the TLS handshake, and verifies the server's certificate.
async fn secure(
    stream: TcpStream,
    trust: &Trust,
    host: &Host,
    transport: &Transport,
) -> Result<impl ByteStream + use<>, StreamError> {
    let (name, _) = host.resolvable();
    let name =
        ServerName::try_from(name.to_owned()).map_err(|_| StreamError::NoName(name.to_owned()))?;
    let handshake = trust.connector().map_err(Box::new)?.connect(name, stream);
    Ok(handshake.await.map_err(|error| Box::new(HandshakeError::new(error, host, transport)))?)
}

/// Converts the error of an upgrade. A server that does not answer with HTTP may be one that
/// requires TLS.
fn not_upgraded(error: WsError, target: &Target) -> StreamError {
    if let WsError::Protocol(ProtocolError::HttparseError(_)) = error
        && let Some(with_tls) = target.with_tls()
    {
        return StreamError::NoHttp(with_tls);
    }
    error.into()
}

impl StreamError {
    /// Returns true if a new connection would end in the same way.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::ClosedBecause { is_final: true, .. })
    }
}

impl From<LinesCodecError> for StreamError {
    fn from(error: LinesCodecError) -> Self {
        match error {
            LinesCodecError::MaxLineLengthExceeded => Self::TooLong,
            LinesCodecError::Io(error) => Self::Io(error),
        }
    }
}

impl From<WsError> for StreamError {
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

/// Returns the status of an HTTP response with the first line of its body, which often explains it.
fn refusal(response: &Response<Option<Vec<u8>>>) -> String {
    let status = response.status();
    let is_text = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")));
    let body = response.body().as_deref().filter(|_| is_text).unwrap_or_default();
    let body = String::from_utf8_lossy(&body[..body.len().min(LONGEST_BODY)]);
    let line = Text::clean(body.lines().next().unwrap_or_default());
    if line.is_empty() { status.to_string() } else { format!("{status}: {line}") }
}

fn closed(frame: Option<CloseFrame>) -> StreamError {
    match frame {
        Some(frame) => StreamError::ClosedBecause {
            why: close_code::describe(&frame),
            is_final: close_code::is_final(&frame),
        },
        None => StreamError::Closed,
    }
}
