//! Fuzzes the txt-chat dialect.

use crate::harness::{ClientDialect, Harness};
use crate::script::{self, Action};
use chat_dialects::{SlowConsumer, Style};

/// Checks the same as [`text`](crate::text()), and that every line that is not blank is answered.
///
/// With `n` in the header, messages are shown with names.
pub fn txtchat(data: &[u8]) {
    let (header, actions) = script::read(data);
    let clients = ClientDialect::txtchat(header.contains(&b'n'));
    let others = [
        ClientDialect::text(Style::bracket()),
        ClientDialect::json(),
        ClientDialect::text(Style::plain()),
    ];
    let dialects = std::array::from_fn(|number| match number {
        0..=6 => clients.clone(),
        _ => others[number - 7].clone(),
    });
    let mut harness = Harness::new(dialects, SlowConsumer::Lag);
    for action in &actions {
        // The greeting on connecting is not an answer.
        let greeting = match action {
            Action::Frame { client, .. } | Action::TooLong { client } => {
                usize::from(!harness.is_there(*client))
            }
            Action::Leave { .. } | Action::ToggleReading { .. } | Action::Wait { .. } => 0,
        };
        let sent = harness.apply(action);
        let Action::Frame { client: client @ 0..=6, frame } = action else { continue };
        let is_blank = std::str::from_utf8(frame).is_ok_and(|line| line.trim().is_empty());
        if !is_blank && harness.reads(*client) {
            assert!(sent[*client].len() > greeting, "no answer to {frame:?}");
        }
    }
    harness.finish(header.contains(&b's'));
}
