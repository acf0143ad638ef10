//! Leaving a channel.

use super::turn::Turn;
use crate::{ChannelName, Event, Refusal, Text};

pub(super) fn leave(
    turn: &mut Turn<'_>,
    channel: &ChannelName,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (channel, _, _) = turn.joined_channel(channel)?;
    let event = Event::Left { channel: channel.clone(), nickname: turn.nickname.clone(), reason };
    // Told while the leaver still counts, so that a channel at the limit announces coming and going alike.
    turn.announce(&channel, || event.clone());
    turn.tell_own(|| event.clone());
    turn.remove_member(&channel, turn.user);
    Ok(event)
}
