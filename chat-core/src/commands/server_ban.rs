//! Checks bans from the whole server.

use crate::state::State;
use crate::{AccountName, Nickname, Refusal, ServerBan, SessionId};

/// Refuses an account that is banned from the whole server.
pub(super) fn check_account(state: &State, account: &AccountName) -> Result<(), Refusal> {
    refuse(state.durable.server_bans().of_account(account, state.now))
}

/// Refuses a nickname that is banned from the whole server.
pub(super) fn check_nickname(state: &State, nickname: &Nickname) -> Result<(), Refusal> {
    refuse(state.durable.server_bans().of_nickname(nickname, state.now))
}

/// Refuses a session whose network address is banned from the whole server.
pub(super) fn check_address(state: &State, session: SessionId) -> Result<(), Refusal> {
    let address = state.sessions.get(&session).and_then(|session| session.address());
    let bans = state.durable.server_bans();
    refuse(address.and_then(|address| bans.of_address(address, state.now)))
}

fn refuse(ban: Option<&ServerBan>) -> Result<(), Refusal> {
    let Some(ServerBan { until, reason, .. }) = ban else { return Ok(()) };
    Err(Refusal::ServerBanned { until: *until, reason: reason.clone() })
}
