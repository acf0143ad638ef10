//! Pins a message in its channel, or unpins it.

use super::super::context::CommandContext;
use super::change::change;
use crate::{Event, Message, MessageChange, MessageChangeKind, Pin, Refusal, Role, Target};
use alloc::sync::Arc;

pub(super) fn pin(
    context: &mut CommandContext<'_>,
    message: &Arc<Message>,
    pinned: bool,
) -> Result<Event, Refusal> {
    // Private messages have no operators.
    let Target::Channel(name) = &message.target else {
        return Err(Refusal::NoSuchMessage(message.id));
    };
    let (name, channel, role) = context.joined_channel(name)?;
    if role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let kind = if pinned { MessageChangeKind::Pinned } else { MessageChangeKind::Unpinned };
    if message.pin().is_some() == pinned {
        // Nothing changes, so that nobody else is told.
        let (message, by) = (message.clone(), context.actor());
        return Ok(Event::MessageChanged(Arc::new(MessageChange { message, by, kind })));
    }
    let oldest = context.state.oldest_readable_in(channel);
    let readable = channel.pins.iter().filter(|message| message.at >= oldest);
    let count = readable.count();
    if pinned && count >= Pin::MOST {
        return Err(Refusal::TooManyPins { limit: Pin::MOST });
    }
    let pin = pinned.then(|| Pin { by: context.actor(), at: context.now() });
    change(context, message.with_pin(pin), kind)
}
