//! Generates answers of the host.

use super::{OFFERED, account, pick};
use chat_core::{Answer, Identity, Message, MessageId, Text, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

pub(super) fn answer(now: u64, first: u8, second: u8) -> Answer {
    let expires = pick(&[None, None, None, Some(0), Some(400), Some(2_000)], second >> 2);
    match first % 16 {
        0 => Answer::Refused(Text::clean("no")),
        1 => Answer::Unavailable,
        2..=6 => account::answer(first, second),
        7..=11 => Answer::Guest,
        _ => {
            let mut identity = Identity::new(pick(&["al", "bo"], first >> 4))
                .with_nicknames(pick(OFFERED, second).iter().copied());
            identity.expires = expires.map(|later| Timestamp::from_millis(now + later));
            Answer::Account(identity)
        }
    }
}

/// Returns messages of the store, of any channel and user, and sometimes in the wrong order.
pub(super) fn messages(stored: &VecDeque<Arc<Message>>, first: u8, second: u8) -> Answer {
    let start = usize::from(first) % (stored.len() + 1);
    let found = stored.range(start..).step_by(1 + usize::from(second & 1)).take(8);
    let mut messages: Vec<_> = found.cloned().collect();
    if second & 6 == 6 {
        messages.reverse();
    }
    if second & 16 == 0 {
        let next = (second & 8 == 0).then(|| MessageId((second >> 5).into()));
        return Answer::Found { messages, next };
    }
    Answer::Messages { messages, more: second & 8 == 0 }
}
