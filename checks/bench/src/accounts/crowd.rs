//! Many clients with JSON over TCP, in one thread.

use crate::generator::Error;
use crate::stop;
use memchr::memchr;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// One client: the requests that it sends, and what it reads from the answers.
pub(super) trait Client {
    /// Returns the first request.
    fn begin(&mut self) -> Value;

    /// Reads a message from the server.
    ///
    /// # Errors
    ///
    /// If it is not what the client needs.
    fn read(&mut self, kind: &str, message: &Value) -> Result<Next, Unexpected>;
}

/// The next step of a client.
pub(super) enum Next {
    /// It waits for the next message.
    Wait,
    /// It sends these requests.
    Send(Vec<Value>),
    /// It has all that it came for.
    Done,
}

/// A message that a client cannot use.
pub(super) struct Unexpected;

/// The figures of a run.
pub(super) struct Run<C> {
    /// The clients in the order in which they were given.
    pub(super) clients: Vec<C>,
    /// From the first connection to the last answer.
    pub(super) time: Duration,
    /// The connections, if they stay open.
    pub(super) connections: Vec<TcpStream>,
}

/// Connects the clients, at most `at_once` at the same time, and lets all of them finish. With
/// `stays`, their connections stay open.
pub(super) fn run<C: Client>(
    address: SocketAddr,
    clients: Vec<C>,
    at_once: usize,
    stays: bool,
) -> Result<Run<C>, Error> {
    Crowd::new(address, clients, stays)?.finish(at_once)
}

/// Connects the clients, which send nothing yet. Their connections stay open.
pub(super) fn connect<C: Client>(address: SocketAddr, clients: Vec<C>) -> Result<Crowd<C>, Error> {
    let mut crowd = Crowd::new(address, clients, true)?;
    while !crowd.waiting.is_empty() {
        crowd.connect()?;
    }
    Ok(crowd)
}

/// Clients, of which some are connected.
pub(super) struct Crowd<C> {
    address: SocketAddr,
    epoll: OwnedFd,
    buffer: Vec<u8>,
    /// Those that have not connected yet.
    waiting: VecDeque<Member<C>>,
    members: Vec<Member<C>>,
    /// The number of members that have sent their first request.
    begun: usize,
    /// The number of those that have not finished.
    running: usize,
    stays: bool,
}

struct Member<C> {
    client: C,
    stream: Option<TcpStream>,
    /// The beginning of a line.
    received: Vec<u8>,
    is_done: bool,
}

impl<C: Client> Member<C> {
    fn new(client: C) -> Self {
        Self { client, stream: None, received: Vec::new(), is_done: false }
    }

    /// Reads all that has arrived. Returns true once the client has finished.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Result<bool, String>> {
        let Some(stream) = &mut self.stream else { return Ok(Ok(false)) };
        loop {
            match stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let mut begin = 0;
        while let Some(end) = memchr(b'\n', &self.received[begin..]) {
            let line = &self.received[begin..begin + end];
            begin += end + 1;
            if self.is_done {
                continue;
            }
            let unexpected = || Ok(Err(String::from_utf8_lossy(line).into_owned()));
            let Ok(message) = serde_json::from_slice::<Value>(line) else { return unexpected() };
            let kind = message["type"].as_str().unwrap_or_default();
            match self.client.read(kind, &message) {
                Ok(Next::Wait) => {}
                Ok(Next::Send(requests)) => send(stream, &requests)?,
                Ok(Next::Done) => self.is_done = true,
                Err(Unexpected) => return unexpected(),
            }
        }
        self.received.drain(..begin);
        Ok(Ok(self.is_done))
    }
}

impl<C: Client> Crowd<C> {
    fn new(address: SocketAddr, clients: Vec<C>, stays: bool) -> Result<Self, Error> {
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(|error| Error::Epoll(error.into()))?;
        Ok(Self {
            address,
            epoll,
            buffer: vec![0; BUFFER],
            members: Vec::with_capacity(clients.len()),
            waiting: clients.into_iter().map(Member::new).collect(),
            begun: 0,
            running: 0,
            stays,
        })
    }

    /// Lets all clients begin, at most `at_once` at the same time, and finish.
    pub(super) fn finish(mut self, at_once: usize) -> Result<Run<C>, Error> {
        let count = self.members.len() + self.waiting.len();
        let begun = Instant::now();
        let mut last = (0, begun);
        let mut events = Vec::with_capacity(EVENTS);
        loop {
            while self.running < at_once && self.begun < count {
                if self.begun == self.members.len() {
                    self.connect()?;
                }
                self.begin()?;
            }
            if self.running == 0 {
                break;
            }
            self.poll(&mut events)?;
            let done = self.begun - self.running;
            if done > last.0 {
                last = (done, Instant::now());
            } else if last.1.elapsed() > PATIENCE {
                return Err(Error::Waiting { what: "have finished", arrived: done, of: count });
            }
        }
        let time = begun.elapsed();
        let (mut clients, mut connections) = (Vec::with_capacity(count), Vec::new());
        for member in self.members {
            clients.push(member.client);
            connections.extend(member.stream);
        }
        Ok(Run { clients, time, connections })
    }

    /// Connects the next client.
    fn connect(&mut self) -> Result<(), Error> {
        let Some(mut member) = self.waiting.pop_front() else { return Ok(()) };
        let index = self.members.len();
        let failed = |error| Error::Connect { address: self.address, error };
        let stream = TcpStream::connect(self.address).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        let flags = EventFlags::IN | EventFlags::ET;
        epoll::add(&self.epoll, &stream, EventData::new_u64(index as u64), flags)
            .map_err(|error| Error::Epoll(error.into()))?;
        member.stream = Some(stream);
        self.members.push(member);
        Ok(())
    }

    /// Sends the first request of the next client.
    fn begin(&mut self) -> Result<(), Error> {
        let index = self.begun;
        let Some(member) = self.members.get_mut(index) else { return Ok(()) };
        let request = member.client.begin();
        if let Some(stream) = &mut member.stream {
            // It is short, and the send buffer of a new socket is empty.
            send(stream, &[request]).map_err(|error| Error::Socket { member: index, error })?;
        }
        self.begun += 1;
        self.running += 1;
        Ok(())
    }

    fn poll(&mut self, events: &mut Vec<epoll::Event>) -> Result<(), Error> {
        if stop::requested() {
            return Err(Error::Stopped);
        }
        let timeout = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(events), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Epoll(error.into())),
        }
        for event in events {
            let data = event.data;
            let index = data.u64() as usize;
            let member = &mut self.members[index];
            let was_done = member.is_done;
            let is_done = match member.read(&mut self.buffer) {
                Ok(Ok(is_done)) => is_done,
                Ok(Err(said)) => return Err(Error::Unexpected { member: index, said }),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Err(Error::Closed { member: index });
                }
                Err(error) => return Err(Error::Socket { member: index, error }),
            };
            if is_done && !was_done {
                self.running -= 1;
                if !self.stays {
                    member.stream = None;
                }
            }
        }
        Ok(())
    }
}

/// Sends requests in one piece.
fn send(stream: &mut TcpStream, requests: &[Value]) -> io::Result<()> {
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    stream.write_all(lines.as_bytes())
}

/// The most events that are read at once.
const EVENTS: usize = 1_024;

/// The size of the buffer for reading, in bytes.
const BUFFER: usize = 64 * 1024;

/// The time after which a run fails if nobody finishes. A thousand passwords may wait before one.
const PATIENCE: Duration = Duration::from_secs(30);
