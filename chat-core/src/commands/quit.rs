//! Going for good, by one's own will or not.

use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{CloseReason, Event, Record, SessionId, Text};

/// Ends a session that asked for it.
pub(crate) fn quit(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    reason: Option<Text>,
) -> Event {
    depart(state, out, session, CloseReason::Quit(reason.clone()));
    Event::Goodbye { reason }
}

/// Ends a session, if it is open, and closes the connection. If it alone speaks for its user, the user goes: each of their
/// peers is told once, and they are taken out of every channel.
pub(crate) fn depart(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    reason: CloseReason,
) {
    let Some(open) = state.sessions.get(&session) else {
        return;
    };
    let user = open.user().and_then(|id| state.users.get(&id));
    if user.is_some_and(|user| user.sessions.len() > 1) {
        state.detach(session);
        out.close(session, reason);
        return;
    }
    if let Some((id, user)) = open.user().and_then(|id| Some((id, state.users.get(&id)?))) {
        let nickname = user.nickname.clone();
        let channels: alloc::vec::Vec<_> = user.channels.iter().cloned().collect();
        for group in state.peer_groups(id, state.config.announce_up_to) {
            out.deliver(&group.audience, &[], || Event::Quit {
                nickname: nickname.clone(),
                reason: reason.told(),
                channels: group.channels,
            });
        }
        for channel in channels {
            if state.remove_member(&channel, id) {
                out.record(Record::ChannelForgotten { channel, at: state.now });
            }
        }
    }
    state.remove_session(session);
    out.close(session, reason);
}
