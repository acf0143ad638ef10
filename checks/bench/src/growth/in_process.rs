//! Runs the engine with its dialects in this process, for more users than there can be sockets.

use crate::proc::own_cpu;
use crate::scenario::{MESSAGE_CPU, Outcome};
use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Frames, Full, NoEvents, Port, Switchboard, TextDialect};
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The error of an in-process run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the members of the room received {received} lines instead of {expected}")]
    Missing { received: u64, expected: u64 },
    #[error("cannot read the processor time of this program: {0}")]
    Usage(#[from] io::Error),
}

/// Lets one member of a room send for a while, with `elsewhere` users in other rooms.
pub(crate) fn run(elsewhere: usize, time: Duration) -> Result<Outcome, Error> {
    let lines = Rc::new(Cell::new(0));
    let mut switchboard = Switchboard::new(Engine::new(config(), NOW));
    let dialect = Arc::new(TextDialect::bracket());
    let speaker = SessionId(1);
    for index in 0..(ROOM + elsewhere) as u64 {
        let (session, port) = (SessionId(index + 1), Counter(lines.clone()));
        switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
        let join = format!("/join r{}", index / ROOM as u64);
        switchboard.receive_frame(NOW, session, join.as_bytes());
        switchboard.flush(|_| {});
    }

    let mut say = |count: u64| {
        for _ in 0..count {
            switchboard.receive_frame(NOW, speaker, &[b'x'; SIZE]);
            switchboard.flush(|_| {});
        }
    };
    say(BLOCK);
    lines.set(0);
    let (begin, before) = (Instant::now(), own_cpu()?);
    let mut messages = 0;
    while messages == 0 || begin.elapsed() < time {
        say(BLOCK);
        messages += BLOCK;
    }
    let cpu = own_cpu()?.saturating_sub(before);
    let (received, expected) = (lines.get(), messages * (ROOM as u64 - 1));
    if received != expected {
        return Err(Error::Missing { received, expected });
    }
    let cpu = cpu.as_secs_f64() * 1e6 / messages as f64;
    Ok(Outcome::default().with(MESSAGE_CPU, "µs", cpu))
}

/// Returns the configuration of the measured servers, without limits on members and channels.
fn config() -> Config {
    Config {
        commands_per_second: 0,
        announce_up_to: 0,
        listing: 1,
        channels: usize::MAX,
        members_per_channel: usize::MAX,
        ..Config::default()
    }
}

/// A port that counts frames.
struct Counter(Rc<Cell<u64>>);

impl Port for Counter {
    type Prepared = u64;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> u64 {
        frames.iter().count() as u64
    }

    fn send(&mut self, lines: &u64) -> Result<(), Full> {
        self.0.set(self.0.get() + lines);
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn close(&mut self, _: &Frames, _: &chat_core::CloseReason) {}
}

/// The members of the room.
const ROOM: usize = 10;

/// The size of messages, in bytes.
const SIZE: usize = 64;

/// The number of messages between two checks of the clock.
const BLOCK: u64 = 256;

/// The engine's time, which does not advance.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_reaches_the_other_members_of_the_room_only() {
        let outcome = run(100, Duration::ZERO).expect("nothing is missing");
        assert_eq!(outcome.figures.len(), 1);
    }
}
