//! Changes a channel's modes.

use super::authority::Authority;
use crate::{ChannelName, Config, Event, ModeChange, Record, Refusal, Role, SettingError};
use alloc::vec::Vec;

pub(super) fn set(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    changes: Vec<ModeChange>,
) -> Result<Event, Refusal> {
    let (name, channel, role) = authority.governed_channel(channel)?;
    // The messages that are not kept are lost for good.
    if role < Role::Owner && changes.iter().any(|change| matches!(change, ModeChange::Keep(_))) {
        return Err(Refusal::NotPermitted { channel: name, needed: Role::Owner });
    }
    let mut modes = channel.modes.clone();
    changes.into_iter().for_each(|change| modes.change(change));
    let changes = modes.changes_since(&channel.modes);
    let is_changed = !changes.is_empty();
    let event = Event::ModesChanged {
        channel: name.clone(),
        changes,
        modes: modes.clone(),
        by: authority.actor(),
    };
    if is_changed {
        authority.record(Record::ModesChanged { channel: name.clone(), modes });
        authority.tell_channel_of_change(&name, &event);
    }
    Ok(event)
}

/// Checks that a change is valid.
pub(super) fn check(change: &ModeChange, config: &Config) -> Result<(), Refusal> {
    let key_bytes = config.key_bytes;
    match change {
        ModeChange::Key(Some(key)) => {
            let fits = (1..=key_bytes).contains(&key.len());
            let plain = !key.contains(|c: char| c.is_whitespace() || crate::text::is_unsafe(c));
            if fits && plain { Ok(()) } else { Err(Refusal::KeyInvalid { limit: key_bytes }) }
        }
        ModeChange::MemberLimit(Some(0)) => Err(Refusal::MemberLimitInvalid),
        ModeChange::Keep(Some(keep)) => {
            let least = config.shortest_keep;
            let most = config.message_age.unwrap_or(SettingError::LONGEST_TIME);
            let fits = (least..=most).contains(keep);
            if fits { Ok(()) } else { Err(Refusal::KeepInvalid { least, most }) }
        }
        ModeChange::Key(None)
        | ModeChange::Keep(None)
        | ModeChange::MemberLimit(_)
        | ModeChange::Secret(_)
        | ModeChange::InviteOnly(_)
        | ModeChange::Moderated(_)
        | ModeChange::MembersOnly(_)
        | ModeChange::OperatorTopic(_)
        | ModeChange::NoCtcp(_) => Ok(()),
    }
}
