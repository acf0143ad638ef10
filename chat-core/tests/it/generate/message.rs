//! Commands about messages.

use super::{TEXTS, pick};
use chat_core::{Command, Message, MessageAction, MessageCommand, MessageId};
use std::collections::VecDeque;
use std::sync::Arc;

pub(super) fn command(channel: String, first: u8, second: u8) -> MessageCommand {
    let reason = (first & 4 == 0).then(|| String::from(pick(TEXTS, second)));
    MessageCommand {
        // Mostly, it is replaced by that of a recent message.
        id: MessageId(second.into()),
        channel: (first & 8 == 0).then_some(channel),
        action: match first >> 4 & 7 {
            0 => MessageAction::Delete { reason },
            1..=4 => MessageAction::Edit { text: pick(TEXTS, second).into() },
            5 => MessageAction::Pin { pinned: first & 1 == 0 },
            _ => MessageAction::React { emoji: emoji(second), remove: first & 1 == 0 },
        },
    }
}

/// Returns an emoji, of which there are enough to reach the limit.
fn emoji(second: u8) -> String {
    match second % 32 {
        0 => pick(TEXTS, second >> 5).into(),
        number => format!("\u{1f44d}{number}"),
    }
}

/// Returns the message that another replies to, if it does. Mostly, it is replaced by a recent one.
pub(super) fn parent(first: u8, second: u8) -> Option<MessageId> {
    (first & 3 == 3).then_some(MessageId(second.into()))
}

/// Replaces the message of a command by one of the last messages.
pub(super) fn recent(mut command: Command, last: &VecDeque<Arc<Message>>) -> Command {
    if let Command::Message(MessageCommand { id, .. }) | Command::Say { reply_to: Some(id), .. } =
        &mut command
        && id.0 & 7 != 7
        && let Some(message) = last.iter().rev().nth(usize::try_from(id.0 >> 4).unwrap_or(0))
    {
        *id = message.id;
    }
    command
}
