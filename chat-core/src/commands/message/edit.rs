//! Edits a message.

use super::super::context::CommandContext;
use super::super::voice::check_voice;
use super::change::change;
use crate::{Config, Event, Message, MessageChangeKind, Refusal, Target, Text};

pub(super) fn edit(
    context: &mut CommandContext<'_>,
    message: &Message,
    text: Text,
) -> Result<Event, Refusal> {
    if !context.user().is_some_and(|user| user.has_sent(message)) {
        return Err(Refusal::NotYourMessage(message.id));
    }
    let now = context.now();
    if context.state.config.edit_window.is_some_and(|window| message.at + window < now) {
        return Err(Refusal::TooOldToEdit(message.id));
    }
    if let Target::Channel(name) = &message.target {
        let (name, channel, role) = context.joined_channel(name)?;
        check_voice(context, &name, channel, Some(role))?;
    }
    change(context, message.edited(text, now), MessageChangeKind::Edited)
}

/// Checks the limits of the text of a message.
#[inline(always)]
pub(in crate::commands) fn check_text(text: &Text, config: &Config) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::MessageEmpty);
    }
    let limit = config.message_bytes;
    if text.as_str().len() > limit {
        return Err(Refusal::MessageTooLong { limit });
    }
    let limit = config.message_lines;
    // The lines of a short text need not be counted.
    if text.as_str().len() >= limit && text.line_count() > limit {
        return Err(Refusal::TooManyLines { limit });
    }
    Ok(())
}
