//! Logs a session in, before or after it has taken a nickname.

use super::sessions::{self, Login};
use crate::commands::context::CommandContext;
use crate::commands::{identify, profile, quit, rename};
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{
    AccountName, ChannelName, CloseReason, Event, LoggedIn, Nickname, Record, Refusal, SessionId,
    StatusSet, Text, UserId, UserInfo,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

pub(super) fn log_in(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    login: Login,
    is_new: bool,
) -> Result<Event, Refusal> {
    let (account, token) = (login.account.clone(), login.token.clone());
    let logged_in = |user, channels| {
        Event::LoggedIn(Box::new(LoggedIn { account, is_new, token, user, channels }))
    };
    let guest = state.sessions.get(&session).and_then(|open| open.user());
    let Some(guest) = guest else {
        sessions::begin(state, session, login);
        sessions::issue_fresh(state, out, session);
        return Ok(logged_in(None, None));
    };
    let Login { account, token, device } = login;
    let existing = state.user_of_account(&account);
    if let Some(existing) = existing {
        identify::check_session_count(state, existing)?;
    }
    if let Some(token) = &token {
        sessions::issue(state, out, session, (&account, token), device);
    }
    let Some(existing) = existing else {
        take_account(state, out, (session, guest), &account)?;
        return Ok(logged_in(state.user(guest).map(|user| user.info.clone()), None));
    };
    move_session(state, out, (session, guest), &account);
    state.attach(session, existing);
    let context = &mut CommandContext::of(state, out, Some(session), existing)?;
    identify::show_channels(context, session, None);
    let channels = context.channels();
    Ok(logged_in(Some(context.info.clone()), Some(channels)))
}

/// Makes a guest the user of an account. It keeps its name and its channels, and has from now on
/// the statuses there that it has as a guest, and those of the account.
fn take_account(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, guest): (SessionId, UserId),
    account: &AccountName,
) -> Result<(), Refusal> {
    state.record(out, Record::AccountSeen { account: account.clone() });
    let known = state.durable.account(account);
    let data = known.map(|known| known.data.clone()).unwrap_or_default();
    let context = &mut CommandContext::of(state, out, Some(session), guest)?;
    let mut info = UserInfo::clone(&context.info);
    info.account = Some(account.clone());
    if info.data.is_empty() {
        info.data = data;
    } else {
        let data = info.data.clone();
        context.record(Record::AccountDataChanged { account: account.clone(), data });
    }
    let channels = context.channels();
    let invitations: Vec<ChannelName> =
        context.user().map(|user| user.invitations().to_vec()).unwrap_or_default();
    profile::update(context, info);
    context.state.remember_memberships(context.out, guest);
    context.refresh();
    take_name(context, account);
    context.refresh();
    for channel in channels {
        unite_statuses(context, &channel, account);
    }
    for channel in invitations {
        context.record(Record::Invited { channel, account: account.clone() });
    }
    Ok(())
}

/// Renames a user with a generated nickname to the name of its account, if that is free.
fn take_name(context: &mut CommandContext<'_>, account: &AccountName) {
    let nickname = context.info.nickname.shown();
    let number = nickname.strip_prefix(&*context.state.config.guest_prefix).unwrap_or_default();
    let is_generated = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    if is_generated && let Ok(name) = Nickname::parse(account.as_str()) {
        // Somebody else may have it, or it may be banned: the user keeps its nickname then.
        let _ = rename::rename(context, name);
    }
}

/// Gives a member who has logged in the statuses of its account, and the account those that the
/// member had as a guest, even if it owns more channels then than it could create.
fn unite_statuses(context: &mut CommandContext<'_>, name: &ChannelName, account: &AccountName) {
    let Some(channel) = context.state.durable.channels.get_mut(name) else { return };
    let standing = channel.standing(Some(account));
    let Some(member) = channel.presence.members.get_mut(&context.info.nickname) else { return };
    let before = member.statuses;
    let after = before.iter().chain(standing.iter()).fold(StatusSet::default(), |mut set, one| {
        set.insert(one);
        set
    });
    member.statuses = after;
    let user = member.info.clone();
    if after != standing {
        let (channel, nickname) = (name.clone(), user.nickname.clone());
        let account = Some(account.clone());
        context.record(Record::RoleChanged { channel, nickname, account, statuses: after });
    }
    if after != before {
        let by = context.actor();
        let channel = name.clone();
        let event = Event::RoleChanged { channel, user, before, after, by };
        context.state.keep_event(name, || event.clone());
        context.tell_channel(name, || event);
    }
}

/// Takes a session away from its guest, who quits if it has no other session.
fn move_session(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, guest): (SessionId, UserId),
    account: &AccountName,
) {
    state.release(session);
    if state.sessions_of(guest).is_empty() {
        let reason = Text::clean(&format!("logged in as {account}"));
        quit::quit_user(state, out, guest, &CloseReason::Quit(Some(reason)));
    }
}
