//! Lines for people, in each style.

use crate::script;
use crate::stage::{Speaks, Stage};
use chat_dialects::{SlowConsumer, Style};

/// Nothing panics, all that anybody is sent is safe, and in the end everything closes.
///
/// The header begins with `b`, `s` or `p` for the style, or with a capital for one that is
/// otherwise about timestamps; with `!` in it, who does not read is closed.
pub fn text(data: &[u8]) {
    let (header, acts) = script::read(data);
    let first = header.first().copied().unwrap_or_default();
    let mut style = match first.to_ascii_lowercase() {
        b's' => Style::star(),
        b'p' => Style::plain(),
        _ => Style::bracket(),
    };
    style.timestamps ^= first.is_ascii_uppercase();
    let strict = header.contains(&b'!');
    let slow_consumer = if strict { SlowConsumer::Disconnect } else { SlowConsumer::Lag };

    let people = Speaks::text(style);
    let others = [Speaks::text(Style::plain()), Speaks::json(), Speaks::txtchat(true)];
    let speak = std::array::from_fn(|number| match number {
        0..=6 => people.clone(),
        _ => others[number - 7].clone(),
    });
    let mut stage = Stage::new(speak, slow_consumer);
    for act in &acts {
        stage.act(act);
    }
    stage.finish(strict);
}
