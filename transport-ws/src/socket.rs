//! What comes over a WebSocket.

use crate::arrived::Arrived;
use crate::framing::{WsFraming, close, close_with, pong};
use bytes::BytesMut;
use chat_runtime::chat_dialects::Inbound;
use chat_runtime::{Connection, FrameSource, Hub, Reader, Received, Writer, read_some};
use std::cell::Cell;
use std::io;
use tokio::io::AsyncRead;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Serves a connection that has been upgraded; `early` is what came with the request.
pub(crate) fn serve_socket(
    hub: &Hub,
    connection: Connection,
    (reader, writer): (Reader, Writer),
    early: BytesMut,
) -> impl Future<Output = ()> + Send + use<> {
    let source = WsSource::new(reader, early, hub.limits().frame_bytes);
    hub.serve_connection(connection, source, writer, WsFraming)
}

struct WsSource<R> {
    reader: R,
    arrived: Arrived,
    /// The protocol layer, while it reads messages: between them it knows nothing, and most
    /// connections are idle.
    protocol: Option<Box<WebSocketContext>>,
    frame_limit: usize,
    /// The client has closed, or what it sends cannot be read any more.
    is_over: bool,
}

impl<R: AsyncRead + Unpin + Send> FrameSource for WsSource<R> {
    async fn receive(&mut self) -> Option<Received> {
        loop {
            if let Some(received) = self.next() {
                return Some(received);
            }
            // A connection that breaks has ended, and why is of no use to anybody.
            if read_some(&mut self.reader, self.arrived.room()).await.ok()? == 0 {
                return None;
            }
        }
    }
}

impl<R> WsSource<R> {
    fn new(reader: R, early: BytesMut, frame_limit: usize) -> Self {
        let arrived = Arrived::new(early);
        Self { reader, arrived, protocol: None, frame_limit, is_over: false }
    }

    /// What there is among that which has arrived.
    fn next(&mut self) -> Option<Received> {
        if self.is_over {
            // Nothing of it is wanted.
            self.arrived.clear();
            return None;
        }
        while self.arrived.find_frame(LARGEST_FRAME) {
            match self.protocol.get_or_insert_with(protocol).read(&mut self.arrived) {
                // Of a message there may be more.
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(message) => return Some(self.received(message)),
                Err(error) => return Some(self.failed(&error)),
            }
        }
        if self.protocol.is_some() && self.arrived.is_between_messages() {
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

/// A protocol layer that knows nothing: what another connection has done with, or a new one.
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
    /// The protocol layer of no connection. It may still have a pong to write, which goes where all
    /// goes that it writes: nowhere.
    static SPARE: Cell<Option<Box<WebSocketContext>>> = const { Cell::new(None) };
}

/// How much the protocol layer takes at once: several messages of chat.
const READ_BUFFER: usize = 1024;
/// What the protocol layer takes. It is more than the dialects' limit, so that a frame that is a
/// little too long is read whole, and the answer to it is not lost in a reset.
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
    async fn what_follows_an_unsupported_frame_is_read_so_that_nothing_is_reset() {
        let server = Server::new().start();
        let hub = server.hub().clone();
        let permit = hub.admit(None).expect("there is room");
        let dialect = Arc::new(JsonDialect::default());
        let connection = Connection { transport: "ws", peer: Peer::default(), dialect, permit };
        let (mut client, stream) = duplex(256);
        tokio::spawn(serve_socket(&hub, connection, split(stream), BytesMut::new()));

        // A binary frame of one byte, and then far more than is read at once; all of it masked with
        // zeros.
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

    #[tokio::test]
    async fn connections_that_share_a_protocol_layer_do_not_mix_what_they_are_sent() {
        let [(mut one, ones), (mut other, others)] = [duplex(256), duplex(256)];
        let [mut ones, mut others] =
            [ones, others].map(|reader| WsSource::new(reader, BytesMut::new(), 10));

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
