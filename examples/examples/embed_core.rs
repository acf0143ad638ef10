//! The engine in a plain `main`: no runtime, no sockets, no threads. This is what a game or a
//! support desk links, and everything that it has to do is to carry effects to where its own users
//! are.

#![allow(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "programs print, and look at the events that they care for"
)]

use chat_core::{
    Command, Config, Effect, Engine, Event, Input, MessageKind, Peer, Recipient, SessionId,
    Timestamp,
};

fn main() {
    // Time is a number that comes from outside. Here it stands still.
    let now = Timestamp::from_millis(1_767_225_600_000);
    let mut engine = Engine::new(Config::default(), now);
    let (alice, bob) = (SessionId(1), SessionId(2));

    let name = |name: &str| Command::identify(name);
    let inputs = [
        Input::Open { session: alice, peer: Peer::default() },
        Input::Open { session: bob, peer: Peer::default() },
        Input::Command { session: alice, request: None, command: name("alice") },
        Input::Command { session: bob, request: None, command: name("bob") },
        Input::Command {
            session: bob,
            request: None,
            command: Command::Say {
                to: Recipient::Channel("lobby".into()),
                kind: MessageKind::Message,
                text: "hello".into(),
            },
        },
    ];

    for input in inputs {
        for effect in engine.apply(now, input) {
            match effect {
                Effect::Reply { session, event, .. } => show(&[session], event),
                Effect::Deliver { to, event } => show(to, event),
                Effect::Close { session, reason } => println!("{session:?} ends: {reason:?}"),
                Effect::Ask { .. } => {} // with authentication: who is it?
                Effect::Record(_) => {}  // for a store
            }
        }
    }
}

/// A program shows events in its own way; this one only tells what it sees.
fn show(to: &[SessionId], event: &Event) {
    match event {
        Event::Said(message) => println!("{to:?} read: {}: {}", message.sender, message.text),
        other => println!("{to:?} are told: {other}"),
    }
}
