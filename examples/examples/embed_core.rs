//! The engine in a plain `main`: no runtime, no sockets. This is the loop that a game or a support
//! desk writes. It waits for input until the engine's next deadline, and then lets time pass.

#![allow(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "an example prints its result, and handles only some events"
)]

use chat_core::{
    CloseReason, Command, Config, Effect, Engine, Event, Input, Peer, SessionId, Timestamp,
};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

const ALICE: SessionId = SessionId(1);
const BOB: SessionId = SessionId(2);
/// A client that never takes a nickname.
const MUTE: SessionId = SessionId(3);

fn main() {
    let clock = Clock::start();
    let config = Config { naming_timeout: Some(Duration::from_secs(1)), ..Config::default() };
    let mut engine = Engine::new(config, clock.now());
    let (clients, inputs) = mpsc::channel();
    thread::spawn(move || send_inputs(&clients));

    loop {
        let deadline = engine.next_deadline().map(|deadline| deadline.since(clock.now()));
        let input = match inputs.recv_timeout(deadline.unwrap_or(Duration::MAX)) {
            Ok(input) => input,
            // Nothing was sent before the deadline: the engine closes sessions, forgets bans, ….
            Err(RecvTimeoutError::Timeout) => Input::Tick,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        for effect in engine.apply(clock.now(), input) {
            carry_out(effect);
        }
    }
}

/// Delivers an effect. A server writes to sockets here.
fn carry_out(effect: Effect<'_>) {
    match effect {
        Effect::Reply { session, event, .. } => show(&[session], event),
        Effect::Deliver { to, event } => show(to, event),
        Effect::Close { session, reason } => println!("{session:?} is closed: {}", reason.code()),
        // `Ask` comes only with `Config::authenticate`, and `Record` is for a store.
        _ => {}
    }
}

fn show(to: &[SessionId], event: &Event) {
    match event {
        Event::Said(message) => println!("{to:?} read: {}: {}", message.sender, message.text),
        other => println!("{to:?} receive: {other}"),
    }
}

/// Plays three clients, which other threads of an application could be.
fn send_inputs(engine: &Sender<Input>) {
    let inputs = [
        Input::Open { session: ALICE, peer: Peer::default() },
        Input::Open { session: BOB, peer: Peer::default() },
        Input::Open { session: MUTE, peer: Peer::default() },
        command(ALICE, Command::identify("alice")),
        command(BOB, Command::identify("bob")),
        command(BOB, Command::say("lobby", "hello")),
    ];
    for input in inputs {
        engine.send(input).expect("the engine runs");
    }
    thread::sleep(Duration::from_secs(2));
    for session in [ALICE, BOB] {
        let close = Input::Close { session, reason: CloseReason::Disconnected };
        engine.send(close).expect("the engine runs");
    }
}

fn command(session: SessionId, command: Command) -> Input {
    Input::Command { session, request: None, command }
}

/// The engine's time: one look at the time of day, continued by a clock that never goes back.
struct Clock {
    started_at: Timestamp,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        let started_at = Timestamp::from_millis(since_1970.as_millis() as u64);
        Self { started_at, started: Instant::now() }
    }

    fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }
}
