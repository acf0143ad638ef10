//! The logins of an account: their tokens, and the sessions that use them.

use crate::commands::quit;
use crate::durable::Registration;
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{
    AccountName, CloseReason, Event, Record, Refusal, Secret, SessionCard, SessionId, Text,
    Timestamp, TokenDigest, TokenId,
};
use alloc::vec::Vec;
use core::time::Duration;

/// A login that the host has found right.
pub(super) struct Login {
    pub(super) account: AccountName,
    /// A new token.
    pub(super) token: Option<Secret>,
    pub(super) device: Option<Text>,
}

/// The longest time between two records that a token was used.
const USED_EVERY: Duration = Duration::from_secs(3_600);

/// Cleans the description of a device, and cuts it.
pub(in super::super) fn device(raw: &str) -> Text {
    let text = Text::clean(raw);
    let limit = SessionCard::LONGEST_DEVICE.min(text.as_str().len());
    let end = (0..=limit).rev().find(|&end| text.as_str().is_char_boundary(end));
    Text::clean(&text.as_str()[..end.unwrap_or_default()])
}

/// Gives a session without a user its account. Its token is issued with the welcome.
pub(super) fn begin(state: &mut State, session: SessionId, login: Login) {
    if let Some(newcomer) = state.newcomer_mut(session) {
        newcomer.peer.account = Some(login.account);
        newcomer.is_logged_in = true;
        newcomer.fresh_token = login.token.map(|token| (token, login.device));
    }
}

/// Issues the token of a session that gets its user now.
pub(in super::super) fn issue_fresh(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
) -> Option<Secret> {
    let newcomer = state.newcomer_mut(session)?;
    let (token, device) = newcomer.fresh_token.take()?;
    let account = newcomer.peer.account.clone()?;
    issue(state, out, session, (&account, &token), device);
    Some(token)
}

/// Refuses a session without a user that has logged in, if its login was revoked or its account
/// deleted meanwhile. It has no account then.
pub(in super::super) fn check_login(state: &mut State, session: SessionId) -> Result<(), Refusal> {
    let Some(open) = state.sessions.get(&session) else { return Ok(()) };
    let Some(newcomer) = open.newcomer().filter(|newcomer| newcomer.is_logged_in) else {
        return Ok(());
    };
    let account = newcomer.peer.account.as_ref();
    let known = account.and_then(|account| state.durable.registration(account));
    let is_valid = |token| known.is_some_and(|known| known.tokens.contains_key(&token));
    if known.is_some() && open.token.is_none_or(is_valid) {
        return Ok(());
    }
    if let Some(newcomer) = state.newcomer_mut(session) {
        newcomer.peer.account = None;
        newcomer.is_logged_in = false;
        newcomer.fresh_token = None;
    }
    Err(Refusal::SessionEnded)
}

/// Records a new token for a session.
pub(super) fn issue(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    (account, token): (&AccountName, &Secret),
    device: Option<Text>,
) {
    issue_to(state, out, (account, token), device);
    if let Some(open) = state.sessions.get_mut(&session) {
        open.token = Some(TokenDigest::of(token).id());
    }
}

/// Records a new token that no session uses yet.
pub(in super::super) fn issue_to(
    state: &mut State,
    out: &mut EffectBuffer,
    (account, token): (&AccountName, &Secret),
    device: Option<Text>,
) {
    make_room(state, out, account);
    let digest = TokenDigest::of(token);
    // A host that does not choose its tokens at random may give one twice.
    if let Some((other, _)) = state.logins.with_token(token).filter(|(other, _)| *other != account)
    {
        let (other, token) = (other.clone(), digest.id());
        state.record(out, Record::TokenRevoked { account: other, token });
    }
    state.record(out, Record::TokenIssued { account: account.clone(), digest, device });
}

/// Revokes the tokens that have expired, and the one that was not used for the longest time if
/// there are as many as there may be.
fn make_room(state: &mut State, out: &mut EffectBuffer, account: &AccountName) {
    let Some(known) = state.durable.registration(account) else { return };
    let valid_since = state.tokens_valid_since();
    let mut tokens: Vec<(Timestamp, TokenId)> =
        known.tokens.iter().map(|(id, token)| (token.used, *id)).collect();
    tokens.sort_unstable();
    let excess = (tokens.len() + 1).saturating_sub(state.config.logins_per_account);
    for (place, (used, token)) in tokens.into_iter().enumerate() {
        if place < excess || used < valid_since {
            state.record(out, Record::TokenRevoked { account: account.clone(), token });
        }
    }
}

/// Gives a session without a user the account of a session token.
pub(in super::super) fn log_in_with_token(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    token: &Secret,
) -> Result<(), Refusal> {
    let (account, id) = state.valid_token(token).ok_or(Refusal::SessionEnded)?;
    let account = account.clone();
    let known = state.durable.registration(&account).and_then(|known| known.tokens.get(&id));
    let used = known.map(|token| token.used).unwrap_or_default();
    // A token that is used does not expire.
    let every = state.config.token_age.map_or(USED_EVERY, |age| USED_EVERY.min(age / 10));
    if used + every <= state.now {
        state.record(out, Record::TokenUsed { account: account.clone(), token: id });
    }
    if let Some(open) = state.sessions.get_mut(&session) {
        open.token = Some(id);
    }
    if let Some(newcomer) = state.newcomer_mut(session) {
        newcomer.peer.account = Some(account);
        newcomer.is_logged_in = true;
    }
    Ok(())
}

/// Ends a session, and revokes its token.
pub(super) fn log_out(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
) -> Result<Event, Refusal> {
    let account = state.account_of(session).ok_or(Refusal::AccountNeeded)?;
    let token = state.sessions.get(&session).and_then(|open| open.token);
    if let Some(token) = token {
        state.record(out, Record::TokenRevoked { account, token });
    }
    quit::depart(state, out, session, CloseReason::Quit(None));
    Ok(Event::LoggedOut)
}

pub(super) fn list(state: &State, session: SessionId) -> Result<Event, Refusal> {
    let account = own_account(state, session)?;
    let Registration { tokens, .. } =
        state.durable.registration(&account).ok_or(Refusal::AccountNeeded)?;
    let current = state.sessions.get(&session).and_then(|open| open.token);
    let online = sessions_of(state, &account);
    let mut sessions: Vec<SessionCard> = tokens
        .iter()
        .filter(|(_, token)| token.used >= state.tokens_valid_since())
        .map(|(id, token)| SessionCard {
            id: *id,
            device: token.device.clone(),
            since: token.since,
            used: token.used,
            is_online: online.iter().any(|(_, token)| *token == Some(*id)),
            is_current: current == Some(*id),
        })
        .collect();
    sessions.sort_by_key(|card| (core::cmp::Reverse(card.used), card.id));
    Ok(Event::Sessions { sessions })
}

/// Returns the open sessions of an account, with their tokens.
fn sessions_of(state: &State, account: &AccountName) -> Vec<(SessionId, Option<TokenId>)> {
    let user = state.user_of_account(account);
    let sessions = user.map(|user| state.sessions_of(user)).unwrap_or_default();
    let token = |session| state.sessions.get(session).and_then(|open| open.token);
    sessions.iter().map(|session| (*session, token(session))).collect()
}

pub(super) fn revoke(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    id: TokenId,
) -> Result<Event, Refusal> {
    let account = own_account(state, session)?;
    let known = state.durable.registration(&account);
    if !known.is_some_and(|known| known.tokens.contains_key(&id)) {
        return Err(Refusal::NoSuchSession(id));
    }
    state.record(out, Record::TokenRevoked { account: account.clone(), token: id });
    end(state, out, &account, |_, token| token == Some(id));
    Ok(Event::SessionRevoked { id })
}

/// Revokes all tokens of an account but that of one session, and ends all its other sessions.
pub(super) fn revoke_others(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    account: &AccountName,
) -> Event {
    let own = state.sessions.get(&session).and_then(|open| open.token);
    let tokens = state.durable.registration(account).map(|known| known.tokens.keys().copied());
    let others: Vec<TokenId> =
        tokens.into_iter().flatten().filter(|token| Some(*token) != own).collect();
    for &token in &others {
        state.record(out, Record::TokenRevoked { account: account.clone(), token });
    }
    end(state, out, account, |other, _| other != session);
    Event::PasswordChanged { revoked: others.len() }
}

/// Ends sessions of an account.
fn end(
    state: &mut State,
    out: &mut EffectBuffer,
    account: &AccountName,
    ends: impl Fn(SessionId, Option<TokenId>) -> bool,
) {
    for (session, token) in sessions_of(state, account) {
        if ends(session, token) {
            let reason = Text::clean("logged out on another device");
            quit::depart(state, out, session, CloseReason::Removed(Some(reason)));
        }
    }
}

/// Refuses a session that has an account already.
pub(super) fn check_logged_out(state: &State, session: SessionId) -> Result<(), Refusal> {
    match state.account_of(session) {
        Some(account) => Err(Refusal::AlreadyLoggedIn(account)),
        None => Ok(()),
    }
}

/// Returns the account of a session, if the engine keeps it.
pub(super) fn own_account(state: &State, session: SessionId) -> Result<AccountName, Refusal> {
    let account = state.account_of(session);
    let kept = account.filter(|account| state.durable.registration(account).is_some());
    kept.ok_or(Refusal::AccountNeeded)
}
