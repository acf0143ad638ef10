//! Generates commands about masks.

use super::{TEXTS, pick};
use chat_core::{Command, HostCommand, List};

/// Returns a command that adds a mask or removes it; some masks are not valid.
pub(super) fn command(channel: String, first: u8, second: u8) -> Command {
    let reason = (first & 64 == 0).then(|| pick(TEXTS, first >> 3).into());
    let (list, mask) = (pick(&List::ALL, first >> 1), pick(MASKS, second).into());
    Command::SetMask { channel, list, mask, listed: second < 170, reason }
}

/// Returns the same as a command of the host.
pub(super) fn host(channel: String, first: u8, second: u8) -> HostCommand {
    let reason = (first & 64 == 0).then(|| pick(TEXTS, first >> 3).into());
    let (list, mask) = (pick(&List::ALL, first >> 1), pick(MASKS, second).into());
    HostCommand::SetMask { channel, list, mask, listed: second < 170, reason }
}

const MASKS: &[&str] =
    &["*", "b?b", "*!al@*", "BOB!*@*", "~a:alice", "*@hidden", "alice", "a b", "~x:bob", "?O?!*@*"];
