//! Going for good, by one's own will or not.

use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{CloseReason, Event, Record, Refusal, SessionId, Text};
use alloc::string::String;

/// Ends a session that asked for it. A reason that is too long is cut, since going is never refused.
pub(crate) fn quit(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    reason: Option<String>,
) -> Result<Event, Refusal> {
    let limit = state.config.reason_bytes;
    let reason = reason
        .map(|raw| Text::clean(&raw))
        .map(|text| Text::clean(prefix(text.as_str(), limit)))
        .filter(|text| !text.is_empty());
    depart(state, out, session, CloseReason::Quit(reason.clone()));
    Ok(Event::Goodbye { reason })
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

/// The longest beginning of a text that has at most `limit` bytes.
fn prefix(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}
