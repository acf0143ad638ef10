//! Sets application data of users and channels, which everybody can see.

use super::authority::Authority;
use super::context::CommandContext;
use super::{check_data, profile};
use crate::{AppData, ChannelName, Config, DataChange, Event, Record, Refusal, Text, UserInfo};
use alloc::vec::Vec;

/// Changes the data of the user itself.
pub(super) fn set_own(
    context: &mut CommandContext<'_>,
    changes: Vec<DataChange<Text>>,
) -> Result<Event, Refusal> {
    let data = changed(&context.state.config, &context.info.data, changes)?;
    let after = UserInfo { data, ..UserInfo::clone(&context.info) };
    Ok(update_user(context, after))
}

/// Replaces the identity of the context's user. Data of an account is kept.
pub(super) fn update_user(context: &mut CommandContext<'_>, after: UserInfo) -> Event {
    if after.data != context.info.data
        && let Some(account) = after.account.clone()
    {
        context.record(Record::AccountDataChanged { account, data: after.data.clone() });
    }
    profile::update(context, after)
}

/// Changes the data of a channel.
pub(super) fn set_of_channel(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    changes: Vec<DataChange<Text>>,
) -> Result<Event, Refusal> {
    let (channel, known, _) = authority.governed_channel(channel)?;
    let data = changed(&authority.state.config, &known.data, changes)?;
    Ok(replace(authority, channel, data))
}

/// Replaces the data of a channel, and tells its members of a difference.
pub(super) fn replace(authority: &mut Authority<'_>, channel: ChannelName, data: AppData) -> Event {
    let known = authority.state.durable.channels.get(&channel);
    let before = known.map(|known| known.data.clone()).unwrap_or_default();
    let is_changed = before != data;
    let event = Event::ChannelDataChanged {
        channel: channel.clone(),
        before,
        data: data.clone(),
        by: authority.actor(),
    };
    if is_changed {
        authority.record(Record::ChannelDataChanged { channel: channel.clone(), data });
        authority.tell_channel_of_change(&channel, &event);
    }
    event
}

fn changed(
    config: &Config,
    data: &AppData,
    changes: Vec<DataChange<Text>>,
) -> Result<AppData, Refusal> {
    let mut data = data.clone();
    for DataChange { key, text } in changes {
        if !config.public_data_keys.contains(&key) {
            return Err(Refusal::DataKeyNotPublic);
        }
        let limit = AppData::MOST_ENTRIES;
        data = data.with(&key, text).map_err(|_| Refusal::TooManyDataEntries { limit })?;
    }
    check_data::limit(config, &data)?;
    Ok(data)
}
