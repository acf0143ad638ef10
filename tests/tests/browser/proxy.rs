//! A proxy between a browser and a server, which counts the traffic and can break connections.

use chat_tests::ANY_PORT;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A proxy that forwards all bytes unchanged.
pub(crate) struct Proxy {
    address: SocketAddr,
    traffic: Arc<Mutex<Traffic>>,
    connections: Arc<Mutex<JoinSet<()>>>,
    accepting: tokio::task::JoinHandle<()>,
}

/// The traffic through a proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// The first line of each HTTP request.
    pub(crate) requests: Vec<String>,
    /// The objects that were sent over WebSockets to the server.
    pub(crate) frames: Vec<Value>,
    /// Bytes from the server to the browser, with all headers.
    pub(crate) bytes: usize,
}

impl Proxy {
    /// Starts a proxy in front of a server.
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
        let address = listener.local_addr().expect("a port");
        let traffic = Arc::new(Mutex::new(Traffic::default()));
        let connections = Arc::new(Mutex::new(JoinSet::new()));
        let (counted, open) = (Arc::clone(&traffic), Arc::clone(&connections));
        let accepting = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let carried = carry(browser, server, Arc::clone(&counted));
                open.lock().expect("no holder panics").spawn(carried);
            }
        });
        Self { address, traffic, connections, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns the traffic since the last call.
    pub(crate) fn take(&self) -> Traffic {
        std::mem::take(&mut *self.traffic.lock().expect("no holder panics"))
    }

    /// Breaks all connections. New ones are possible at once.
    pub(crate) fn cut(&self) {
        self.connections.lock().expect("no holder panics").abort_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(browser: TcpStream, server: SocketAddr, traffic: Arc<Mutex<Traffic>>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    for socket in [&browser, &server] {
        socket.set_nodelay(true).expect("an open socket");
    }
    let (from_browser, to_browser) = browser.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = up(from_browser, to_server, &traffic) => {}
        () = down(from_server, to_browser, &traffic) => {}
    }
}

async fn up(mut browser: OwnedReadHalf, mut server: OwnedWriteHalf, traffic: &Mutex<Traffic>) {
    let (mut buffer, mut unread, mut is_web_socket) = ([0; 4_096], Vec::new(), false);
    while let Ok(length @ 1..) = browser.read(&mut buffer).await {
        unread.extend_from_slice(&buffer[..length]);
        {
            let mut traffic = traffic.lock().expect("no holder panics");
            while !is_web_socket && let Some(head) = take_head(&mut unread) {
                is_web_socket = head.to_ascii_lowercase().contains("upgrade: websocket");
                traffic.requests.push(head.lines().next().unwrap_or_default().to_owned());
            }
            while is_web_socket && let Some(text) = take_frame(&mut unread) {
                traffic.frames.extend(serde_json::from_slice::<Value>(&text));
            }
        }
        if server.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn down(mut server: OwnedReadHalf, mut browser: OwnedWriteHalf, traffic: &Mutex<Traffic>) {
    let mut buffer = [0; 16_384];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        traffic.lock().expect("no holder panics").bytes += length;
        if browser.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Takes the head of a request without a body, if it is complete.
fn take_head(unread: &mut Vec<u8>) -> Option<String> {
    let end = unread.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head: Vec<u8> = unread.drain(..end).collect();
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// Takes the payload of a masked frame (RFC 6455 §5.2), if it is complete.
fn take_frame(unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    let (length, at) = match unread.get(1)? & 0x7f {
        126 => (usize::from(u16::from_be_bytes(unread.get(2..4)?.try_into().ok()?)), 4),
        127 => panic!("no page sends so long a frame"),
        short => (usize::from(short), 2),
    };
    let mask: [u8; 4] = unread.get(at..at + 4)?.try_into().ok()?;
    let end = at + 4 + length;
    if unread.len() < end {
        return None;
    }
    let frame: Vec<u8> = unread.drain(..end).skip(at + 4).collect();
    Some(frame.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect())
}
