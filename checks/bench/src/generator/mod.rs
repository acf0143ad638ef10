//! The load generator: many clients on one thread.
//!
//! It waits for all sockets with one epoll, reads with a large buffer, and checks deliveries with
//! [`check`]. A sender sends its next message when all members have received one of its
//! messages in flight.

mod check;
mod churn;
mod joining;
mod mark;
mod member;
mod room;
mod rush;
mod visits;

pub(crate) use check::Fault;
pub(crate) use mark::Mark;
pub(crate) use room::Rooms;
pub(crate) use rush::rush;

use crate::protocol::{Endpoint, Frame, Step};
use crate::stop;
use hdrhistogram::Histogram;
use member::{Member, nickname};
use room::Room;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use visits::Visits;

/// The error of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("member {member}: {fault}")]
    Fault { member: usize, fault: Fault },
    #[error("member {member}: the server closed the connection")]
    Closed { member: usize },
    #[error("member {member}: {error}")]
    Socket { member: usize, error: io::Error },
    #[error("cannot connect to {address}: {error}")]
    Connect { address: SocketAddr, error: io::Error },
    #[error("after {TIMEOUT:?}, {arrived} of {of} members {what}")]
    Waiting { what: &'static str, arrived: usize, of: usize },
    #[error("{missing} deliveries of {outstanding} are missing: none arrived within {TIMEOUT:?}")]
    Missing { missing: u64, outstanding: u64 },
    #[error("member {member}: the server has said {said}")]
    Unexpected { member: usize, said: String },
    #[error("cannot wait for sockets: {0}")]
    Epoll(#[source] io::Error),
    #[error("stopped by a signal")]
    Stopped,
}

/// When a run ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stop {
    pub(crate) after: Duration,
    /// The run ends earlier after this many deliveries.
    pub(crate) deliveries: u64,
}

impl Stop {
    /// Returns a quarter of it, for warming up.
    pub(crate) fn warm_up(self) -> Self {
        Self { after: self.after / 4, deliveries: self.deliveries / 4 + 1 }
    }
}

/// The clients of one server.
pub(crate) struct Generator<'a> {
    /// The addresses to which the members connect in turn.
    endpoints: &'a [Endpoint],
    /// The size of a message, in bytes.
    size: usize,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    members: Vec<Member>,
    rooms: Vec<Room>,
    /// Rooms with deliveries since their senders last sent.
    touched: Vec<usize>,
    /// True if all members are in their rooms, and from now on receive nothing but messages.
    is_ready: bool,
    /// The most messages of each sender that may be in flight.
    window: u64,
    deliveries: u64,
    /// The number of frames other than messages that were received by members without a request in
    /// flight.
    announcements: u64,
    /// The number of members that have received anything from the server.
    connected: usize,
    /// The number of members that have completed the current step.
    arrived: usize,
    latency: Option<Latency>,
    visits: Option<Visits>,
}

/// The latency of deliveries, measured from when the message was due.
struct Latency {
    due: Vec<Instant>,
    /// The number of the message that was due first.
    first: u64,
    /// In nanoseconds.
    histogram: Histogram<u64>,
}

impl<'a> Generator<'a> {
    /// Creates a generator without members, which connect to these addresses in turn, and whose
    /// messages have this size.
    pub(crate) fn new(endpoints: &'a [Endpoint], size: usize) -> Result<Self, Error> {
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(|error| Error::Epoll(error.into()))?;
        Ok(Self {
            endpoints,
            size,
            epoll,
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; BUFFER],
            members: Vec::new(),
            rooms: Vec::new(),
            touched: Vec::new(),
            is_ready: false,
            window: 0,
            deliveries: 0,
            announcements: 0,
            connected: 0,
            arrived: 0,
            latency: None,
            visits: None,
        })
    }

    /// Connects members, and waits until all of them are in their rooms.
    pub(crate) fn connect(&mut self, rooms: Rooms) -> Result<(), Error> {
        self.arrived = self.members.len();
        for _ in 0..rooms.count {
            let (name, first) = (format!("r{:05}", self.rooms.len()), self.members.len());
            let room = Room::new(name, first, rooms, self.endpoints);
            self.open_room(room, rooms.members)?;
        }
        self.wait("are in their rooms", self.members.len())
    }

    /// Waits until nothing is in flight any more: two members of each room send a message one after
    /// the other, and all members wait for both.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        for number in 0..2 {
            self.arrived = 0;
            for room in 0..self.rooms.len() {
                let member = self.rooms[room].first + number as usize;
                self.say(room, member, Mark { sender: Mark::READINESS, number })?;
                self.arrived += usize::from(!self.endpoint(member).protocol.echoes());
            }
            self.wait("were sent the first message of their room", self.members.len())?;
        }
        self.is_ready = true;
        Ok(())
    }

    /// Lets all senders keep `window` messages in flight until `stop`.
    pub(crate) fn run(
        &mut self,
        window: u64,
        stop: Stop,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Error> {
        let (begin, until) = (self.deliveries, Instant::now() + stop.after);
        self.window = window;
        self.touched.clear();
        self.touched.extend(0..self.rooms.len());
        self.rooms.iter_mut().for_each(|room| room.touched = true);
        self.send_allowed()?;
        let mut rounds = 0_u32;
        while self.deliveries - begin < stop.deliveries && Instant::now() < until {
            self.round()?;
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(256) {
                progress(self.deliveries - begin);
            }
        }
        self.window = 0;
        Ok(())
    }

    /// Lets the first member send messages in steady intervals, whether earlier ones have been
    /// delivered or not. Returns the latencies.
    pub(crate) fn run_steadily(
        &mut self,
        interval: Duration,
        count: u32,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Histogram<u64>, Error> {
        let begin = Instant::now();
        let first = self.rooms[0].senders[0].sent;
        let due = (0..count).map(|number| begin + interval * number).collect();
        let histogram = Histogram::new(3).expect("three digits are not too many");
        self.latency = Some(Latency { due, first, histogram });
        for number in 0..count {
            let due = begin + interval * number;
            loop {
                let wait = due.saturating_duration_since(Instant::now());
                if wait.is_zero() {
                    break;
                }
                self.round_for(wait)?;
            }
            self.say_next(0, 0, 1)?;
            progress(u64::from(number));
        }
        self.finish()?;
        Ok(self.latency.take().expect("it was there").histogram)
    }

    /// Stops sending, and waits until all messages have been delivered.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.window = 0;
        let mut last = (self.deliveries, Instant::now());
        loop {
            let outstanding: u64 = self.rooms.iter().map(Room::outstanding).sum();
            if outstanding == 0 {
                // A repeated delivery may arrive last.
                return self.round_for(Duration::from_millis(2));
            }
            self.round()?;
            if self.deliveries > last.0 {
                last = (self.deliveries, Instant::now());
            } else if last.1.elapsed() > TIMEOUT {
                return Err(Error::Missing {
                    missing: outstanding,
                    outstanding: outstanding + self.deliveries,
                });
            }
        }
    }

    /// Answers the server's pings for a while, and sends nothing else.
    pub(crate) fn idle(&mut self, time: Duration) -> Result<(), Error> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.round()?;
        }
        Ok(())
    }

    /// Returns how many deliveries there were; a message counts once for each recipient.
    pub(crate) fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Connects the members of a room; waits until at most [`MAX_JOINING`] of them are not in the
    /// room yet.
    fn open_room(&mut self, room: Room, members: usize) -> Result<(), Error> {
        let number = self.rooms.len();
        self.rooms.push(room);
        for _ in 0..members {
            self.open(number)?;
            self.wait_for_accept(BACKLOG)?;
            let opened = self.members.len();
            self.wait("are in their rooms", opened.saturating_sub(MAX_JOINING))?;
        }
        Ok(())
    }

    /// Returns the address of a member.
    fn endpoint(&self, index: usize) -> Endpoint {
        self.endpoints[index % self.endpoints.len()]
    }

    fn open(&mut self, room: usize) -> Result<(), Error> {
        let index = self.members.len();
        let nickname = nickname(index);
        let Endpoint { protocol, .. } = self.endpoint(index);
        let mut steps = protocol.enter(&nickname);
        steps.push(protocol.join(&self.rooms[room].name, &nickname));
        self.open_with(room, steps)
    }

    /// Connects a member, which has to complete these steps.
    fn open_with(&mut self, room: usize, steps: Vec<Step>) -> Result<(), Error> {
        let index = self.members.len();
        let Endpoint { address, .. } = self.endpoint(index);
        let member = Member::connect(address, room, steps)
            .map_err(|error| Error::Connect { address, error })?;
        epoll::add(&self.epoll, &member.stream, EventData::new_u64(index as u64), EventFlags::IN)
            .map_err(|error| Error::Epoll(error.into()))?;
        self.members.push(member);
        self.advance(index)
    }

    /// Sends the next step of a member, or counts it as arrived after the last one.
    fn advance(&mut self, index: usize) -> Result<(), Error> {
        let visitor = self.is_visitor(index);
        let member = &mut self.members[index];
        match member.steps.front() {
            Some(step) => {
                member.out.extend_from_slice(&step.send);
                self.flush(index)
            }
            None if visitor => self.visited(index),
            None => {
                self.arrived += 1;
                Ok(())
            }
        }
    }

    /// Waits for the server to accept connections. A connection has been accepted once the server
    /// has sent something.
    fn wait_for_accept(&mut self, backlog: usize) -> Result<(), Error> {
        let begin = Instant::now();
        while self.members.len() - self.connected >= backlog && begin.elapsed() < ACCEPT_TIMEOUT {
            self.round_for(Duration::from_millis(1))?;
        }
        Ok(())
    }

    fn is_visitor(&self, index: usize) -> bool {
        self.visits.as_ref().is_some_and(|visits| index >= visits.first)
    }

    fn wait(&mut self, what: &'static str, count: usize) -> Result<(), Error> {
        let mut last = (self.arrived, Instant::now());
        while self.arrived < count {
            self.round()?;
            if self.arrived > last.0 {
                last = (self.arrived, Instant::now());
            } else if last.1.elapsed() > TIMEOUT {
                return Err(Error::Waiting { what, arrived: self.arrived, of: count });
            }
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), Error> {
        self.round_for(TICK)
    }

    /// Waits for sockets for at most `time`, reads from all that are readable, and sends what the
    /// window allows.
    fn round_for(&mut self, time: Duration) -> Result<(), Error> {
        if stop::requested() {
            return Err(Error::Stopped);
        }
        let time = time.min(TICK);
        let timeout =
            Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Error::Epoll(error.into())),
        }
        for event in &events {
            let (data, flags) = (event.data, event.flags);
            let index = data.u64() as usize;
            if flags.contains(EventFlags::OUT) {
                self.flush(index)?;
            }
            if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
                self.receive(index)?;
            }
        }
        self.events = events;
        self.send_allowed()
    }

    fn receive(&mut self, index: usize) -> Result<(), Error> {
        let member = &mut self.members[index];
        let carried = member.carry.len();
        if self.buffer.len() < carried + BUFFER / 2 {
            self.buffer.resize(carried + BUFFER, 0);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer[..carried].copy_from_slice(&member.carry);
        let read = member.read(&mut buffer[carried..]);
        let done = match read {
            Ok(0) => Err(Error::Closed { member: index }),
            Ok(count) => self.take(index, &buffer[..carried + count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(Error::Socket { member: index, error }),
        };
        self.buffer = buffer;
        done
    }

    /// Processes bytes that a member has received, and keeps the beginning of an incomplete frame.
    fn take(&mut self, index: usize, bytes: &[u8]) -> Result<(), Error> {
        let taken = if self.is_ready && !self.is_visitor(index) {
            self.check(index, bytes)?
        } else {
            self.receive_while_joining(index, bytes)?
        };
        let Member { carry, has_received, .. } = &mut self.members[index];
        self.connected += usize::from(!std::mem::replace(has_received, true));
        carry.clear();
        carry.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    fn check(&mut self, index: usize, bytes: &[u8]) -> Result<usize, Error> {
        let number = self.members[index].room;
        let protocol = self.endpoint(index).protocol;
        let room = &mut self.rooms[number];
        let (check, member) = room.check_of(index);
        let Room { checks, senders, touched, .. } = room;
        let (deliveries, latency) = (&mut self.deliveries, &mut self.latency);
        let progress = checks[check].take(member, bytes, protocol, |delivered| {
            senders[delivered.sender].delivered += delivered.count;
            *deliveries += delivered.count;
            if let Some(latency) = latency {
                latency.record(delivered.first, delivered.count);
            }
        });
        let progress = progress.map_err(|fault| Error::Fault { member: index, fault })?;
        if !*touched {
            *touched = true;
            self.touched.push(number);
        }
        if !progress.answer.is_empty() {
            self.members[index].out.extend_from_slice(&progress.answer);
            self.flush(index)?;
        }
        Ok(progress.bytes)
    }

    /// Processes bytes that a member receives before all members are in their rooms.
    fn receive_while_joining(&mut self, index: usize, bytes: &[u8]) -> Result<usize, Error> {
        let (mut taken, protocol) = (0, self.endpoint(index).protocol);
        while let Some(length) = protocol.frame(&bytes[taken..]) {
            let frame = &bytes[taken..taken + length];
            taken += length;
            match protocol.read(frame) {
                Frame::Message(_) if self.is_visitor(index) => {}
                Frame::Message(Mark { sender: Mark::READINESS, .. }) => self.arrived += 1,
                Frame::Message(Mark { sender, .. }) => {
                    let fault = Fault::UnexpectedSender { sender };
                    return Err(Error::Fault { member: index, fault });
                }
                Frame::Other => {
                    self.announcements += u64::from(self.members[index].steps.is_empty())
                }
                Frame::Ping(answer) => {
                    self.members[index].out.extend_from_slice(&answer);
                    self.flush(index)?;
                }
                Frame::ServerError(words) => {
                    let fault = Fault::ServerError(words);
                    return Err(Error::Fault { member: index, fault });
                }
            }
            if self.members[index].answered(frame) {
                let over = self.members[index].steps.is_empty() && self.is_visitor(index);
                self.advance(index)?;
                if over {
                    // The rest of the bytes belongs to the visit that has ended.
                    return Ok(bytes.len());
                }
            }
        }
        Ok(taken)
    }

    /// Lets senders send whose windows have room.
    fn send_allowed(&mut self) -> Result<(), Error> {
        let mut touched = std::mem::take(&mut self.touched);
        for number in touched.drain(..) {
            let room = &mut self.rooms[number];
            room.touched = false;
            for sender in 0..room.senders.len() {
                let free = self.rooms[number].free(sender, self.window);
                if free > 0 {
                    self.say_next(number, sender, free)?;
                }
            }
        }
        self.touched = touched;
        Ok(())
    }

    /// Lets a sender send its next messages.
    fn say_next(&mut self, number: usize, sender: usize, count: u64) -> Result<(), Error> {
        let member = self.rooms[number].first + sender;
        let protocol = self.endpoint(member).protocol;
        let room = &mut self.rooms[number];
        let sent = &mut room.senders[sender].sent;
        let numbers = *sent..*sent + count;
        *sent = numbers.end;
        let mut text = Vec::with_capacity(self.size);
        for message in numbers {
            text.clear();
            Mark { sender: member as u32, number: message }.write(self.size, &mut text);
            protocol.say(&room.name, &text, &mut self.members[member].out);
        }
        self.flush(member)
    }

    fn say(&mut self, room: usize, member: usize, mark: Mark) -> Result<(), Error> {
        let mut text = Vec::with_capacity(self.size);
        mark.write(self.size, &mut text);
        let protocol = self.endpoint(member).protocol;
        protocol.say(&self.rooms[room].name, &text, &mut self.members[member].out);
        self.flush(member)
    }

    /// Writes a member's output, as much as the socket accepts.
    fn flush(&mut self, index: usize) -> Result<(), Error> {
        let member = &mut self.members[index];
        let waited = member.is_blocked;
        member.flush().map_err(|error| Error::Socket { member: index, error })?;
        if member.is_blocked != waited {
            let flags =
                if member.is_blocked { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN };
            let data = EventData::new_u64(index as u64);
            epoll::modify(&self.epoll, &member.stream, data, flags)
                .map_err(|error| Error::Epoll(error.into()))?;
        }
        Ok(())
    }
}

impl Latency {
    fn record(&mut self, first: u64, count: u64) {
        let now = Instant::now();
        for number in first..first + count {
            if let Some(&due) = self.due.get((number - self.first) as usize) {
                let nanoseconds = now.saturating_duration_since(due).as_nanos() as u64;
                self.histogram.record(nanoseconds).expect("it resizes");
            }
        }
    }
}

/// The most members that may be joining at once. Some servers admit clients only once a second.
const MAX_JOINING: usize = 1_000;

/// The most connections that may wait to be accepted. No measured server has a shorter backlog.
const BACKLOG: usize = 8;

/// The time to wait for servers that send nothing before the client does.
const ACCEPT_TIMEOUT: Duration = Duration::from_millis(20);

/// Maximum number of events of one wait.
const EVENTS: usize = 1_024;

/// Size of the read buffer, in bytes.
const BUFFER: usize = 256 * 1024;

/// The time without progress after which a run fails.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum duration of one wait, so that time limits are checked.
const TICK: Duration = Duration::from_millis(50);
