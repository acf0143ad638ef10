//! One connection.

use crate::protocol::Step;
use memchr::memmem;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A client.
pub(crate) struct Member {
    pub(crate) stream: TcpStream,
    /// Which room it is in.
    pub(crate) room: usize,
    /// What it has still to do before it is there.
    pub(crate) steps: VecDeque<Step>,
    /// Whether the server has said anything to it.
    pub(crate) heard: bool,
    /// The beginning of a frame that has not yet come as a whole.
    pub(crate) carry: Vec<u8>,
    /// What it has to send.
    pub(crate) out: Vec<u8>,
    /// Whether the socket did not take all of that.
    pub(crate) waits: bool,
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
            heard: false,
            carry: Vec::new(),
            out: Vec::new(),
            waits: false,
        })
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }

    /// Whether this frame is the one that the current step waits for, which is done then.
    pub(crate) fn answered(&mut self, frame: &[u8]) -> bool {
        let answered =
            self.steps.front().is_some_and(|step| memmem::find(frame, &step.until).is_some());
        if answered {
            self.steps.pop_front();
        }
        answered
    }

    /// Writes what the socket takes.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        self.waits = false;
        while written < self.out.len() {
            match self.stream.write(&self.out[written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.waits = true;
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

/// What a member is called, where it is asked.
pub(super) fn nickname(index: usize) -> String {
    format!("n{index:05}")
}
