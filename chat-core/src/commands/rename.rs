//! Changes a user's nickname.

use super::context::CommandContext;
use super::server_ban;
use crate::state::State;
use crate::{AccountName, Event, Nickname, PresenceChange, Refusal, UserInfo};
use alloc::sync::Arc;

pub(super) fn rename(context: &mut CommandContext<'_>, to: Nickname) -> Result<Event, Refusal> {
    let session = context.session.and_then(|session| context.state.sessions.get(&session));
    if to != context.info.nickname && session.is_some_and(|session| session.is_named_by_host()) {
        return Err(Refusal::NicknameGiven);
    }
    if to != context.info.nickname {
        server_ban::check_nickname(context.state, &to)?;
    }
    check_free(context.state, &to, Some(&context.info.nickname))?;
    if to != context.info.nickname {
        check_registered(context.state, &to, context.info.account.as_ref())?;
    }
    let from = context.info.clone();
    let to = Arc::new(UserInfo { nickname: to, ..UserInfo::clone(&from) });
    if from.nickname.shown() != to.nickname.shown() {
        context.state.update_user(context.user, to.clone());
        let event = || Event::Renamed { from: from.clone(), to: to.clone() };
        context.state.keep_in_channels_of(context.user, event);
        let largest = context.state.config.announce_up_to;
        let own = context.state.sessions_of(context.user);
        let audiences = context.state.audiences(context.user, largest).chain([own]);
        context.out.deliver_once(audiences, context.session, event);
        if from.nickname != to.nickname {
            context.state.tell_watchers(context.out, &from, PresenceChange::Offline);
            context.state.tell_watchers(context.out, &to, PresenceChange::Online);
        }
    }
    Ok(Event::Renamed { from, to })
}

/// Checks that a nickname is free. The user who gives up the nickname `own` may take it or a
/// look-alike of it.
pub(super) fn check_free(
    state: &State,
    nickname: &Nickname,
    own: Option<&Nickname>,
) -> Result<(), Refusal> {
    if state.names.is_taken(nickname, own) {
        return Err(Refusal::NicknameInUse(nickname.clone()));
    }
    Ok(())
}

/// Refuses a nickname that is reserved for another account than the user's.
pub(super) fn check_registered(
    state: &State,
    nickname: &Nickname,
    own: Option<&AccountName>,
) -> Result<(), Refusal> {
    if state.config.reserve_nicknames && state.logins.is_taken(nickname, own) {
        return Err(Refusal::NicknameRegistered(nickname.clone()));
    }
    Ok(())
}
