//! Reading and setting a channel's topic.

use super::turn::Turn;
use crate::{Event, List, Record, Refusal, Role, Text, Topic};
use alloc::string::String;

pub(super) fn show(turn: &Turn<'_>, raw: &str) -> Result<Event, Refusal> {
    let (name, channel) = turn.channel(raw)?;
    Ok(Event::TopicShown { channel: name, topic: channel.topic.clone() })
}

pub(super) fn set(turn: &mut Turn<'_>, raw: &str, topic: Option<String>) -> Result<Event, Refusal> {
    let (name, channel, role) = turn.joined_channel(raw)?;
    if channel.modes.operator_topic && role < Role::Operator {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Operator });
    }
    let muted = turn.user().is_some_and(|user| channel.restricts(List::Mutes, turn.user, user));
    if role < Role::Operator && muted {
        return Err(Refusal::Muted(name));
    }
    if role < Role::Voiced && channel.modes.moderated {
        return Err(Refusal::Moderated(name));
    }
    let text = topic.map(|topic| Text::clean(&topic));
    let limit = turn.state.config.topic_bytes;
    if text.as_ref().is_some_and(|text| text.as_str().len() > limit) {
        return Err(Refusal::TopicTooLong { limit });
    }
    let (by, at) = (turn.nickname.clone(), turn.now());
    let topic = text.map(|text| Topic { text, by: by.clone(), at });
    if let Some(channel) = turn.state.channels.get_mut(&name) {
        channel.topic.clone_from(&topic);
    }
    turn.out.record(Record::TopicChanged { channel: name.clone(), topic: topic.clone() });
    let event = Event::TopicChanged { channel: name.clone(), topic, by };
    turn.tell_channel(&name, || event.clone());
    Ok(event)
}
