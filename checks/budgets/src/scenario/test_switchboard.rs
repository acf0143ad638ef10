//! A switchboard whose sessions are all in the lobby, and whose ports only count.

use super::client_dialect::ClientDialect;
use super::work::{NOW, Outcome, ROUNDS, WARM_UP, Work};
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Dialect, Frames, Full, Inbound, NoEvents, Port, Switchboard};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The switchboard.
pub(super) struct TestSwitchboard {
    switchboard: Switchboard<Counter>,
    sent: Rc<Cell<u64>>,
}

/// A port that counts frames, with all others, and forgets them.
struct Counter(Rc<Cell<u64>>);

/// The same frame, sent in again and again.
struct Frame {
    test_switchboard: TestSwitchboard,
    from: SessionId,
    frame: Vec<u8>,
}

/// Time that passes while nobody says anything.
struct LastHeard {
    test_switchboard: TestSwitchboard,
    begin: Timestamp,
}

impl TestSwitchboard {
    /// A hall with nobody in it.
    pub(super) fn new() -> Self {
        // Nobody is slowed down. Who comes is not told of all the others, nor they of who comes, so
        // that many can.
        let config =
            Config { commands_per_second: 0, announce_up_to: 0, listing: 1, ..Config::default() };
        let switchboard = Switchboard::new(Engine::new(config, NOW));
        Self { switchboard, sent: Rc::default() }
    }

    /// Lets clients come in who speak a dialect.
    pub(super) fn with(
        self,
        client_dialect: ClientDialect,
        numbers: impl Iterator<Item = u64>,
    ) -> Self {
        self.with_dialect(client_dialect, &client_dialect.dialect(), numbers)
    }

    /// Lets clients come in who speak this dialect, with the words of a tongue.
    pub(super) fn with_dialect(
        mut self,
        client_dialect: ClientDialect,
        dialect: &Arc<dyn Dialect>,
        numbers: impl Iterator<Item = u64>,
    ) -> Self {
        for number in numbers {
            let (session, port) = (SessionId(number), Counter(self.sent.clone()));
            self.switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
            for frame in client_dialect.arrival(number) {
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
        Box::new(Frame { test_switchboard: self, from, frame })
    }

    /// Gets ready to let time pass from `begin` on, a [`STEP`] for each operation.
    pub(super) fn in_silence(mut self, begin: Timestamp) -> Box<dyn Work> {
        self.forget();
        Box::new(LastHeard { test_switchboard: self, begin })
    }

    /// Takes a frame, and ends the round.
    fn receive(&mut self, from: SessionId, frame: &[u8]) {
        self.switchboard.receive_frame(NOW, from, frame);
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
        (0..ROUNDS).for_each(|_| self.test_switchboard.receive(self.from, &self.frame));
    }

    fn outcome(&mut self) -> Outcome {
        self.test_switchboard.forget()
    }
}

impl Work for LastHeard {
    fn run(&mut self) {
        for round in 0..ROUNDS as u32 {
            self.test_switchboard.switchboard.tick(self.begin + STEP * round);
            self.test_switchboard.flush();
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.test_switchboard.forget()
    }
}

impl Port for Counter {
    type Prepared = u64;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> u64 {
        frames.iter().count() as u64
    }

    fn send(&mut self, prepared: &u64) -> Result<(), Full> {
        self.0.update(|sent| sent + prepared);
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
