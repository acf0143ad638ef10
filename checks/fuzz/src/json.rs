//! Objects for programs, in both versions.

use crate::script::{self, Act};
use crate::stage::{CLIENTS, Speaks, Stage, object};
use chat_dialects::{SlowConsumer, Style};
use serde_json::Value;

/// As for text; and every frame is an object, and every request of version 2 that has a `ref` is
/// answered exactly once.
pub fn json(data: &[u8]) {
    let (header, acts) = script::read(data);
    let programs = Speaks::json();
    let others =
        [Speaks::text(Style::star()), Speaks::text(Style::bracket()), Speaks::txtchat(true)];
    let speak = std::array::from_fn(|number| match number {
        0..=6 => programs.clone(),
        _ => others[number - 7].clone(),
    });
    let mut stage = Stage::new(speak, SlowConsumer::Lag);
    // Who has been welcomed to version 2.
    let mut welcomed = [false; CLIENTS];
    for act in &acts {
        let read: [bool; CLIENTS] = std::array::from_fn(|client| stage.reads(client));
        let sent = stage.act(act);
        for (client, frames) in sent.iter().enumerate().take(7) {
            let own = match act {
                Act::Frame { client: sender, frame } if *sender == client => Some(&frame[..]),
                _ => None,
            };
            let named = own.and_then(reference);
            let mut answers = 0;
            let was_welcomed = welcomed[client];
            for object in frames.iter().map(|frame| object(frame)) {
                // Who did not read sees only now what was answered then.
                if read[client]
                    && let Some(answer) = object.get("ref")
                {
                    let is_named = named.as_ref() == Some(answer);
                    assert!(is_named || own.is_some_and(is_odd), "{object:?} answers nothing");
                    answers += 1;
                }
                welcomed[client] |= object.contains_key("session");
            }
            assert!(answers <= 1, "{answers} answers to {act:?}");
            if was_welcomed && named.is_some() && read[client] {
                assert_eq!(answers, 1, "no answer to {act:?}");
            }
            welcomed[client] &= stage.is_there(client);
        }
    }
    stage.finish(header.contains(&b's'));
}

/// What a frame calls itself, if an answer has to repeat that.
fn reference(frame: &[u8]) -> Option<Value> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(frame) else { return None };
    let reference = object.remove("ref")?;
    let is_text = reference.as_str().is_some_and(|reference| reference.len() <= 64);
    (is_text || reference.is_number()).then_some(reference)
}

/// Whether a frame is not JSON as a whole, or not to this parser. Then what it calls itself may be
/// found or not.
fn is_odd(frame: &[u8]) -> bool {
    serde_json::from_slice::<Value>(frame).is_err()
}
