//! Thousands of clients in one channel.

use crate::room::NOW;
use chat_core::{CloseReason, Config, Engine, Peer, SessionId};
use chat_dialects::{Dialect, Frames, Full, NoEvents, Port, Switchboard};
use chat_irc::{IrcDialect, IrcSettings};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// A port that counts lines, and keeps the names in those that list members.
#[derive(Clone, Default)]
struct CountingPort(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    lines: u64,
    names: BTreeSet<String>,
    closed: usize,
}

impl Port for CountingPort {
    type Prepared = Vec<String>;
    type Events = NoEvents;

    fn prepare(&mut self, frames: &Frames) -> Vec<String> {
        frames.iter().map(|frame| String::from_utf8_lossy(frame.bytes()).into_owned()).collect()
    }

    fn send(&mut self, lines: &Vec<String>) -> Result<(), Full> {
        let mut counts = self.0.lock().expect("not poisoned");
        counts.lines += lines.len() as u64;
        for line in lines.iter().filter(|line| line.contains(" 353 ")) {
            let (_, names) = line.split_once(" :").expect("the names are the last parameter");
            counts.names.extend(names.split(' ').map(str::to_owned));
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn close(&mut self, _: &Frames, _: &CloseReason) {
        self.0.lock().expect("not poisoned").closed += 1;
    }
}

/// A channel with clients that are not told its members, unless they ask.
struct Crowd {
    switchboard: Switchboard<CountingPort>,
    counts: CountingPort,
    size: u64,
}

impl Crowd {
    fn join(size: u64) -> Self {
        let config = Config { commands_per_second: 0, announce_up_to: 100, ..Config::default() };
        let dialect: Arc<dyn Dialect> =
            Arc::new(IrcDialect::new(IrcSettings::new("irc.test"), &config));
        let (engine, counts) = (Engine::new(config, NOW), CountingPort::default());
        let mut crowd = Self { switchboard: Switchboard::new(engine), counts, size };
        for number in 1..=size {
            let (session, port) = (SessionId(number), crowd.counts.clone());
            crowd.switchboard.open(NOW, session, Peer::default(), dialect.clone(), port);
            let nick = format!("NICK n{number}");
            crowd.send(number, &["CAP REQ no-implicit-names", &nick, "USER u 0 * u", "CAP END"]);
        }
        (1..=size).for_each(|number| crowd.send(number, &["JOIN #a"]));
        crowd
    }

    fn leave(&mut self) {
        (1..=self.size).for_each(|number| self.send(number, &["PART #a"]));
    }

    fn send(&mut self, number: u64, lines: &[&str]) {
        for line in lines {
            self.switchboard.receive_frame(NOW, SessionId(number), line.as_bytes());
        }
        self.switchboard.flush(|_| {});
    }

    fn counts<T>(&self, look: impl FnOnce(&Counts) -> T) -> T {
        look(&self.counts.0.lock().expect("not poisoned"))
    }
}

/// Joins and leaves are announced to few members. So each further client adds the same lines.
#[test]
fn cost_of_a_crowd_that_joins_and_leaves_is_linear() {
    let [small, middle, large] = [2_000, 4_000, 8_000].map(|size| {
        let mut crowd = Crowd::join(size);
        crowd.leave();
        assert_eq!(crowd.counts(|counts| counts.closed), 0);
        crowd.counts(|counts| counts.lines)
    });
    assert_eq!(large - middle, 2 * (middle - small));
}

#[test]
fn members_of_a_channel_of_ten_thousand_are_listed() {
    let mut crowd = Crowd::join(10_000);
    crowd.send(1, &["NAMES #a"]);
    let (names, closed) = crowd.counts(|counts| (counts.names.len(), counts.closed));
    assert_eq!((names, closed), (10_000, 0));
}
