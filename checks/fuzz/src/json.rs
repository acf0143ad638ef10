//! Fuzzes the JSON dialect, in both versions.

use crate::harness::{CLIENTS, ClientDialect, Harness, object};
use crate::script::{self, Action};
use chat_dialects::{SlowConsumer, Style};
use serde_json::Value;

/// Checks the same as [`text`](crate::text()), and that every frame is an object and every request
/// of version 2 with a `ref` is answered exactly once.
pub fn json(data: &[u8]) {
    let (header, actions) = script::read(data);
    let programs = ClientDialect::json();
    let others = [
        ClientDialect::text(Style::star()),
        ClientDialect::text(Style::bracket()),
        ClientDialect::txtchat(true),
    ];
    let dialects = std::array::from_fn(|number| match number {
        0..=6 => programs.clone(),
        _ => others[number - 7].clone(),
    });
    let mut harness = Harness::new(dialects, SlowConsumer::Lag);
    // For each client, true if it has been welcomed to version 2.
    let mut welcomed = [false; CLIENTS];
    for action in &actions {
        let read: [bool; CLIENTS] = std::array::from_fn(|client| harness.reads(client));
        let sent = harness.apply(action);
        for (client, frames) in sent.iter().enumerate().take(7) {
            let own = match action {
                Action::Frame { client: sender, frame } if *sender == client => Some(&frame[..]),
                _ => None,
            };
            let own_reference = own.and_then(reference);
            let mut answers = 0;
            let was_welcomed = welcomed[client];
            for object in frames.iter().map(|frame| object(frame)) {
                // A client that did not read may now see answers to earlier requests.
                if read[client]
                    && let Some(answer) = object.get("ref")
                {
                    let answers_own = own_reference.as_ref() == Some(answer);
                    assert!(
                        answers_own || own.is_some_and(is_invalid_json),
                        "{object:?} answers nothing"
                    );
                    answers += 1;
                }
                welcomed[client] |= object.contains_key("session");
            }
            assert!(answers <= 1, "{answers} answers to {action:?}");
            if was_welcomed && own_reference.is_some() && read[client] {
                assert_eq!(answers, 1, "no answer to {action:?}");
            }
            welcomed[client] &= harness.is_there(client);
        }
    }
    harness.finish(header.contains(&b's'));
}

/// Returns the `ref` of a frame, if an answer has to repeat it.
fn reference(frame: &[u8]) -> Option<Value> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(frame) else { return None };
    let reference = object.remove("ref")?;
    let is_text = reference.as_str().is_some_and(|reference| reference.len() <= 64);
    (is_text || reference.is_number()).then_some(reference)
}

/// Returns true if a frame is not JSON for this parser. The dialect may or may not find its `ref`
/// then.
fn is_invalid_json(frame: &[u8]) -> bool {
    serde_json::from_slice::<Value>(frame).is_err()
}
