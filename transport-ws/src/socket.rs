//! Reads messages from a WebSocket.

use crate::frame_buffer::FrameBuffer;
use crate::framing::{WsBinaryFraming, WsFraming, close, close_with, pong};
use bytes::BytesMut;
use chat_runtime::chat_dialects::Inbound;
use chat_runtime::{
    Connection, FrameSource, Hub, Reader, Received, TaskTracker, Writer, read_some,
};
use std::any::Any;
use std::cell::Cell;
use std::io;
use tokio::io::AsyncRead;
use tokio_util::either::Either;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Serves an upgraded connection. `early` holds the bytes that arrived with the request.
pub(crate) fn serve_socket(
    hub: &Hub,
    connection: Connection,
    messages: Messages,
    (reader, writer): (Reader, Writer),
    early: BytesMut,
) -> impl Future<Output = ()> + Send + use<> {
    let source = WsSource::new(reader, early, hub.limits().frame_bytes, messages);
    if messages == Messages::SentAsBinary {
        Either::Left(hub.serve_connection(connection, source, writer, WsBinaryFraming))
    } else {
        Either::Right(hub.serve_connection(connection, source, writer, WsFraming))
    }
}

/// Serves an upgraded connection like [`serve_socket`], in a task of its own.
pub(crate) fn spawn_socket(
    hub: &Hub,
    connection: Connection,
    messages: Messages,
    (reader, writer): (Reader, Writer),
    early: BytesMut,
    tasks: &TaskTracker,
) {
    let source = WsSource::new(reader, early, hub.limits().frame_bytes, messages);
    if messages == Messages::SentAsBinary {
        hub.spawn_connection(connection, source, writer, WsBinaryFraming, tasks);
    } else {
        hub.spawn_connection(connection, source, writer, WsFraming, tasks);
    }
}

/// The kind of messages that carry frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    /// Text, in both directions.
    Text,
    /// The server sends text, and the client what it likes.
    SentAsText,
    /// The server sends binary messages, and the client what it likes.
    SentAsBinary,
}

struct WsSource<R> {
    reader: R,
    buffer: FrameBuffer,
    /// The protocol layer, while a message is being read. It has no state between messages, so an
    /// idle connection gives it back and saves its memory.
    protocol: Option<Box<WebSocketContext>>,
    frame_limit: usize,
    /// True if binary messages are frames as well.
    accepts_binary: bool,
    /// True once the client has closed, or its input has become unreadable.
    is_over: bool,
}

impl<R: AsyncRead + Unpin + Send + 'static> FrameSource for WsSource<R> {
    fn reader(&mut self) -> Option<&mut Reader> {
        (&mut self.reader as &mut dyn Any).downcast_mut()
    }

    async fn receive(&mut self) -> Option<Received> {
        loop {
            if let Some(received) = self.next() {
                return Some(received);
            }
            // A read error ends the connection like an end of stream. Its cause is not reported.
            if read_some(&mut self.reader, self.buffer.append_to()).await.ok()? == 0 {
                return None;
            }
        }
    }
}

impl<R> WsSource<R> {
    fn new(reader: R, early: BytesMut, frame_limit: usize, messages: Messages) -> Self {
        let buffer = FrameBuffer::new(early);
        let accepts_binary = messages != Messages::Text;
        Self { reader, buffer, protocol: None, frame_limit, accepts_binary, is_over: false }
    }

    /// Returns the next item in the buffer, if one is complete.
    fn next(&mut self) -> Option<Received> {
        if self.is_over {
            // Further input is discarded.
            self.buffer.clear();
            return None;
        }
        while self.buffer.find_frame(LARGEST_FRAME) {
            match self.protocol.get_or_insert_with(protocol).read(&mut self.buffer) {
                // The frame does not complete its message.
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(message) => return Some(self.received(message)),
                Err(error) => return Some(self.failed(&error)),
            }
        }
        if self.protocol.is_some() && self.buffer.is_between_messages() {
            SPARE.set(self.protocol.take());
        }
        None
    }

    fn received(&mut self, message: Message) -> Received {
        match message {
            Message::Text(text) if text.len() > self.frame_limit => {
                Received::ProtocolClose(close_with(CloseCode::Size))
            }
            Message::Text(text) => Received::frame(text),
            Message::Binary(bytes) if self.accepts_binary && bytes.len() > self.frame_limit => {
                Received::ProtocolClose(close_with(CloseCode::Size))
            }
            Message::Binary(bytes) if self.accepts_binary => Received::frame(bytes),
            Message::Binary(_) => Received::ProtocolClose(close_with(CloseCode::Unsupported)),
            Message::Ping(data) => Received::Ping(pong(data)),
            Message::Pong(_) | Message::Frame(_) => Inbound::Alive.into(),
            Message::Close(frame) => {
                self.is_over = true;
                Received::ProtocolClose(close(frame))
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
        Received::ProtocolClose(close_with(code))
    }
}

/// Returns a protocol layer without state: the spare one that another connection has given back, or
/// a new one.
fn protocol() -> Box<WebSocketContext> {
    SPARE.take().unwrap_or_else(|| {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_frame_size(Some(LARGEST_FRAME))
            .max_message_size(Some(LARGEST_FRAME));
        Box::new(WebSocketContext::new(Role::Server, Some(config)))
    })
}

thread_local! {
    /// A protocol layer that no connection uses. It may still hold an unsent pong, which is
    /// discarded like everything that the protocol layer writes.
    static SPARE: Cell<Option<Box<WebSocketContext>>> = const { Cell::new(None) };
}

/// The bytes that the protocol layer reads at once, enough for several chat messages.
const READ_BUFFER: usize = 1024;
/// The largest frame that the protocol layer accepts, in bytes. It exceeds the dialects' limit, so
/// that a frame slightly above that limit is read completely, and a reset cannot discard the answer
/// to it.
const LARGEST_FRAME: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_runtime::chat_core::Peer;
    use chat_runtime::chat_dialects::JsonDialect;
    use chat_runtime::{Server, split};
    use futures::poll;
    use std::pin::pin;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn input_after_an_unsupported_frame_is_drained_so_that_nothing_is_reset() {
        let server = Server::new().start();
        let hub = server.hub().clone();
        let permit = hub.admit(None).expect("there is room");
        let dialect = Arc::new(JsonDialect::default());
        let connection = Connection { transport: "ws", peer: Peer::default(), dialect, permit };
        let (mut client, stream) = duplex(256);
        let halves = split(stream);
        tokio::spawn(serve_socket(&hub, connection, Messages::Text, halves, BytesMut::new()));

        // A binary frame of one byte, followed by far more input than one read returns. All frames
        // are masked with zeros.
        client.write_all(b"\x82\x81\x00\x00\x00\x00x").await.expect("it is read");
        for _ in 0..2_000 {
            client.write_all(b"\x81\x82\x00\x00\x00\x00hi").await.expect("it is read");
        }
        // The client answers the server's close frame.
        client.write_all(b"\x88\x82\x00\x00\x00\x00\x03\xeb").await.expect("it is read");
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.expect("the end");
        assert!(received.starts_with(b"\x88\x02\x03\xeb"), "closed with 1003: {received:?}");
    }

    #[tokio::test]
    async fn connections_that_share_a_protocol_layer_do_not_mix_their_messages() {
        let [(mut one, ones), (mut other, others)] = [duplex(256), duplex(256)];
        let [mut ones, mut others] =
            [ones, others].map(|reader| WsSource::new(reader, BytesMut::new(), 10, Messages::Text));

        one.write_all(b"\x81\x82\x00\x00\x00\x00hi").await.expect("it is read");
        assert_eq!(ones.receive().await, Some(Received::frame("hi")));
        one.write_all(b"\x01\x81\x00\x00\x00\x00h").await.expect("it is read");
        let mut rest = pin!(ones.receive());
        assert!(poll!(&mut rest).is_pending(), "the message goes on");

        other.write_all(b"\x89\x80\x00\x00\x00\x00").await.expect("it is read");
        assert!(matches!(others.receive().await, Some(Received::Ping(_))));
        assert!(poll!(pin!(others.receive())).is_pending());
        assert!(others.protocol.is_none(), "the ping is answered");
        other.write_all(b"\x81\x82\x00\x00\x00\x00oh").await.expect("it is read");
        assert_eq!(others.receive().await, Some(Received::frame("oh")));
        assert!(poll!(pin!(others.receive())).is_pending());
        assert!(others.protocol.is_none(), "it is idle");

        one.write_all(b"\x80\x81\x00\x00\x00\x00o").await.expect("it is read");
        assert_eq!(rest.await, Some(Received::frame("ho")));
    }
}
