//! A rush: many clients connect as fast as possible, without waiting for one another.

use super::member::nickname;
use super::{EVENTS, Error, TICK, TIMEOUT};
use crate::protocol::{Endpoint, Protocol};
use crate::stop;
use hdrhistogram::Histogram;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// The times that the clients of a rush waited, in nanoseconds since they began to connect.
pub(crate) struct Rush {
    /// Until they were connected.
    pub(crate) established: Histogram<u64>,
    /// Until they had received something from the server.
    pub(crate) served: Histogram<u64>,
}

/// Connects clients. Each sends the first step of the protocol once it is connected, and reads
/// until all have received something.
pub(crate) fn rush(endpoint: Endpoint, connections: usize) -> Result<Rush, Error> {
    let mut crowd = Crowd::new(endpoint, connections)?;
    for index in 0..connections {
        crowd.connect(index)?;
        // Polling only after the last connect would see the first events late.
        if index % POLL_EVERY == POLL_EVERY - 1 {
            crowd.poll(Duration::ZERO)?;
        }
    }
    let mut last = (crowd.rush.served.len(), Instant::now());
    while crowd.rush.served.len() < connections as u64 {
        crowd.poll(TICK)?;
        let served = crowd.rush.served.len();
        if served > last.0 {
            last = (served, Instant::now());
        } else if last.1.elapsed() > TIMEOUT {
            let (what, arrived) = ("were sent something", served as usize);
            return Err(Error::Waiting { what, arrived, of: connections });
        }
    }
    Ok(crowd.rush)
}

/// The clients of a rush.
struct Crowd {
    protocol: &'static dyn Protocol,
    address: SocketAddr,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    rush: Rush,
}

/// One client of a rush.
struct Client {
    stream: TcpStream,
    begun: Instant,
    /// The bytes that it sends once it is connected.
    hello: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Established,
    Served,
}

impl Crowd {
    fn new(endpoint: Endpoint, connections: usize) -> Result<Self, Error> {
        let Endpoint { protocol, address } = endpoint;
        let histogram = || Histogram::new(3).expect("three digits are not too many");
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(|error| Error::Epoll(error.into()))?;
        Ok(Self {
            protocol,
            address,
            epoll,
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; 16 * 1024],
            clients: Vec::with_capacity(connections),
            rush: Rush { established: histogram(), served: histogram() },
        })
    }

    fn connect(&mut self, index: usize) -> Result<(), Error> {
        let nickname = nickname(index);
        let mut steps = self.protocol.enter(&nickname);
        steps.push(self.protocol.join("lobby", &nickname));
        let hello = steps.swap_remove(0).send;
        let failed = |error: Errno| Error::Connect { address: self.address, error: error.into() };
        let family = match self.address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None).map_err(failed)?;
        let begun = Instant::now();
        match connect(&socket, &self.address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(failed(error)),
        }
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
        epoll::add(&self.epoll, &socket, EventData::new_u64(index as u64), flags)
            .map_err(|error| Error::Epoll(error.into()))?;
        let stream = TcpStream::from(socket);
        self.clients.push(Client { stream, begun, hello, state: State::Connecting });
        Ok(())
    }

    /// Handles the events of clients; waits for at most `time` if there are none.
    fn poll(&mut self, time: Duration) -> Result<(), Error> {
        if stop::requested() {
            return Err(Error::Stopped);
        }
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Epoll(error.into())),
        }
        for event in &events {
            let (data, flags) = (event.data, event.flags);
            self.handle(data.u64() as usize, flags)?;
        }
        self.events = events;
        Ok(())
    }

    fn handle(&mut self, index: usize, flags: EventFlags) -> Result<(), Error> {
        let failed = |error| Error::Socket { member: index, error };
        let client = &mut self.clients[index];
        if flags.contains(EventFlags::ERR)
            && let Some(error) = client.stream.take_error().map_err(failed)?
        {
            return Err(failed(error));
        }
        if client.state == State::Connecting && flags.contains(EventFlags::OUT) {
            client.state = State::Established;
            note(&mut self.rush.established, client.begun);
            // It is short, and the send buffer of a new socket is empty.
            client.stream.write_all(&client.hello).map_err(failed)?;
        }
        if !flags.contains(EventFlags::IN) {
            return Ok(());
        }
        loop {
            match client.stream.read(&mut self.buffer) {
                Ok(0) => return Err(Error::Closed { member: index }),
                Ok(_) if client.state == State::Served => {}
                Ok(_) => {
                    client.state = State::Served;
                    note(&mut self.rush.served, client.begun);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
}

fn note(histogram: &mut Histogram<u64>, begun: Instant) {
    histogram.record(begun.elapsed().as_nanos() as u64).expect("it resizes");
}

/// Events are polled after this many connects.
const POLL_EVERY: usize = 32;
