//! The two halves of a client's connection, over TCP or WebSocket.

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// The half that receives frames.
pub(crate) enum Source {
    Lines { stream: BufReader<OwnedReadHalf>, line: Vec<u8> },
    WebSocket(SplitStream<WebSocketStream<TcpStream>>),
}

/// The half that sends frames.
pub(crate) enum Sink {
    Lines(OwnedWriteHalf),
    WebSocket(SplitSink<WebSocketStream<TcpStream>, Message>),
}

/// Connects for lines.
pub(crate) async fn lines(address: SocketAddr) -> io::Result<(Source, Sink)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    Ok((Source::Lines { stream: BufReader::new(read), line: Vec::new() }, Sink::Lines(write)))
}

/// Connects to `/ws`, with a subprotocol.
pub(crate) async fn web_socket(
    address: SocketAddr,
    protocol: &'static str,
) -> io::Result<(Source, Sink)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut request =
        format!("ws://{address}/ws").into_client_request().map_err(io::Error::other)?;
    let header = http::HeaderValue::from_static(protocol);
    request.headers_mut().insert(http::header::SEC_WEBSOCKET_PROTOCOL, header);
    let (socket, _) = client_async(request, stream).await.map_err(io::Error::other)?;
    let (sink, source) = socket.split();
    Ok((Source::WebSocket(source), Sink::WebSocket(sink)))
}

impl Source {
    /// Returns the next frame, or `None` at the end of the connection. A frame that the end cuts
    /// off has not been received. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match self {
            Self::Lines { stream, line } => {
                let read = stream.read_until(b'\n', line).await;
                if read.is_err() || line.pop() != Some(b'\n') {
                    return None;
                }
                Some(String::from_utf8_lossy(&std::mem::take(line)).into_owned())
            }
            Self::WebSocket(stream) => loop {
                match stream.next().await {
                    Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(_) | None => return None,
                }
            },
        }
    }
}

impl Sink {
    /// Sends frames at once. A connection that is lost is noticed by the other half.
    pub(crate) async fn send(&mut self, frames: Vec<String>) {
        match self {
            Self::Lines(stream) => {
                let bytes: String = frames.into_iter().map(|frame| frame + "\n").collect();
                let _ = stream.write_all(bytes.as_bytes()).await;
            }
            Self::WebSocket(stream) => {
                for frame in frames {
                    let _ = stream.feed(Message::text(frame)).await;
                }
                let _ = stream.flush().await;
            }
        }
    }
}
