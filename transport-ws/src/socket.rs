//! What comes over a WebSocket.

use crate::framing::{WsFraming, close, close_with, pong};
use bytes::{Buf, Bytes, BytesMut};
use chat_runtime::{Connection, FrameSource, Hub, Received, read_some, split};
use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Serves a connection that has been upgraded; `early` is what came with the request.
pub(crate) fn serve_socket<S: AsyncRead + AsyncWrite + Send + 'static>(
    hub: &Hub,
    connection: Connection,
    stream: S,
    early: BytesMut,
) -> impl Future<Output = ()> + Send + use<S> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_frame_size(Some(LARGEST_FRAME))
        .max_message_size(Some(LARGEST_FRAME));
    let (reader, writer) = split(stream);
    let protocol = WebSocketContext::new(Role::Server, Some(config));
    let frame_limit = hub.limits().frame_bytes;
    let source =
        WsSource { reader, protocol, arrived: Arrived(early), frame_limit, is_over: false };
    hub.serve_connection(connection, source, writer, &WsFraming)
}

struct WsSource<R> {
    reader: R,
    protocol: WebSocketContext,
    arrived: Arrived,
    frame_limit: usize,
    /// The client has closed, or what it sends cannot be read any more.
    is_over: bool,
}

/// What has been read and is no message yet, as the protocol layer wants to read it. What that would write by itself goes
/// another way.
struct Arrived(BytesMut);

impl<R: AsyncRead + Unpin + Send> FrameSource for WsSource<R> {
    async fn receive(&mut self) -> Option<Received> {
        loop {
            if !self.is_over {
                match self.protocol.read(&mut self.arrived) {
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Ok(message) => return Some(self.received(message)),
                    Err(error) => return Some(self.failed(&error)),
                }
            }
            // Nothing of it is left, or wanted, and an idle connection keeps no buffer.
            self.arrived = Arrived(BytesMut::new());
            // A connection that breaks has ended, and why is of no use to anybody.
            if read_some(&mut self.reader, &mut self.arrived.0).await.ok()? == 0 {
                return None;
            }
        }
    }
}

impl<R> WsSource<R> {
    fn received(&mut self, message: Message) -> Received {
        match message {
            Message::Text(text) if text.len() > self.frame_limit => {
                Received::Enough(close_with(CloseCode::Size))
            }
            Message::Text(text) => Received::Frame(Bytes::from(text)),
            Message::Binary(_) => Received::Enough(close_with(CloseCode::Unsupported)),
            Message::Ping(data) => Received::Question(pong(data)),
            Message::Pong(_) | Message::Frame(_) => Received::Alive,
            Message::Close(frame) => {
                self.is_over = true;
                Received::Enough(close(frame))
            }
        }
    }

    fn failed(&mut self, error: &Error) -> Received {
        self.is_over = true;
        let code = if matches!(error, Error::Utf8(_)) {
            CloseCode::Invalid
        } else if matches!(error, Error::Capacity(_)) {
            CloseCode::Size
        } else {
            CloseCode::Protocol
        };
        Received::Enough(close_with(code))
    }
}

impl Read for Arrived {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = into.len().min(self.0.len());
        self.0.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}

impl Write for Arrived {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much the protocol layer takes at once, and what it keeps for a connection: a message of chat fits.
const READ_BUFFER: usize = 128;
/// What the protocol layer takes. It is more than the dialects' limit, so that a frame that is a little too long is read
/// whole, and the answer to it is not lost in a reset.
const LARGEST_FRAME: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_runtime::Server;
    use chat_runtime::core::{Config, Peer};
    use chat_runtime::dialects::JsonDialect;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn what_follows_an_unsupported_frame_is_read_so_that_nothing_is_reset() {
        let server = Server::new(Config::default()).start();
        let hub = server.hub().clone();
        let permit = hub.admit(None).expect("there is room");
        let dialect = Arc::new(JsonDialect::default());
        let connection = Connection { transport: "ws", peer: Peer::default(), dialect, permit };
        let (mut client, stream) = duplex(256);
        tokio::spawn(async move { serve_socket(&hub, connection, stream, BytesMut::new()).await });

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
