//! Sets a channel's topic.

use super::context::CommandContext;
use crate::{ChannelName, Event, List, Record, Refusal, Role, Text, Topic};

pub(super) fn set(
    context: &mut CommandContext<'_>,
    channel: &ChannelName,
    text: Option<Text>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = context.joined_channel(channel)?;
    if channel.modes.operator_topic && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let muted =
        context.user().is_some_and(|user| channel.restricts(List::Mutes, context.user, &user.info));
    if role < Role::Operator && muted {
        return Err(Refusal::Muted(name));
    }
    if role < Role::Voiced && channel.modes.moderated {
        return Err(Refusal::Moderated(name));
    }
    let (by, at) = (context.actor(), context.now());
    let topic = text.map(|text| Topic { text, by: by.clone(), at });
    context.record(Record::TopicChanged { channel: name.clone(), topic: topic.clone() });
    let event = Event::TopicChanged { channel: name.clone(), topic, by };
    context.tell_channel(&name, || event.clone());
    Ok(event)
}
