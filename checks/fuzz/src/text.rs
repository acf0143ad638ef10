//! Fuzzes the text dialect, in each style.

use crate::harness::{ClientDialect, Harness};
use crate::script;
use chat_dialects::{SlowConsumer, Style};

/// Checks that nothing panics, that every frame is safe to show, and that in the end everything
/// closes.
///
/// The header begins with `b`, `s` or `p` for the style; a capital letter toggles the timestamps of
/// that style. With `!` in it, clients that do not read are disconnected.
pub fn text(data: &[u8]) {
    let (header, actions) = script::read(data);
    let first = header.first().copied().unwrap_or_default();
    let mut style = match first.to_ascii_lowercase() {
        b's' => Style::star(),
        b'p' => Style::plain(),
        _ => Style::bracket(),
    };
    style.timestamps ^= first.is_ascii_uppercase();
    let strict = header.contains(&b'!');
    let slow_consumer = if strict { SlowConsumer::Disconnect } else { SlowConsumer::Lag };

    let people = ClientDialect::text(style);
    let others = [ClientDialect::text(Style::plain()), ClientDialect::json(), ClientDialect::irc()];
    let dialects = std::array::from_fn(|number| match number {
        0..=6 => people.clone(),
        _ => others[number - 7].clone(),
    });
    let mut harness = Harness::new(dialects, slow_consumer);
    for action in &actions {
        harness.apply(action);
    }
    harness.finish(strict);
}
