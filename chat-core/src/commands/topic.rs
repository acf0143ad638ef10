//! Sets a channel's topic.

use super::authority::Authority;
use crate::{ChannelName, Event, List, Record, Refusal, Role, Text, Topic};

pub(super) fn set(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    text: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.joined_channel(channel)?;
    if channel.modes.operator_topic && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    if role < Role::Voiced && authority.is_restricted(channel, List::Mutes) {
        return Err(Refusal::Muted(name));
    }
    if role < Role::Voiced && channel.modes.moderated {
        return Err(Refusal::Moderated(name));
    }
    let (by, at) = (authority.actor(), authority.now());
    let topic = text.map(|text| Topic { text, by: by.clone(), at });
    authority.record(Record::TopicChanged { channel: name.clone(), topic: topic.clone() });
    let event = Event::TopicChanged { channel: name.clone(), topic, by };
    authority.tell_channel_of_change(&name, &event);
    Ok(event)
}
