//! The floor, a chat server that does only the minimum: it copies each line to the buffer of each
//! other member of the room, and writes each changed buffer once before it waits again.
//!
//! It checks no names, has no history, limits or metrics. Its cost is the kernel's; the additional
//! cost of another server is what that server does for its users.

use memchr::memchr;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;

/// Serves until it is killed.
pub(crate) fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    // The standard library sets a backlog of 128 connections.
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    let mut out = io::stdout();
    writeln!(out, "listening on plain://{}", listener.local_addr()?)?;
    out.flush()?;
    Floor::new(listener)?.run()
}

struct Floor {
    epoll: OwnedFd,
    listener: TcpListener,
    clients: Vec<Option<Client>>,
    /// Indices of disconnected clients, for reuse.
    free: Vec<u32>,
    rooms: Vec<Vec<u32>>,
    names: HashMap<Box<[u8]>, u32>,
    /// Clients with output to write.
    touched: Vec<u32>,
}

struct Client {
    stream: TcpStream,
    room: u32,
    /// The beginning of an incomplete line.
    input: Vec<u8>,
    output: Vec<u8>,
    /// True if the socket did not accept all output.
    is_blocked: bool,
}

impl Floor {
    fn new(listener: TcpListener) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        Ok(Self {
            epoll,
            listener,
            clients: Vec::new(),
            free: Vec::new(),
            rooms: Vec::new(),
            names: HashMap::new(),
            touched: Vec::new(),
        })
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(1_024);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let data = event.data;
                match data.u64() {
                    LISTENER => self.accept()?,
                    index => self.receive(index as u32, &mut buffer)?,
                }
            }
            for index in std::mem::take(&mut self.touched) {
                self.flush(index)?;
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let index = self.free.pop().unwrap_or(self.clients.len() as u32);
            epoll::add(&self.epoll, &stream, EventData::new_u64(index.into()), EventFlags::IN)?;
            let client = Client {
                stream,
                room: NO_ROOM,
                input: Vec::new(),
                output: Vec::new(),
                is_blocked: false,
            };
            match self.clients.get_mut(index as usize) {
                Some(place) => *place = Some(client),
                None => self.clients.push(Some(client)),
            }
        }
    }

    fn receive(&mut self, index: u32, buffer: &mut [u8]) -> io::Result<()> {
        let Some(client) = &mut self.clients[index as usize] else { return Ok(()) };
        if client.is_blocked {
            self.touched.push(index);
        }
        let carried = client.input.len();
        buffer[..carried].copy_from_slice(&client.input);
        let count = match client.stream.read(&mut buffer[carried..]) {
            Ok(0) => return self.leave(index),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(_) => return self.leave(index),
        };
        let mut rest = &buffer[..carried + count];
        while let Some(end) = memchr(b'\n', rest) {
            let line;
            (line, rest) = rest.split_at(end + 1);
            self.line(index, line)?;
        }
        if let Some(client) = &mut self.clients[index as usize] {
            if rest.len() > MAX_LINE {
                return self.leave(index);
            }
            if client.input.capacity() > 0 || !rest.is_empty() {
                client.input = rest.to_vec();
            }
        }
        Ok(())
    }

    fn line(&mut self, index: u32, line: &[u8]) -> io::Result<()> {
        if let Some(command) = line.strip_prefix(b"/join ") {
            let end = memchr(b' ', command).unwrap_or(command.len() - 1);
            self.leave_room(index);
            let next = self.rooms.len() as u32;
            let room = *self.names.entry(command[..end].into()).or_insert(next);
            if room == next {
                self.rooms.push(Vec::new());
            }
            self.rooms[room as usize].push(index);
            if let Some(client) = &mut self.clients[index as usize] {
                client.room = room;
            }
            return self.answer(index);
        }
        if line == b"/leave\n" {
            self.leave_room(index);
            return self.answer(index);
        }
        let Some(room) = self.clients[index as usize].as_ref().map(|client| client.room) else {
            return Ok(());
        };
        let Some(members) = self.rooms.get(room as usize) else { return Ok(()) };
        for &member in members.iter().filter(|&&member| member != index) {
            let Some(client) = &mut self.clients[member as usize] else { continue };
            if client.output.is_empty() {
                self.touched.push(member);
            }
            client.output.extend_from_slice(line);
        }
        Ok(())
    }

    /// Answers a command. If no other output is queued, the answer is written without a buffer.
    fn answer(&mut self, index: u32) -> io::Result<()> {
        let Some(client) = &mut self.clients[index as usize] else { return Ok(()) };
        if client.output.is_empty() && client.stream.write(b"ok\n").is_ok_and(|count| count == 3) {
            return Ok(());
        }
        if client.output.is_empty() {
            self.touched.push(index);
        }
        client.output.extend_from_slice(b"ok\n");
        Ok(())
    }

    fn flush(&mut self, index: u32) -> io::Result<()> {
        let Some(client) = &mut self.clients[index as usize] else { return Ok(()) };
        let waited = client.is_blocked;
        match client.stream.write(&client.output) {
            Ok(count) => {
                client.output.drain(..count);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return self.leave(index),
        }
        if client.output.len() > MAX_OUTPUT {
            return self.leave(index);
        }
        client.is_blocked = !client.output.is_empty();
        if client.is_blocked != waited {
            let flags =
                if client.is_blocked { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN };
            epoll::modify(&self.epoll, &client.stream, EventData::new_u64(index.into()), flags)?;
        }
        Ok(())
    }

    fn leave(&mut self, index: u32) -> io::Result<()> {
        self.leave_room(index);
        if let Some(client) = self.clients[index as usize].take() {
            epoll::delete(&self.epoll, &client.stream)?;
            self.free.push(index);
        }
        Ok(())
    }

    fn leave_room(&mut self, index: u32) {
        let Some(client) = &mut self.clients[index as usize] else { return };
        let room = std::mem::replace(&mut client.room, NO_ROOM);
        if let Some(members) = self.rooms.get_mut(room as usize) {
            members.retain(|&member| member != index);
        }
    }
}

/// The same backlog as this server's.
const BACKLOG: i32 = 65_535;
const LISTENER: u64 = u64::MAX;
const NO_ROOM: u32 = u32::MAX;
const MAX_LINE: usize = 16 * 1024;
const MAX_OUTPUT: usize = 4 * 1024 * 1024;
