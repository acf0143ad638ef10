//! Reads a channel's history.

use super::context::CommandContext;
use crate::{ChannelName, Event, HistoryRange, Refusal};

pub(super) fn read(
    context: &CommandContext<'_>,
    channel: &ChannelName,
    range: HistoryRange,
    limit: usize,
) -> Result<Event, Refusal> {
    let (name, channel, _) = context.joined_channel(channel)?;
    let limit = limit.min(context.state.config.history_page);
    let (messages, more) = channel.history.page(range, limit);
    Ok(Event::History { channel: name, messages, more })
}
