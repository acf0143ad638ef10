//! Leaves a channel.

use super::context::CommandContext;
use crate::{ChannelName, Event, Refusal, Text};

pub(super) fn leave(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (channel, _, _) = context.joined_channel(channel)?;
    let event = Event::Left { channel: channel.clone(), user: context.info.clone(), reason };
    // Announced while the leaving member still counts, so that a channel at the limit announces
    // joins and leaves alike.
    context.announce(&channel, || event.clone());
    context.tell_own(|| event.clone());
    context.remove_member(&channel, context.user);
    Ok(event)
}
