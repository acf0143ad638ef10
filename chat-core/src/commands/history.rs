//! Reading what was said.

use super::turn::Turn;
use crate::{ChannelName, Event, HistoryRange, Refusal};

pub(super) fn read(
    turn: &Turn<'_>,
    channel: &ChannelName,
    range: HistoryRange,
    limit: usize,
) -> Result<Event, Refusal> {
    let (name, channel, _) = turn.joined_channel(channel)?;
    let limit = limit.min(turn.state.config.history_page);
    let (messages, more) = channel.history.page(range, limit);
    Ok(Event::History { channel: name, messages, more })
}
