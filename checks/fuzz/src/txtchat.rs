//! Lines for the clients of an older kind of server.

use crate::script::{self, Act};
use crate::stage::{Speaks, Stage};
use chat_dialects::{SlowConsumer, Style};

/// As for text; and every line that is not blank is answered.
///
/// With `n` in the header, messages are shown with names.
pub fn txtchat(data: &[u8]) {
    let (header, acts) = script::read(data);
    let clients = Speaks::txtchat(header.contains(&b'n'));
    let others = [Speaks::text(Style::bracket()), Speaks::json(), Speaks::text(Style::plain())];
    let speak = std::array::from_fn(|number| match number {
        0..=6 => clients.clone(),
        _ => others[number - 7].clone(),
    });
    let mut stage = Stage::new(speak, SlowConsumer::Lag);
    for act in &acts {
        // On connecting, a client is greeted; that is no answer.
        let greeting = match act {
            Act::Frame { client, .. } | Act::TooLong { client } => {
                usize::from(!stage.is_there(*client))
            }
            Act::Leave { .. } | Act::Deafen { .. } | Act::Wait { .. } => 0,
        };
        let sent = stage.act(act);
        let Act::Frame { client: client @ 0..=6, frame } = act else { continue };
        let is_blank = std::str::from_utf8(frame).is_ok_and(|line| line.trim().is_empty());
        if !is_blank && stage.reads(*client) {
            assert!(sent[*client].len() > greeting, "no answer to {frame:?}");
        }
    }
    stage.finish(header.contains(&b's'));
}
