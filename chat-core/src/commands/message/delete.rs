//! Deletes a message.

use super::super::context::CommandContext;
use super::super::voice::check_voice;
use super::change::change;
use crate::{Deletion, Event, Message, MessageChangeKind, Refusal, Role, Target, Text};

pub(super) fn delete(
    context: &mut CommandContext<'_>,
    message: &Message,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let is_own = context.user().is_some_and(|user| user.has_sent(message));
    let mut may_delete = is_own;
    if let Target::Channel(name) = &message.target {
        let (name, channel, role) = context.joined_channel(name)?;
        may_delete |= role >= Role::Operator;
        // Everybody in the channel reads the reason.
        if may_delete && reason.is_some() {
            check_voice(context, &name, channel, Some(role))?;
        }
    }
    if !may_delete {
        return Err(Refusal::NotYourMessage(message.id));
    }
    let deletion = Deletion { by: context.actor(), at: context.now(), reason };
    change(context, message.deleted(deletion), MessageChangeKind::Deleted)
}
