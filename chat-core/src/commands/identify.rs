//! Taking a name, and with it the lobby.

use super::turn::{Turn, nickname as parse};
use super::{join, rename};
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{Event, Nickname, Refusal, SessionId};
use alloc::format;
use alloc::string::String;

pub(super) fn identify(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    wanted: Option<String>,
    lobby: bool,
) -> Result<Event, Refusal> {
    let given = state.sessions.get(&session).and_then(|session| session.peer.nickname.clone());
    let nickname = match given.as_deref().or(wanted.as_deref()) {
        Some(raw) => {
            let nickname = parse(raw)?;
            rename::check(state, &nickname, None)?;
            nickname
        }
        None => next_guest(state),
    };
    state.add_user(session, nickname.clone());
    let roster = if lobby {
        let turn = &mut Turn::of(state, out, session)?;
        // A full lobby is no reason to refuse the name.
        join::lobby(turn).ok()
    } else {
        None
    };
    Ok(Event::Welcomed { nickname, lobby: roster })
}

/// The name with the next number that nobody has. Numbers are not given twice, so that nobody inherits another's name.
fn next_guest(state: &mut State) -> Nickname {
    loop {
        state.last_guest += 1;
        let number = state.last_guest;
        let name = Nickname::parse(&format!("{}{number}", state.config.guest_prefix))
            .or_else(|_| Nickname::parse(&format!("user{number}")))
            .expect("letters and digits make a name");
        if !state.names.is_taken(&name, None) {
            return name;
        }
    }
}
