//! Logs in people whom the host has authenticated.

use super::super::account::{check_new_name, device, issue_to};
use super::super::authority::Authority;
use super::super::{check, server_ban};
use crate::state::State;
use crate::{AccountName, Event, HostCommand, LoggedIn, Nickname, Record, Refusal, Secret};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Issues a token to the account with these credentials, and registers it if there is none.
pub(super) fn log_in(
    authority: &mut Authority<'_>,
    names: Vec<String>,
    credentials: Secret,
    (token, device_name): (Secret, Option<String>),
) -> Result<Event, Refusal> {
    let state = &mut *authority.state;
    if !state.config.accounts {
        return Err(Refusal::NoAccounts);
    }
    let known = state.logins.with_credentials(&credentials);
    let is_new = known.is_none();
    let account = match known {
        Some(account) => account,
        None => free_name(state, &names)?,
    };
    server_ban::check_account(state, &account)?;
    if is_new {
        let account = account.clone();
        authority.record(Record::AccountRegistered { account, credentials });
    }
    let device = device_name.map(|name| device(&name)).filter(|text| !text.is_empty());
    issue_to(authority.state, authority.out, (&account, &token), device);
    let login = LoggedIn { account, is_new, token: Some(token), user: None, channels: None };
    Ok(Event::LoggedIn(Box::new(login)))
}

/// Returns the first name that a new account can have, or the refusal of the first one.
fn free_name(state: &State, names: &[String]) -> Result<AccountName, Refusal> {
    if state.logins.count() >= state.config.registered_accounts {
        return Err(Refusal::RegistrationClosed);
    }
    let mut refusal = None;
    for name in names.iter().take(HostCommand::MOST_NAMES) {
        match usable(state, name) {
            Ok(name) => return Ok(AccountName::from(name.shown())),
            Err(why) => refusal = refusal.or(Some(why)),
        }
    }
    Err(refusal.unwrap_or(Refusal::AccountNeeded))
}

fn usable(state: &State, raw: &str) -> Result<Nickname, Refusal> {
    let name = match check::chosen_nickname(state, None, raw) {
        Err(Refusal::NicknameInvalid(error)) => return Err(Refusal::AccountInvalid(error)),
        name => name?,
    };
    check::nickname_length(state, &name)?;
    check_new_name(state, None, &name)?;
    Ok(name)
}
