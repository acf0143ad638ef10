//! One connection.

use crate::protocol::Step;
use memchr::memmem;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A client.
pub(crate) struct Member {
    pub(crate) stream: TcpStream,
    /// The index of its room.
    pub(crate) room: usize,
    /// The remaining steps until it is in its room.
    pub(crate) steps: VecDeque<Step>,
    /// True if it has received anything from the server.
    pub(crate) has_received: bool,
    /// The beginning of an incomplete frame.
    pub(crate) carry: Vec<u8>,
    /// Output to send.
    pub(crate) out: Vec<u8>,
    /// True if the socket did not accept all output.
    pub(crate) is_blocked: bool,
}

impl Member {
    pub(crate) fn connect(address: SocketAddr, room: usize, steps: Vec<Step>) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            room,
            steps: steps.into(),
            has_received: false,
            carry: Vec::new(),
            out: Vec::new(),
            is_blocked: false,
        })
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }

    /// Returns whether this frame completes the current step, and removes the step if so.
    pub(crate) fn answered(&mut self, frame: &[u8]) -> bool {
        let answered =
            self.steps.front().is_some_and(|step| memmem::find(frame, &step.until).is_some());
        if answered {
            self.steps.pop_front();
        }
        answered
    }

    /// Writes as much output as the socket accepts.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        self.is_blocked = false;
        while written < self.out.len() {
            match self.stream.write(&self.out[written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_blocked = true;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.drain(..written);
        Ok(())
    }
}

/// Returns the nickname of a member, for servers that ask for one.
pub(super) fn nickname(index: usize) -> String {
    format!("n{index:05}")
}
