//! The server's end of simulated connections, with what kernels do to them.
//!
//! The network below loses, delays and holds segments. What it does not have is added here:
//! connections that are reset, reads and writes that do less than they could, and errors of
//! `accept`.

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

/// All connections that the server has accepted. Cloning shares.
#[derive(Clone, Debug)]
pub struct Wires(Arc<Mutex<Accepted>>);

/// How connections behave in a run.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Most bytes that are on their way or unread, in each direction of a connection.
    pub window: usize,
    /// Most bytes that one write takes.
    pub segment: usize,
    /// Most bytes that one read gives; at most 1,024.
    pub read: usize,
    /// How many of a hundred reads and writes are told to come again although they could go on.
    pub stutter: u64,
    /// How many of a hundred attempts to accept a connection fail.
    pub accept_fails: u64,
}

/// A port of the server's.
pub struct SimulatedListener {
    listener: TcpListener,
    wires: Wires,
}

/// A connection that the server has accepted.
#[derive(Debug)]
pub struct Wire {
    stream: SimulatedStream,
    client: SocketAddr,
    all: Wires,
    fate: Arc<Fate>,
    dice: Dice,
    habits: Habits,
    is_shut: bool,
}

#[derive(Debug)]
struct Accepted {
    habits: Habits,
    links: Links,
    dice: Dice,
    wires: Vec<(IpAddr, Arc<Fate>)>,
    cut: Vec<SocketAddr>,
    /// The longest time in which a client took nothing although the server had something for it.
    longest_stall: Duration,
}

/// What is to become of a connection.
#[derive(Debug, Default)]
struct Fate(Mutex<Wakers>);

#[derive(Debug, Default)]
struct Wakers {
    is_reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Since when it cannot be written.
    blocked: Option<Instant>,
    /// At some time it could not be written.
    was_blocked: bool,
}

impl Wires {
    /// Connections with these habits.
    pub fn new(habits: Habits, dice: Dice, links: Links) -> Self {
        let (wires, cut, longest_stall) = (Vec::new(), Vec::new(), Duration::ZERO);
        Self(Arc::new(Mutex::new(Accepted { habits, links, dice, wires, cut, longest_stall })))
    }

    /// Listens on a port of the host that is running.
    ///
    /// # Errors
    ///
    /// If the port is in use.
    pub async fn listen(&self, port: u16) -> io::Result<SimulatedListener> {
        let listener = TcpListener::bind(("0.0.0.0", port)).await?;
        Ok(SimulatedListener { listener, wires: self.clone() })
    }

    /// Resets all connections with a client that the server has now, as a kernel does that has had
    /// no answer from it for too long.
    pub fn reset(&self, client: IpAddr) {
        let mut doomed = Vec::new();
        self.lock().wires.retain(|(address, fate)| {
            if *address == client {
                doomed.push(fate.clone());
            }
            *address != client
        });
        doomed.iter().for_each(|fate| fate.reset());
    }

    /// The longest time for which the server has waited in vain to write something to a client.
    pub fn longest_stall(&self) -> Duration {
        self.lock().longest_stall
    }

    /// Whether the server has dropped the connection with this client without a FIN of its own,
    /// after the client was slow to take what it was sent: the server had waited for as long as it
    /// may.
    pub fn was_cut(&self, client: SocketAddr) -> bool {
        self.lock().cut.contains(&client)
    }

    /// An error instead of a connection, now and then.
    fn accident(&self) -> Option<io::Error> {
        let mut accepted = self.lock();
        let chance = accepted.habits.accept_fails;
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

    fn add(&self, stream: TcpStream, client: SocketAddr) -> Wire {
        let mut accepted = self.lock();
        let fate = Arc::new(Fate::default());
        accepted.wires.push((client.ip(), fate.clone()));
        let (habits, dice) = (accepted.habits, accepted.dice.fork());
        let stream = accepted.links.accepted(stream, client);
        Wire { stream, client, all: self.clone(), fate, dice, habits, is_shut: false }
    }

    fn lock(&self) -> MutexGuard<'_, Accepted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for SimulatedListener {
    type Incoming = Plain<Wire>;
    type LocalAddress = SocketAddr;

    async fn accept(&mut self) -> io::Result<(Plain<Wire>, PeerAddress)> {
        let (stream, address) = self.listener.accept().await?;
        match self.wires.accident() {
            Some(error) => Err(error),
            None => Ok((Plain(self.wires.add(stream, address)), address.into())),
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Wire {
    /// The client has taken something, or the server waits no longer.
    fn end_stall(&self) {
        let blocked = self.fate.lock().blocked.take();
        if let Some(since) = blocked {
            let mut all = self.all.lock();
            all.longest_stall = all.longest_stall.max(since.elapsed());
        }
    }

    fn stutters(&mut self, context: &Context<'_>) -> bool {
        let stutters = self.dice.percent(self.habits.stutter);
        if stutters {
            context.waker().wake_by_ref();
        }
        stutters
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.end_stall();
        if self.fate.lock().was_blocked && !self.is_shut {
            self.all.lock().cut.push(self.client);
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.fate.is_reset(|wakers| wakers.reader = Some(context.waker().clone())) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.stutters(context) {
            return Poll::Pending;
        }
        let mut room = [0; MOST_READ];
        let length = self.habits.read.min(MOST_READ).min(buffer.remaining());
        let mut part = ReadBuf::new(&mut room[..length]);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut part);
        buffer.put_slice(part.filled());
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.fate.is_reset(|wakers| wakers.writer = Some(context.waker().clone())) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.stutters(context) {
            return Poll::Pending;
        }
        let segment = bytes.len().min(self.habits.segment);
        let polled = Pin::new(&mut self.stream).poll_write(context, &bytes[..segment]);
        if polled.is_ready() {
            self.end_stall();
        } else {
            let mut fate = self.fate.lock();
            fate.blocked.get_or_insert_with(Instant::now);
            fate.was_blocked = true;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.fate.is_reset(|_| {}) {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        }
        // A real socket may be shut down twice.
        if std::mem::replace(&mut self.is_shut, true) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Fate {
    fn reset(&self) {
        let mut wakers = self.lock();
        wakers.is_reset = true;
        let waiting = wakers.reader.take().into_iter().chain(wakers.writer.take());
        waiting.for_each(Waker::wake);
    }

    /// Whether the connection has been reset; if not, `note` leaves a waker.
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

/// Most bytes that one read gives. Small, for it is on the stack of whoever reads.
const MOST_READ: usize = 1_024;
