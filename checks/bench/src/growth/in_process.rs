//! The engine with its dialects in this process, for more users than there can be sockets.

use crate::proc::own_cpu;
use crate::scenario::{MESSAGE_CPU, Outcome};
use chat_core::{Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Frames, Full, NoEvents, Port, Switchboard, TextDialect};
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{came} lines came to the members of the room, and {owed} should have")]
    Missing { came: u64, owed: u64 },
    #[error("cannot read what this program has used: {0}")]
    Usage(#[from] io::Error),
}

/// Has one member of a room talk for a while, with so many users in other rooms.
pub(crate) fn talk(elsewhere: usize, time: Duration) -> Result<Outcome, Error> {
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
    let (came, owed) = (lines.get(), messages * (ROOM as u64 - 1));
    if came != owed {
        return Err(Error::Missing { came, owed });
    }
    let cpu = cpu.as_secs_f64() * 1e6 / messages as f64;
    Ok(Outcome::default().with(MESSAGE_CPU, "µs", cpu))
}

/// As servers are configured that are loaded, and without limits on how many there may be.
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

/// A port that counts.
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

/// How many are in the room.
const ROOM: usize = 10;

/// How long messages are.
const SIZE: usize = 64;

/// How many are said between two looks at the clock.
const BLOCK: u64 = 256;

/// No time passes.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_in_the_room_hears_each_message_and_nobody_else_does() {
        let outcome = talk(100, Duration::ZERO).expect("nothing is missing");
        assert_eq!(outcome.figures.len(), 1);
    }
}
