//! Ends sessions and users.

use crate::effect::EffectBuffer;
use crate::state::{State, User};
use crate::{CloseReason, Config, Event, PresenceChange, Record, SessionId, Text, UserId};
use alloc::vec::Vec;
use core::time::Duration;

/// Ends a session by its own command.
pub(crate) fn quit(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    reason: Option<Text>,
) -> Event {
    depart(state, out, session, CloseReason::Quit(reason.clone()));
    Event::Goodbye { reason }
}

/// Ends a session, if it is open, and closes the connection. If it is the only session of its user,
/// the user quits, unless the connection was lost and the user may come back.
pub(crate) fn depart(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    reason: CloseReason,
) {
    let Some(open) = state.sessions.get(&session) else {
        return;
    };
    let user = open.user().and_then(|id| state.user(id));
    match user {
        Some(user) if user.sessions.len() > 1 => state.detach(session),
        Some(user) => {
            let id = user.id;
            let has_room = state.quits.len() < state.config.disconnected_users;
            let period = return_period(&state.config, user);
            match period.filter(|_| reason.is_loss() && has_room) {
                Some(period) => {
                    state.detach(session);
                    state.await_return(id, state.now + period);
                }
                None => {
                    quit_user(state, out, id, &reason);
                    state.forget_session(session);
                }
            }
        }
        None => {
            state.forget_session(session);
        }
    }
    out.close(session, reason);
}

/// Returns the time that a user stays without a connection.
fn return_period(config: &Config, user: &User) -> Option<Duration> {
    let reconnect = config.reconnect_period.filter(|_| user.reconnect_key().is_some());
    let linger = config.linger.filter(|_| user.account().is_some());
    reconnect.max(linger)
}

/// Ends all sessions of a user, online or disconnected, who quits for this reason.
pub(crate) fn remove(state: &mut State, out: &mut EffectBuffer, id: UserId, reason: &CloseReason) {
    let Some(user) = state.user(id) else { return };
    let sessions: Vec<_> = user.sessions.to_vec();
    quit_user(state, out, id, reason);
    for session in sessions {
        state.forget_session(session);
        out.close(session, reason.clone());
    }
}

/// Removes a user who quits from every channel, and tells each of its peers once.
pub(crate) fn quit_user(
    state: &mut State,
    out: &mut EffectBuffer,
    id: UserId,
    reason: &CloseReason,
) {
    let Some(user) = state.user(id) else {
        return;
    };
    let info = user.info.clone();
    let channels: Vec<_> = user.channels.iter().cloned().collect();
    for group in state.peer_groups(id, state.config.announce_up_to) {
        out.deliver(&group.audience, &[], || Event::Quit {
            user: info.clone(),
            reason: reason.told(),
            channels: group.channels,
        });
    }
    state.keep_in_channels_of(id, || Event::Quit {
        user: info.clone(),
        reason: reason.told(),
        channels: Vec::new(),
    });
    for channel in channels {
        state.take_offline(out, &channel, id);
    }
    state.remove_user(id);
    state.tell_watchers(out, &info, PresenceChange::Offline);
    if let Some(account) = info.account.clone() {
        state.record(out, Record::AccountSeen { account });
    }
}
