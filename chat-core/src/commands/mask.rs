//! Adds masks to the lists of a channel, and removes them.

use super::authority::Authority;
use super::{ban, exempt, mute};
use crate::{ChannelName, Event, List, ListSubject, MaskChange, Record, Refusal, Text, UserMask};
use alloc::boxed::Box;

pub(super) fn set(
    authority: &mut Authority<'_>,
    channel: &ChannelName,
    (list, mask, listed): (List, UserMask, bool),
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    if let Some(nickname) = mask.nickname() {
        match (list, listed) {
            (List::Bans, true) => return ban::ban(authority, channel, &nickname, reason),
            (List::Bans, false) => return ban::unban(authority, channel, &nickname),
            (List::Mutes, true) => return mute::mute(authority, channel, &nickname, reason),
            (List::Mutes, false) => return mute::unmute(authority, channel, &nickname),
            (List::Exceptions, true) => return exempt::exempt(authority, channel, &nickname),
            (List::Exceptions, false) => return exempt::unexempt(authority, channel, &nickname),
            // All entries of these lists are masks.
            (List::MuteExceptions | List::InviteExceptions, _) => {}
        }
    }
    let (name, channel, _) = authority.governed_channel(channel)?;
    let was_listed = channel.list(list).has_mask(&mask);
    if listed && !was_listed {
        authority.check_list_limit((&name, channel), list)?;
        let subject = ListSubject::Mask { mask: mask.clone() };
        authority.add_entry(&name, list, subject, reason.clone());
    } else if !listed && was_listed {
        let (channel, mask) = (name.clone(), mask.clone());
        authority.record(Record::MaskUnlisted { channel, list, mask });
    } else if !listed {
        return Err(Refusal::MaskNotListed { channel: name, mask });
    }
    let (by, changed) = (authority.actor(), listed != was_listed);
    let change = MaskChange { channel: name.clone(), list, mask, listed, changed, by, reason };
    let event = Event::MaskChanged(Box::new(change));
    if changed {
        authority.tell_channel(&name, || event.clone());
    }
    Ok(event)
}
