//! Accounts that the engine keeps: registering, logging in and out, and the logins of an account.

mod log_in;
mod password;
mod sessions;

pub(super) use password::{answered, ask};
pub(super) use sessions::{issue_fresh, log_in_with_token};

use crate::effect::EffectBuffer;
use crate::state::{PasswordPurpose, State};
use crate::{AccountCommand, AccountName, Event, PasswordLogin, Refusal, RequestId, SessionId};

/// Carries out a command about an account. Returns no event if the host has to be asked first.
pub(crate) fn run(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, request): (SessionId, &Option<RequestId>),
    command: AccountCommand,
) -> Result<Option<Event>, Refusal> {
    if !state.config.accounts {
        return Err(Refusal::NoAccounts);
    }
    let mut check = |state: &mut State, login, purpose| {
        ask(state, out, (session, request.clone()), login, purpose).map(|()| None)
    };
    match command {
        AccountCommand::Register { login, code } => {
            check_logged_out(state, session)?;
            check(state, login, PasswordPurpose::Register { code })
        }
        AccountCommand::LogIn(login) => {
            check_logged_out(state, session)?;
            check(state, login, PasswordPurpose::LogIn)
        }
        AccountCommand::ChangePassword { old, new } => {
            let account = own_account(state, session)?;
            check(state, PasswordLogin::new(account.as_str(), old), PasswordPurpose::Change { new })
        }
        AccountCommand::Delete { password } => {
            let account = own_account(state, session)?;
            check(state, PasswordLogin::new(account.as_str(), password), PasswordPurpose::Delete)
        }
        AccountCommand::LogOut => sessions::log_out(state, out, session).map(Some),
        AccountCommand::ListSessions => sessions::list(state, session).map(Some),
        AccountCommand::Revoke { id } => sessions::revoke(state, out, session, id).map(Some),
    }
}

/// Refuses a session that has an account already.
fn check_logged_out(state: &State, session: SessionId) -> Result<(), Refusal> {
    match state.account_of(session) {
        Some(account) => Err(Refusal::AlreadyLoggedIn(account)),
        None => Ok(()),
    }
}

/// Returns the account of a session, if the engine keeps it.
fn own_account(state: &State, session: SessionId) -> Result<AccountName, Refusal> {
    let account = state.account_of(session);
    let kept = account.filter(|account| state.durable.registration(account).is_some());
    kept.ok_or(Refusal::AccountNeeded)
}
