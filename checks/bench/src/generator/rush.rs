//! A rush: many connect as fast as they can, without waiting for one another.

use super::member::nickname;
use super::{EVENTS, Error, PATIENCE, TICK};
use crate::protocol::Protocol;
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

/// How long those waited who came at once, in nanoseconds from when they began to connect.
pub(crate) struct Rush {
    /// Until they were connected.
    pub(crate) established: Histogram<u64>,
    /// Until the server had said something to them.
    pub(crate) served: Histogram<u64>,
}

/// Lets so many connect. Whoever is connected sends what comes first in the protocol, and reads
/// what it is sent until all others have been sent something as well.
pub(crate) fn rush(
    protocol: &dyn Protocol,
    address: SocketAddr,
    connections: usize,
) -> Result<Rush, Error> {
    let mut crowd = Crowd::new(protocol, address, connections)?;
    for index in 0..connections {
        crowd.connect(index)?;
        // Who looks only after the last one would see the first one late.
        if index % LOOK == LOOK - 1 {
            crowd.look(Duration::ZERO)?;
        }
    }
    let mut last = (crowd.rush.served.len(), Instant::now());
    while crowd.rush.served.len() < connections as u64 {
        crowd.look(TICK)?;
        let served = crowd.rush.served.len();
        if served > last.0 {
            last = (served, Instant::now());
        } else if last.1.elapsed() > PATIENCE {
            let (what, arrived) = ("were sent something", served as usize);
            return Err(Error::Waiting { what, arrived, of: connections });
        }
    }
    Ok(crowd.rush)
}

/// Those who come.
struct Crowd<'a> {
    protocol: &'a dyn Protocol,
    address: SocketAddr,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    comers: Vec<Comer>,
    rush: Rush,
}

/// One of them.
struct Comer {
    stream: TcpStream,
    begun: Instant,
    /// What it sends once it is connected.
    hello: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Established,
    Served,
}

impl<'a> Crowd<'a> {
    fn new(
        protocol: &'a dyn Protocol,
        address: SocketAddr,
        connections: usize,
    ) -> Result<Self, Error> {
        let histogram = || Histogram::new(3).expect("three digits are not too many");
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(|error| Error::Epoll(error.into()))?;
        Ok(Self {
            protocol,
            address,
            epoll,
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; 16 * 1024],
            comers: Vec::with_capacity(connections),
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
        self.comers.push(Comer { stream, begun, hello, state: State::Connecting });
        Ok(())
    }

    /// Sees to all about whom there is something new, or waits so long that there is.
    fn look(&mut self, time: Duration) -> Result<(), Error> {
        if stop::asked() {
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
            self.see_to(data.u64() as usize, flags)?;
        }
        self.events = events;
        Ok(())
    }

    fn see_to(&mut self, index: usize, flags: EventFlags) -> Result<(), Error> {
        let failed = |error| Error::Socket { member: index, error };
        let comer = &mut self.comers[index];
        if flags.contains(EventFlags::ERR)
            && let Some(error) = comer.stream.take_error().map_err(failed)?
        {
            return Err(failed(error));
        }
        if comer.state == State::Connecting && flags.contains(EventFlags::OUT) {
            comer.state = State::Established;
            note(&mut self.rush.established, comer.begun);
            // It is short, and nothing else is in a new socket.
            comer.stream.write_all(&comer.hello).map_err(failed)?;
        }
        if !flags.contains(EventFlags::IN) {
            return Ok(());
        }
        loop {
            match comer.stream.read(&mut self.buffer) {
                Ok(0) => return Err(Error::Closed { member: index }),
                Ok(_) if comer.state == State::Served => {}
                Ok(_) => {
                    comer.state = State::Served;
                    note(&mut self.rush.served, comer.begun);
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

/// After so many there is a look whether anybody is connected.
const LOOK: usize = 32;
