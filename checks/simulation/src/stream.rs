//! One end of a simulated connection, with a receive window that is counted in bytes.
//!
//! turmoil 0.7 counts segments, and its FIN needs a free place in the receiver's queue: if there is
//! none, the FIN waits until the next segment arrives, and after a FIN no segment arrives. Here no
//! more bytes than the window are in flight or unread, and turmoil's own queue has room for one
//! segment more than the window has bytes. So that queue is never full, and each FIN arrives.
//!
//! turmoil can hold back both directions of a link, but in a single direction it can only lose
//! segments. TCP retransmits lost segments, so that an outage in one direction is a delay;
//! [`Links::hold`] adds that.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::TcpStream;

/// The connections between the server and its clients, by the client's address. Clones share them.
#[derive(Clone, Debug)]
pub struct Links(Arc<Mutex<Table>>);

#[derive(Debug)]
struct Table {
    window: usize,
    /// An ephemeral port is not used twice in a run, so that entries need not be removed.
    links: BTreeMap<SocketAddr, Arc<Link>>,
    /// The direction that is held back for all connections of a client.
    held: BTreeMap<IpAddr, Direction>,
}

/// One end of a simulated connection.
#[derive(Debug)]
pub struct SimulatedStream {
    stream: TcpStream,
    link: Arc<Link>,
    /// The direction in which bytes reach this end.
    incoming: Direction,
}

/// A direction in which bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a client to the server.
    ToServer,
    /// From the server to a client.
    ToClient,
}

/// State that both ends of a connection share.
#[derive(Debug)]
struct Link {
    window: usize,
    flows: Mutex<Flows>,
}

#[derive(Debug, Default)]
struct Flows {
    to_server: Flow,
    to_client: Flow,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Flow {
    /// The number of bytes that have been sent.
    sent: usize,
    /// The number of bytes that the receiver has read.
    read: usize,
    /// The number of read bytes that have been acknowledged to the sender.
    acknowledged: usize,
    /// Segments are held back at present.
    is_held: bool,
    /// The connection is reset: writes ignore the window and fail at once.
    is_reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Links {
    /// Creates an empty table. Each connection will have a receive window of `window` bytes in each
    /// direction.
    pub fn new(window: usize) -> Self {
        let (links, held) = (BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(Table { window, links, held })))
    }

    /// Returns the capacity of turmoil's queues in segments (`Builder::tcp_capacity`): one for each
    /// byte of the window, and one for the FIN.
    pub fn capacity(window: usize) -> usize {
        window + 1
    }

    /// Connects a client to a port of the server.
    ///
    /// # Errors
    ///
    /// If nothing listens on the port.
    pub async fn connect(&self, server: &str, port: u16) -> io::Result<SimulatedStream> {
        let stream = TcpStream::connect((server, port)).await?;
        let link = self.link(stream.local_addr()?);
        Ok(SimulatedStream { stream, link, incoming: Direction::ToClient })
    }

    /// Wraps the server's end of a connection that it has accepted.
    pub fn accepted(&self, stream: TcpStream, client: SocketAddr) -> SimulatedStream {
        SimulatedStream { stream, link: self.link(client), incoming: Direction::ToServer }
    }

    /// Holds back segments in one direction, like an outage during which TCP retransmits.
    /// Acknowledgements of the other direction are held back too. Connections that the client makes
    /// meanwhile are held from their first byte.
    pub fn hold(&self, client: IpAddr, direction: Direction) {
        let mut table = self.lock();
        table.held.insert(client, direction);
        table.of(client).for_each(|link| link.lock().of(direction).is_held = true);
    }

    /// Delivers everything that is held back between the server and a client.
    pub fn release(&self, client: IpAddr) {
        let mut table = self.lock();
        table.held.remove(&client);
        table.of(client).for_each(|link| link.release());
    }

    /// Either end may be the first to ask for the link.
    fn link(&self, client: SocketAddr) -> Arc<Link> {
        let mut table = self.lock();
        let (window, held) = (table.window, table.held.get(&client.ip()).copied());
        let link = table.links.entry(client).or_insert_with(|| {
            let mut flows = Flows::default();
            if let Some(direction) = held {
                flows.of(direction).is_held = true;
            }
            Arc::new(Link { window, flows: Mutex::new(flows) })
        });
        link.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimulatedStream {
    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Never in a simulation.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }
}

impl AsyncRead for SimulatedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, link, incoming } = &mut *self;
        if !link.arrives(*incoming, context) {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let result = ready!(Pin::new(stream).poll_read(context, buffer));
        match result {
            Ok(()) => link.acknowledge(*incoming, buffer.filled().len() - before),
            Err(_) => link.reset(incoming.reverse()),
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for SimulatedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, link, incoming } = &mut *self;
        let outgoing = incoming.reverse();
        let room = ready!(link.poll_room(outgoing, context));
        let length = bytes.len().min(room);
        let result = ready!(Pin::new(stream).poll_write(context, &bytes[..length]));
        if let Ok(count) = result {
            link.lock().of(outgoing).sent += count;
        }
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Direction {
    fn reverse(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

impl Table {
    fn of(&self, client: IpAddr) -> impl Iterator<Item = &Arc<Link>> {
        self.links.iter().filter(move |(address, _)| address.ip() == client).map(|(_, link)| link)
    }
}

impl Link {
    /// Returns whether segments arrive at present; if not, stores the waker of the reader.
    fn arrives(&self, direction: Direction, context: &Context<'_>) -> bool {
        let mut flows = self.lock();
        let flow = flows.of(direction);
        if flow.is_held {
            flow.reader = Some(context.waker().clone());
        }
        !flow.is_held
    }

    /// Returns the number of bytes that may be sent in this direction.
    fn poll_room(&self, direction: Direction, context: &Context<'_>) -> Poll<usize> {
        let mut flows = self.lock();
        let flow = flows.of(direction);
        let room = self.window - (flow.sent - flow.acknowledged);
        if flow.is_reset {
            // turmoil fails a write of any length.
            return Poll::Ready(1);
        }
        if room == 0 {
            flow.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(room)
    }

    /// Notes that `count` bytes have been read, so that as many more may be sent.
    fn acknowledge(&self, direction: Direction, count: usize) {
        let mut flows = self.lock();
        flows.of(direction).read += count;
        // Acknowledgements travel in the opposite direction.
        if !flows.of(direction.reverse()).is_held {
            flows.of(direction).open();
        }
    }

    fn reset(&self, direction: Direction) {
        let mut flows = self.lock();
        let flow = flows.of(direction);
        flow.is_reset = true;
        flow.writer.take().into_iter().for_each(Waker::wake);
    }

    fn release(&self) {
        let mut flows = self.lock();
        for direction in [Direction::ToServer, Direction::ToClient] {
            let flow = flows.of(direction);
            flow.is_held = false;
            flow.reader.take().into_iter().for_each(Waker::wake);
            flow.open();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Flows> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flows {
    fn of(&mut self, direction: Direction) -> &mut Flow {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

impl Flow {
    /// Acknowledges to the sender what has been read, and wakes it.
    fn open(&mut self) {
        self.acknowledged = self.read;
        self.writer.take().into_iter().for_each(Waker::wake);
    }
}
