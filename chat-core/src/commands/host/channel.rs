//! Creates and closes channels.

use super::super::authority::Authority;
use super::super::{check, check_data, data, modes};
use crate::{
    AccountName, AppData, ChannelNameError, Event, ModeChange, Record, Refusal, StatusSet, Topic,
};
use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn create(
    authority: &mut Authority<'_>,
    channel: &str,
    changes: Vec<ModeChange>,
    topic: Option<String>,
    owner: Option<AccountName>,
) -> Result<Event, Refusal> {
    let state = &*authority.state;
    let config = &state.config;
    let channel = check::wanted_channel(state, None, channel)?;
    let limit = config.channel_name_length;
    if channel.shown().chars().count() > limit {
        return Err(Refusal::ChannelNameInvalid(ChannelNameError::TooLong { limit }));
    }
    let mut modes = config.new_channel_modes.clone();
    for change in changes {
        modes::check(&change, config)?;
        modes.change(change);
    }
    let topic = check::topic(config, topic)?;
    if let Some((known, _)) = state.durable.channels.get_key_value(&channel) {
        return Err(Refusal::ChannelExists(known.clone()));
    }
    if state.durable.channels.len() >= config.channels {
        return Err(Refusal::TooManyChannels { limit: config.channels });
    }

    let mut statuses = StatusSet::default();
    if owner.is_some() {
        statuses.insert(config.creator_status);
    }
    let (id, by, at) = (state.next_channel_id(), authority.actor(), authority.now());
    authority.record(Record::ChannelCreated {
        channel: channel.clone(),
        id,
        by: by.clone(),
        owner,
        statuses,
        modes,
        kept: true,
    });
    if let Some(text) = topic {
        let topic = Some(Topic { text, by: by.clone(), at });
        authority.record(Record::TopicChanged { channel: channel.clone(), topic });
    }
    Ok(Event::ChannelCreated { channel, by })
}

pub(super) fn set_data(
    authority: &mut Authority<'_>,
    channel: &str,
    data: AppData,
) -> Result<Event, Refusal> {
    check_data::limit(&authority.state.config, &data)?;
    let channel = check::channel(authority.state, channel)?;
    let (channel, _) = authority.state.visible_channel(&channel, None)?;
    Ok(data::replace(authority, channel, data))
}
