//! Closes channels.

use super::super::authority::Authority;
use crate::{ChannelName, Event, Refusal, Text};

pub(super) fn close(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (channel, _) = authority.state.visible_channel(channel, None)?;
    if channel.is_lobby() {
        return Err(Refusal::LobbyKept);
    }
    let by = authority.actor();
    let event = Event::ChannelClosed { channel: channel.clone(), by, reason };
    authority.tell_channel(&channel, || event.clone());
    authority.state.forget_channel(authority.out, &channel);
    Ok(event)
}
