use crate::room::NOW;
use chat_core::{CloseReason, Config, Engine, Peer, SessionId, Timestamp};
use chat_dialects::{Fault, Frames, Full, Inbound, NoEvents, Port, Switchboard};
use chat_irc::{IrcDialect, IrcSettings};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The commands that are carried out at once: a burst, of which `JOIN` has taken a part.
const AT_ONCE: usize = 19;
const ALICE: SessionId = SessionId(1);

/// A port whose client reads when the test says so.
#[derive(Clone, Default)]
struct PacedPort(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: Vec<String>,
    is_full: bool,
    /// True if an answer fills the queue.
    is_small: bool,
    is_reading_stopped: bool,
    closed: Option<CloseReason>,
}

impl PacedPort {
    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().expect("not poisoned"))
    }

    /// Lets the client read.
    fn take(&self) -> Vec<String> {
        self.state(|state| {
            state.is_full = false;
            std::mem::take(&mut state.lines)
        })
    }

    fn count(&self, command: &str) -> usize {
        let of = |line: &&String| line.split(' ').nth(1) == Some(command);
        self.state(|state| state.lines.iter().filter(of).count())
    }
}

impl Port for PacedPort {
    type Prepared = Vec<String>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<String> {
        frames.iter().map(|frame| String::from_utf8_lossy(frame.bytes()).into_owned()).collect()
    }

    fn send(&mut self, lines: &Vec<String>) -> Result<(), Full> {
        self.state(|state| {
            state.lines.extend_from_slice(lines);
            state.is_full = state.is_small;
        });
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn has_room_for_pages(&self) -> bool {
        self.state(|state| !state.is_full)
    }

    fn set_reading(&mut self, is_on: bool) {
        self.state(|state| state.is_reading_stopped = !is_on);
    }

    fn close(&mut self, _: &Frames, reason: &CloseReason) {
        self.state(|state| state.closed = Some(reason.clone()));
    }
}

/// A switchboard, its time, and the port of its first session.
struct Hall {
    switchboard: Switchboard<PacedPort>,
    now: Timestamp,
    alice: PacedPort,
}

impl Hall {
    fn new(config: Config, others: u64) -> Self {
        let dialect = Arc::new(IrcDialect::new(IrcSettings::new("irc.test"), &config));
        let mut switchboard = Switchboard::new(Engine::new(config, NOW));
        let alice = PacedPort::default();
        for number in 0..=others {
            let session = SessionId(ALICE.0 + number);
            let port = if number == 0 { alice.clone() } else { PacedPort::default() };
            switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
            for line in [format!("NICK u{number}"), "USER u 0 * u".into(), "JOIN #a".into()] {
                switchboard.receive_frame(NOW, session, line.as_bytes());
            }
        }
        alice.take();
        Self { switchboard, now: NOW, alice }
    }

    fn send(&mut self, line: &str) {
        self.switchboard.receive_frame(self.now, ALICE, line.as_bytes());
    }

    /// Lets time pass until the next deadline.
    fn tick(&mut self) {
        let deadline = self.switchboard.next_deadline().expect("something waits");
        self.now = self.now.max(deadline);
        self.switchboard.tick(self.now);
    }
}

#[test]
fn fast_client_is_delayed_and_not_refused() {
    let config = Config { idle_timeout: None, ..Config::default() };
    let mut hall = Hall::new(config, 0);
    for index in 0..90 {
        hall.send(&format!("JOIN #c{}", index % 40));
        hall.send(&format!("PING {index}"));
    }
    let begun = hall.now;
    assert_eq!((hall.alice.count("JOIN"), hall.alice.count("PONG")), (AT_ONCE, AT_ONCE));
    while hall.alice.count("PONG") < 90 {
        hall.tick();
    }
    assert!(hall.now >= begun + Duration::from_millis(7_000));
    let lines = hall.alice.take();
    assert!(!lines.iter().any(|line| line.contains(" 263 ")));
    let pongs: Vec<String> = lines.into_iter().filter(|line| line.contains("PONG")).collect();
    let expected = (0..90).map(|index| format!(":irc.test PONG irc.test :{index}"));
    assert_eq!(pongs, expected.collect::<Vec<_>>());
}

#[test]
fn port_stops_reading_and_goes_on() {
    let mut hall = Hall::new(Config { idle_timeout: None, ..Config::default() }, 0);
    for index in 0..AT_ONCE + 32 {
        assert!(!hall.alice.state(|state| state.is_reading_stopped), "{index}");
        hall.send("TOPIC #a");
    }
    assert!(hall.alice.state(|state| state.is_reading_stopped));
    while hall.alice.count("331") < AT_ONCE + 16 {
        assert!(hall.alice.state(|state| state.is_reading_stopped));
        hall.tick();
    }
    assert!(!hall.alice.state(|state| state.is_reading_stopped));
    // A host that does not stop has its limit.
    for _ in 0..3_000 {
        hall.send("TOPIC #a");
    }
    assert_eq!(hall.alice.state(|state| state.closed.clone()), Some(CloseReason::TooManyFaults));
}

#[test]
fn pages_wait_until_the_client_has_read() {
    let config = Config { listing: 4, commands_per_second: 0, ..Config::default() };
    for (line, code, total, end) in
        [("WHO #a", "352", 11, "315"), ("WHO *", "352", 11, "315"), ("NAMES #a", "353", 3, "366")]
    {
        let mut hall = Hall::new(config.clone(), 10);
        hall.alice.state(|state| state.is_small = true);
        hall.send(line);
        hall.send("PING after");
        let mut pages = Vec::new();
        loop {
            pages.push(hall.alice.count(code));
            assert!(hall.alice.count(code) <= 4, "{line}");
            if hall.alice.count(end) > 0 {
                break;
            }
            // Nothing more comes before the client has read.
            hall.tick();
            assert_eq!(hall.alice.count(code), *pages.last().expect("a page"), "{line}");
            hall.alice.take();
            hall.tick();
        }
        assert_eq!((pages.len(), pages.iter().sum::<usize>()), (3, total), "{line}");
        let last = hall.alice.take().pop();
        assert_eq!(last.as_deref(), Some(":irc.test PONG irc.test :after"), "{line}");
    }
}

#[test]
fn line_that_is_too_long_is_answered_in_its_turn() {
    let mut hall = Hall::new(Config { idle_timeout: None, ..Config::default() }, 0);
    for _ in 0..AT_ONCE + 2 {
        hall.send("TOPIC #a");
    }
    hall.switchboard.receive(hall.now, ALICE, Inbound::Fault(Fault::TooLong { limit: 8_192 }));
    hall.send("TOPIC #a");
    for (answered, faults) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
        let counts = (hall.alice.count("331"), hall.alice.count("417"));
        assert_eq!(counts, (AT_ONCE + answered, faults));
        if answered < 3 {
            hall.tick();
        }
    }
}

#[test]
fn quit_does_not_wait_for_room() {
    let mut hall = Hall::new(Config::default(), 0);
    hall.alice.state(|state| state.is_full = true);
    hall.send("QUIT :bye");
    assert!(hall.alice.state(|state| state.closed.is_some()));
}

#[test]
fn end_of_the_connection_comes_after_the_commands_that_wait() {
    let mut hall = Hall::new(Config { idle_timeout: None, ..Config::default() }, 0);
    for _ in 0..AT_ONCE + 5 {
        hall.send("TOPIC #a");
    }
    hall.switchboard.receive(hall.now, ALICE, Inbound::Close(CloseReason::Disconnected));
    for _ in 0..5 {
        assert_eq!(hall.alice.state(|state| state.closed.clone()), None);
        hall.tick();
    }
    assert_eq!(hall.alice.count("331"), AT_ONCE + 5);
    assert_eq!(hall.alice.state(|state| state.closed.clone()), Some(CloseReason::Disconnected));
}
