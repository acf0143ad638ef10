//! A switchboard whose sessions are all in the lobby, and whose ports only count frames.

use super::client_dialect::ClientDialect;
use super::work::{NOW, Outcome, ROUNDS, WARM_UP, Work};
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Dialect, Frames, Full, Inbound, NoEvents, Port, Switchboard};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A switchboard with a shared count of what its ports were sent.
pub(super) struct TestSwitchboard {
    switchboard: Switchboard<Counter>,
    sent: Rc<Cell<u64>>,
}

/// A port that adds the number of frames to the shared count, and drops them.
struct Counter(Rc<Cell<u64>>);

/// Receives the same frames again and again.
struct RepeatedFrames {
    test_switchboard: TestSwitchboard,
    from: SessionId,
    frames: Vec<Vec<u8>>,
}

/// Lets time pass while no client sends anything.
struct Ticks {
    test_switchboard: TestSwitchboard,
    begin: Timestamp,
}

impl TestSwitchboard {
    /// Creates a switchboard without clients.
    pub(super) fn new() -> Self {
        // There is no rate limit. Joins are not announced and rosters are cut to one name, so that
        // thousands can join quickly.
        let config =
            Config { commands_per_second: 0, announce_up_to: 0, listing: 1, ..Config::default() };
        let switchboard = Switchboard::new(Engine::new(config, NOW));
        Self { switchboard, sent: Rc::default() }
    }

    /// Connects clients of a dialect.
    pub(super) fn with(
        self,
        client_dialect: ClientDialect,
        numbers: impl Iterator<Item = u64>,
    ) -> Self {
        self.with_dialect(client_dialect, &client_dialect.dialect(), numbers)
    }

    /// Connects clients to the given dialect, which send the frames of `client_dialect`.
    pub(super) fn with_dialect(
        mut self,
        client_dialect: ClientDialect,
        dialect: &Arc<dyn Dialect>,
        numbers: impl Iterator<Item = u64>,
    ) -> Self {
        for number in numbers {
            let (session, port) = (SessionId(number), Counter(self.sent.clone()));
            self.switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
            for frame in client_dialect.join_frames(number) {
                self.receive(session, frame.as_bytes());
            }
        }
        self
    }

    /// Starts the keep-alive checks of clients, `each_step` of them at each [`STEP`].
    pub(super) fn with_keep_alive(
        mut self,
        numbers: impl Iterator<Item = u64>,
        each_step: u64,
    ) -> Self {
        for (index, number) in numbers.enumerate() {
            let at = NOW + STEP * (index as u64 / each_step) as u32;
            self.switchboard.receive(at, SessionId(number), Inbound::Alive);
            self.switchboard.watch(at, SessionId(number));
        }
        self
    }

    /// Receives a frame of a client once.
    pub(super) fn after(mut self, number: u64, frame: &str) -> Self {
        self.receive(SessionId(number), frame.as_bytes());
        self
    }

    /// Receives the same frame of a client for the warm-up rounds, and returns the work of the
    /// counted rounds.
    pub(super) fn receiving(self, number: u64, frame: impl Into<Vec<u8>>) -> Box<dyn Work> {
        self.receiving_all(number, vec![frame.into()])
    }

    /// Does the same with several frames, which are one operation.
    pub(super) fn receiving_all(mut self, number: u64, frames: Vec<Vec<u8>>) -> Box<dyn Work> {
        let from = SessionId(number);
        for _ in 0..WARM_UP {
            frames.iter().for_each(|frame| self.receive(from, frame));
        }
        self.take_outcome();
        Box::new(RepeatedFrames { test_switchboard: self, from, frames })
    }

    /// Returns work that lets time pass from `begin` on, a [`STEP`] for each operation.
    pub(super) fn ticking(mut self, begin: Timestamp) -> Box<dyn Work> {
        self.take_outcome();
        Box::new(Ticks { test_switchboard: self, begin })
    }

    /// Receives a frame, and flushes the round.
    fn receive(&mut self, from: SessionId, frame: &[u8]) {
        self.switchboard.receive_frame(NOW, from, frame);
        self.flush();
    }

    /// Flushes the round, as a runtime does before it writes to the sockets.
    fn flush(&mut self) {
        self.switchboard.flush(|_| {});
    }

    /// Returns the outcome since the last call, and resets the counts.
    fn take_outcome(&mut self) -> Outcome {
        let (counters, delivered) = (self.switchboard.take_counters(), self.sent.take());
        let refused = counters.faults + counters.refused.values().sum::<u64>();
        Outcome { messages: counters.messages, delivered, refused }
    }
}

impl Work for RepeatedFrames {
    fn run(&mut self) {
        for _ in 0..ROUNDS {
            self.frames.iter().for_each(|frame| self.test_switchboard.receive(self.from, frame));
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.test_switchboard.take_outcome()
    }
}

impl Work for Ticks {
    fn run(&mut self) {
        for round in 0..ROUNDS as u32 {
            self.test_switchboard.switchboard.tick(self.begin + STEP * round);
            self.test_switchboard.flush();
        }
    }

    fn outcome(&mut self) -> Outcome {
        self.test_switchboard.take_outcome()
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
