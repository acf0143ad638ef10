//! Fuzzes the dialect of IRC.

use crate::harness::{ClientDialect, Harness};
use crate::script;
use chat_dialects::{SlowConsumer, Style};

/// Checks the same as [`text`](crate::text()), and that every line is one of IRC within its limits.
pub fn irc(data: &[u8]) {
    let (header, actions) = script::read(data);
    let others = [
        ClientDialect::text(Style::bracket()),
        ClientDialect::json(),
        ClientDialect::txtchat(true),
    ];
    let dialects = std::array::from_fn(|number| match number {
        0..=6 => ClientDialect::irc(),
        _ => others[number - 7].clone(),
    });
    let mut harness = Harness::new(dialects, SlowConsumer::Lag);
    for action in &actions {
        harness.apply(action);
    }
    harness.finish(header.contains(&b's'));
}
