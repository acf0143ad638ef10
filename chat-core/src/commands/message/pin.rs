//! Pins a message in its channel, or unpins it.

use super::super::context::CommandContext;
use super::change::{change, unchanged};
use crate::{Event, Message, MessageChangeKind, Pin, Refusal, Target};
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
    let (_, channel, _) = context.state.governed_channel(name, &context.info.nickname)?;
    let kind = if pinned { MessageChangeKind::Pinned } else { MessageChangeKind::Unpinned };
    if message.pin().is_some() == pinned {
        return Ok(unchanged(context, message, kind));
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
