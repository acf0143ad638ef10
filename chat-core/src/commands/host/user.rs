//! Moves and changes users.

use super::super::authority::Authority;
use super::super::context::CommandContext;
use super::super::{check, check_data, data, join, leave};
use crate::{Event, Nickname, Refusal, Text, UserChange, UserId, UserInfo};
use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn join(
    authority: &mut Authority<'_>,
    channel: &str,
    nickname: &str,
) -> Result<Event, Refusal> {
    let channel = check::channel(authority.state, channel)?;
    let (id, _) = user(authority, nickname)?;
    let (channel, _) = authority.state.visible_channel(&channel, None)?;
    let context = &mut CommandContext::of(authority.state, authority.out, None, id)?;
    let user = context.info.clone();
    join::join_by_host(context, channel.clone())?;
    let away = context.user().and_then(|user| context.state.away(user));
    Ok(Event::Joined { channel, user, away })
}

pub(super) fn leave(
    authority: &mut Authority<'_>,
    channel: &str,
    nickname: &str,
    reason: Option<String>,
) -> Result<Event, Refusal> {
    let (id, nickname) = user(authority, nickname)?;
    let channel = check::channel(authority.state, channel)?;
    let reason = check::reason(&authority.state.config, reason)?;
    let (channel, _) = authority.state.visible_channel(&channel, None)?;
    let context = &mut CommandContext::of(authority.state, authority.out, None, id)?;
    if !context.user().is_some_and(|user| user.channels.contains(&channel)) {
        return Err(Refusal::UserNotInChannel { channel, nickname });
    }
    leave::leave(context, &channel, reason)
}

pub(super) fn change(
    authority: &mut Authority<'_>,
    nickname: &str,
    changes: Vec<UserChange>,
) -> Result<Event, Refusal> {
    let (id, _) = user(authority, nickname)?;
    let context = &mut CommandContext::of(authority.state, authority.out, None, id)?;
    let mut after = UserInfo::clone(&context.info);
    for change in changes {
        match change {
            UserChange::Host(host) => after.host = check::host(host)?,
            UserChange::RealName(name) => {
                after.real_name = name.map(|name| Text::clean(&name));
                check::real_name(&mut after.real_name, context.state.config.real_name_bytes)?;
            }
            UserChange::Bot(bot) => after.bot = bot,
            UserChange::Data(data) => {
                check_data::limit(&context.state.config, &data)?;
                after.data = data;
            }
        }
    }
    Ok(data::update_user(context, after))
}

/// Returns the user of this name, online or disconnected, and the name as it is shown.
fn user(authority: &Authority<'_>, nickname: &str) -> Result<(UserId, Nickname), Refusal> {
    let nickname = check::nickname(nickname)?;
    match authority.state.user_named(&nickname) {
        Some((id, user)) => Ok((id, user.nickname().clone())),
        None => Err(Refusal::NoSuchUser(nickname)),
    }
}
