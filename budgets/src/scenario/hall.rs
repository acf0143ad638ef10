//! A switchboard whose sessions are all in the lobby, and whose ports only count.

use super::tongue::Tongue;
use super::{NOW, Outcome, ROUNDS, WARM_UP, Work};
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Dialect, Frames, Full, Inbound, Port, SessionEventRef, Switchboard};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The switchboard.
pub(super) struct Hall {
    switchboard: Switchboard<Counter>,
    sent: Rc<Cell<u64>>,
}

/// A port that counts frames, with all others, and forgets them.
struct Counter(Rc<Cell<u64>>);

/// The same frame, sent in again and again.
struct Frame {
    hall: Hall,
    from: SessionId,
    frame: Vec<u8>,
}

/// Time that passes while nobody says anything.
struct Silence {
    hall: Hall,
    begin: Timestamp,
}

impl Hall {
    /// A hall with nobody in it.
    pub(super) fn new() -> Self {
        // Nobody is slowed down. Who comes is not told of all the others, nor they of who comes, so that many can.
        let config =
            Config { commands_per_second: 0, announce_up_to: 0, listing: 1, ..Config::default() };
        let switchboard = Switchboard::new(Engine::new(config, NOW));
        Self { switchboard, sent: Rc::default() }
    }

    /// Lets clients come in who speak a dialect.
    pub(super) fn with(self, tongue: Tongue, numbers: impl Iterator<Item = u64>) -> Self {
        self.with_dialect(tongue, &tongue.dialect(), numbers)
    }

    /// Lets clients come in who speak this dialect, with the words of a tongue.
    pub(super) fn with_dialect(
        mut self,
        tongue: Tongue,
        dialect: &Arc<dyn Dialect>,
        numbers: impl Iterator<Item = u64>,
    ) -> Self {
        for number in numbers {
            let (session, port) = (SessionId(number), Counter(self.sent.clone()));
            self.switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
            for frame in tongue.arrival(number) {
                self.receive(session, frame.as_bytes());
            }
        }
        self
    }

    /// Looks after clients, so many more of them each [`STEP`].
    pub(super) fn watched(mut self, numbers: impl Iterator<Item = u64>, each_step: u64) -> Self {
        for (index, number) in numbers.enumerate() {
            let at = NOW + STEP * (index as u64 / each_step) as u32;
            self.switchboard.receive(at, SessionId(number), Inbound::Alive);
            self.switchboard.watch(at, SessionId(number));
        }
        self
    }

    /// Has a client send something, once.
    pub(super) fn having(mut self, number: u64, frame: &str) -> Self {
        self.receive(SessionId(number), frame.as_bytes());
        self
    }

    /// Has a client send the same again and again, and gets ready to do it where it counts.
    pub(super) fn receiving(mut self, number: u64, frame: impl Into<Vec<u8>>) -> Box<dyn Work> {
        let (from, frame) = (SessionId(number), frame.into());
        (0..WARM_UP).for_each(|_| self.receive(from, &frame));
        self.forget();
        Box::new(Frame { hall: self, from, frame })
    }

    /// Gets ready to let time pass from `begin` on, a [`STEP`] for each operation.
    pub(super) fn in_silence(mut self, begin: Timestamp) -> Box<dyn Work> {
        self.forget();
        Box::new(Silence { hall: self, begin })
    }

    /// Takes a frame, and ends the round.
    fn receive(&mut self, from: SessionId, frame: &[u8]) {
        self.switchboard.receive(NOW, from, Inbound::Frame(frame));
        self.flush();
    }

    /// Ends the round, as a host does that writes to the sockets now.
    fn flush(&mut self) {
        self.switchboard.flush(|_| {});
    }

    /// What has come of everything since the last time.
    fn forget(&mut self) -> Outcome {
        let (counters, told) = (self.switchboard.take_counters(), self.sent.take());
        let refused = counters.faults + counters.refused.values().sum::<u64>();
        Outcome { messages: counters.messages, told, refused }
    }
}

impl Work for Frame {
    fn run(&mut self) {
        (0..ROUNDS).for_each(|_| self.hall.receive(self.from, &self.frame));
    }

    fn outcome(&mut self) -> Outcome {
        self.hall.forget()
    }
}

impl Work for Silence {
    fn run(&mut self) {
        for round in 0..ROUNDS as u32 {
            self.hall.switchboard.tick(self.begin + STEP * round);
            self.hall.flush();
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.hall.forget()
    }
}

impl Port for Counter {
    type Prepared = u64;

    fn prepare(&mut self, frames: &Frames) -> u64 {
        frames.iter().count() as u64
    }

    fn send(&mut self, prepared: &u64) -> Result<(), Full> {
        self.0.update(|sent| sent + prepared);
        Ok(())
    }

    fn hear(&mut self, _: SessionEventRef<'_>) -> Result<(), Full> {
        self.0.update(|sent| sent + 1);
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn close(&mut self, last_words: &Frames, _: &CloseReason) {
        self.0.update(|sent| sent + last_words.iter().count() as u64);
    }
}

/// The time between two ticks.
pub(super) const STEP: Duration = Duration::from_millis(10);
