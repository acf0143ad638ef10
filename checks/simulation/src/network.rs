//! The server's end of simulated connections, with failures that a kernel causes.
//!
//! The network below loses, delays and holds segments. This module adds connections that are reset,
//! short reads and writes, and errors of `accept`.

use crate::Dice;
use crate::stream::{Links, SimulatedStream};
use chat_runtime::{Listener, PeerAddress, Plain};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use turmoil::net::{TcpListener, TcpStream};

/// All connections that the server has accepted. Clones share one state.
#[derive(Clone, Debug)]
pub struct ServerStreams(Arc<Mutex<Accepted>>);

/// The behaviour of connections in a run.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Maximum number of bytes that are in flight or unread, in each direction of a connection.
    pub window: usize,
    /// Maximum number of bytes that one write accepts.
    pub segment: usize,
    /// Maximum number of bytes that one read returns; at most 1,024.
    pub read: usize,
    /// Percentage of reads and writes that return `Pending` and wake the task at once.
    pub spurious_pending: u64,
    /// Percentage of calls of `accept` that fail.
    pub accept_fails: u64,
}

/// A listening port of the server.
pub struct SimulatedListener {
    listener: TcpListener,
    streams: ServerStreams,
}

/// A connection that the server has accepted.
#[derive(Debug)]
pub struct ServerStream {
    stream: SimulatedStream,
    client: SocketAddr,
    all: ServerStreams,
    reset_state: Arc<ResetState>,
    dice: Dice,
    behaviour: Behaviour,
    is_shut: bool,
}

#[derive(Debug)]
struct Accepted {
    behaviour: Behaviour,
    links: Links,
    dice: Dice,
    streams: Vec<(IpAddr, Arc<ResetState>)>,
    cut: Vec<SocketAddr>,
    /// The longest time for which a write to a client was blocked.
    longest_stall: Duration,
}

/// The shared state of a connection, through which a fault can reset it.
#[derive(Debug, Default)]
struct ResetState(Mutex<Wakers>);

#[derive(Debug, Default)]
struct Wakers {
    is_reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// When the current write was blocked first.
    blocked: Option<Instant>,
    /// A write has been blocked at some time.
    was_blocked: bool,
}

impl ServerStreams {
    /// Creates an empty set; its connections will behave as configured.
    pub fn new(behaviour: Behaviour, dice: Dice, links: Links) -> Self {
        let (streams, cut, longest_stall) = (Vec::new(), Vec::new(), Duration::ZERO);
        Self(Arc::new(Mutex::new(Accepted { behaviour, links, dice, streams, cut, longest_stall })))
    }

    /// Listens on a port of the current simulated host.
    ///
    /// # Errors
    ///
    /// If the port is in use.
    pub async fn listen(&self, port: u16) -> io::Result<SimulatedListener> {
        let listener = TcpListener::bind(("0.0.0.0", port)).await?;
        Ok(SimulatedListener { listener, streams: self.clone() })
    }

    /// Resets all current connections with a client, as a kernel does after too many
    /// retransmissions.
    pub fn reset(&self, client: IpAddr) {
        let mut doomed = Vec::new();
        self.lock().streams.retain(|(address, reset_state)| {
            if *address == client {
                doomed.push(reset_state.clone());
            }
            *address != client
        });
        doomed.iter().for_each(|reset_state| reset_state.reset());
    }

    /// Returns the longest time for which a write to a client was blocked.
    pub fn longest_stall(&self) -> Duration {
        self.lock().longest_stall
    }

    /// Returns true if the server has dropped the connection with this client without sending a
    /// FIN, after a write to the client was blocked: the server's write timeout had expired.
    pub fn was_cut(&self, client: SocketAddr) -> bool {
        self.lock().cut.contains(&client)
    }

    /// Returns an error instead of a connection, at random.
    fn accept_error(&self) -> Option<io::Error> {
        let mut accepted = self.lock();
        let chance = accepted.behaviour.accept_fails;
        if !accepted.dice.percent(chance) {
            return None;
        }
        let of_one_connection = accepted.dice.percent(50);
        Some(if of_one_connection {
            io::ErrorKind::ConnectionAborted.into()
        } else {
            io::Error::other("too many open files")
        })
    }

    fn add(&self, stream: TcpStream, client: SocketAddr) -> ServerStream {
        let mut accepted = self.lock();
        let reset_state = Arc::new(ResetState::default());
        accepted.streams.push((client.ip(), reset_state.clone()));
        let (behaviour, dice) = (accepted.behaviour, accepted.dice.fork());
        let stream = accepted.links.accepted(stream, client);
        ServerStream {
            stream,
            client,
            all: self.clone(),
            reset_state,
            dice,
            behaviour,
            is_shut: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Accepted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for SimulatedListener {
    type Incoming = Plain<ServerStream>;
    type LocalAddress = SocketAddr;

    async fn accept(&mut self) -> io::Result<(Plain<ServerStream>, PeerAddress)> {
        let (stream, address) = self.listener.accept().await?;
        match self.streams.accept_error() {
            Some(error) => Err(error),
            None => Ok((Plain(self.streams.add(stream, address)), address.into())),
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl ServerStream {
    /// Ends the measurement of a blocked write: the client has accepted bytes, or the server has
    /// given up.
    fn end_stall(&self) {
        let blocked = self.reset_state.lock().blocked.take();
        if let Some(since) = blocked {
            let mut all = self.all.lock();
            all.longest_stall = all.longest_stall.max(since.elapsed());
        }
    }

    fn is_spuriously_pending(&mut self, context: &Context<'_>) -> bool {
        let is_spuriously_pending = self.dice.percent(self.behaviour.spurious_pending);
        if is_spuriously_pending {
            context.waker().wake_by_ref();
        }
        is_spuriously_pending
    }
}

impl Drop for ServerStream {
    fn drop(&mut self) {
        self.end_stall();
        if self.reset_state.lock().was_blocked && !self.is_shut {
            self.all.lock().cut.push(self.client);
        }
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.reset_state.is_reset(|wakers| wakers.reader = Some(context.waker().clone())) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.is_spuriously_pending(context) {
            return Poll::Pending;
        }
        let mut room = [0; MOST_READ];
        let length = self.behaviour.read.min(MOST_READ).min(buffer.remaining());
        let mut part = ReadBuf::new(&mut room[..length]);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut part);
        buffer.put_slice(part.filled());
        polled
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.reset_state.is_reset(|wakers| wakers.writer = Some(context.waker().clone())) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.is_spuriously_pending(context) {
            return Poll::Pending;
        }
        let segment = bytes.len().min(self.behaviour.segment);
        let polled = Pin::new(&mut self.stream).poll_write(context, &bytes[..segment]);
        if polled.is_ready() {
            self.end_stall();
        } else {
            let mut reset_state = self.reset_state.lock();
            reset_state.blocked.get_or_insert_with(Instant::now);
            reset_state.was_blocked = true;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset_state.is_reset(|_| {}) {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        }
        // A real socket may be shut down twice.
        if std::mem::replace(&mut self.is_shut, true) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl ResetState {
    fn reset(&self) {
        let mut wakers = self.lock();
        wakers.is_reset = true;
        let waiting = wakers.reader.take().into_iter().chain(wakers.writer.take());
        waiting.for_each(Waker::wake);
    }

    /// Returns whether the connection has been reset; if not, `note` stores a waker.
    fn is_reset(&self, note: impl FnOnce(&mut Wakers)) -> bool {
        let mut wakers = self.lock();
        if !wakers.is_reset {
            note(&mut wakers);
        }
        wakers.is_reset
    }

    fn lock(&self) -> MutexGuard<'_, Wakers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Maximum number of bytes that one read returns; the buffer is on the reading task's stack.
const MOST_READ: usize = 1_024;
