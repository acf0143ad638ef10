//! The two halves of a WebSocket.

use bytes::Bytes;
use chat_runtime::core::CloseReason;
use chat_runtime::dialects::Frame;
use chat_runtime::{Connection, FrameSink, FrameSource, Hub, Received};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// Serves a connection that has been upgraded; `early` is what came with the request.
pub(crate) async fn serve_socket<S>(hub: &Hub, connection: Connection, stream: S, early: Vec<u8>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MOST_WRITTEN)
        .max_frame_size(Some(LARGEST_FRAME))
        .max_message_size(Some(LARGEST_FRAME));
    let stream = connection.progress.of(stream);
    let socket =
        WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await;
    let (sink, stream) = socket.split();
    let violation = Arc::new(OnceLock::new());
    let frame_limit = hub.limits().frame_bytes;
    let source = WsSource { stream, violation: violation.clone(), frame_limit };
    let sink = WsSink { sink, violation };
    hub.serve_connection(connection, source, sink).await;
}

struct WsSource<S> {
    stream: SplitStream<WebSocketStream<S>>,
    /// What the client did that ends the connection; the writing half says so.
    violation: Arc<OnceLock<CloseCode>>,
    frame_limit: usize,
}

struct WsSink<S> {
    sink: SplitSink<WebSocketStream<S>, Message>,
    violation: Arc<OnceLock<CloseCode>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> FrameSource for WsSource<S> {
    async fn receive(&mut self) -> Option<Received> {
        let violation = match self.stream.next().await? {
            Ok(Message::Text(text)) if text.len() > self.frame_limit => {
                return Some(self.enough(CloseCode::Size));
            }
            Ok(Message::Text(text)) => return Some(Received::Frame(Bytes::from(text))),
            Ok(Message::Binary(_)) => return Some(self.enough(CloseCode::Unsupported)),
            // Pongs go out by themselves.
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                return Some(Received::Alive);
            }
            Ok(Message::Close(_)) => return None,
            Err(Error::Utf8(_)) => CloseCode::Invalid,
            Err(Error::Capacity(_)) => CloseCode::Size,
            Err(Error::Protocol(_)) => CloseCode::Protocol,
            Err(_) => return None,
        };
        // What follows cannot be read any more.
        self.enough(violation);
        None
    }
}

impl<S> WsSource<S> {
    fn enough(&self, violation: CloseCode) -> Received {
        // The first is the one that counts.
        let _ = self.violation.set(violation);
        Received::Enough
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> FrameSink for WsSink<S> {
    const PINGS: bool = true;

    async fn send(&mut self, frames: &[Frame]) -> io::Result<()> {
        for frame in frames {
            let text = Utf8Bytes::try_from(frame.bytes().clone()).map_err(io::Error::other)?;
            if let Err(error) = self.sink.feed(Message::Text(text)).await {
                return self.settle(error).await;
            }
        }
        match self.sink.flush().await {
            Ok(()) => Ok(()),
            Err(error) => self.settle(error).await,
        }
    }

    async fn close(&mut self, reason: &CloseReason) -> io::Result<()> {
        let code = self.violation.get().copied().unwrap_or_else(|| close_code(reason));
        let reason = reason.told().map(|text| text.to_string()).unwrap_or_default();
        let frame = CloseFrame { code, reason: shortened(&reason).into() };
        match self.sink.send(Message::Close(Some(frame))).await {
            Ok(()) => Ok(()),
            Err(error) => self.settle(error).await,
        }
    }

    async fn ping(&mut self) -> io::Result<()> {
        self.sink.send(Message::Ping(Bytes::new())).await.map_err(io::Error::other)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> WsSink<S> {
    /// Sees to what is left when something could not be sent.
    async fn settle(&mut self, error: Error) -> io::Result<()> {
        let is_closing = matches!(
            error,
            Error::ConnectionClosed
                | Error::AlreadyClosed
                | Error::Protocol(ProtocolError::SendAfterClosing)
        );
        if !is_closing {
            return Err(io::Error::other(error));
        }
        // The client closed first. The answer to that lies ready, and nothing but this sends it.
        self.sink.flush().await.map_err(io::Error::other)
    }
}

/// The code with which a connection is closed (RFC 6455 §7.4.1).
fn close_code(reason: &CloseReason) -> CloseCode {
    match reason {
        CloseReason::ShuttingDown => CloseCode::Away,
        CloseReason::TooManyFaults | CloseReason::TooSlow | CloseReason::Expired => {
            CloseCode::Policy
        }
        CloseReason::Quit(_)
        | CloseReason::Disconnected
        | CloseReason::NotNamed
        | CloseReason::Idle
        | CloseReason::Refused => CloseCode::Normal,
    }
}

/// A reason of at most 123 bytes, since a control frame has no room for more (RFC 6455 §5.5).
fn shortened(reason: &str) -> &str {
    let end = (0..=reason.len().min(123)).rev().find(|&end| reason.is_char_boundary(end));
    &reason[..end.unwrap_or(0)]
}

/// A tenth of what tungstenite takes by default would still be a burden with ten thousand idle connections.
const READ_BUFFER: usize = 1_024;
/// Up to here frames are put together before they are written.
const WRITE_BUFFER: usize = 128 * 1024;
/// More than the queue of a session can hold. What is written is flushed each time, so that it is not reached.
const MOST_WRITTEN: usize = 16 * 1024 * 1024;
/// What the protocol layer takes. It is more than the dialects' limit, so that a frame that is a little too long is read
/// whole, and the answer to it is not lost in a reset.
const LARGEST_FRAME: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_runtime::core::{Config, Peer};
    use chat_runtime::dialects::JsonDialect;
    use chat_runtime::{Progress, Server};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn what_follows_an_unsupported_frame_is_read_so_that_nothing_is_reset() {
        let server = Server::new(Config::default()).start();
        let hub = server.hub().clone();
        let permit = hub.admit(None).expect("there is room");
        let dialect = Arc::new(JsonDialect::default());
        let connection = Connection {
            transport: "ws",
            peer: Peer::default(),
            dialect,
            permit,
            progress: Progress::default(),
        };
        let (mut client, stream) = duplex(256);
        tokio::spawn(async move { serve_socket(&hub, connection, stream, Vec::new()).await });

        // A binary frame of one byte, and then far more than is read at once; all of it masked with zeros.
        client.write_all(b"\x82\x81\x00\x00\x00\x00x").await.expect("it is read");
        for _ in 0..2_000 {
            client.write_all(b"\x81\x82\x00\x00\x00\x00hi").await.expect("it is read");
        }
        // It answers the close frame that it finds then.
        client.write_all(b"\x88\x82\x00\x00\x00\x00\x03\xeb").await.expect("it is read");
        let mut came = Vec::new();
        client.read_to_end(&mut came).await.expect("the end");
        assert!(came.starts_with(b"\x88\x02\x03\xeb"), "closed with 1003: {came:?}");
    }
}
