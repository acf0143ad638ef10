//! Accounts that the engine keeps: registering, logging in and out, and the logins of an account.

mod answer;
mod log_in;
mod password;
mod sessions;

pub(super) use answer::answered;
pub(super) use password::{ask, check_new_name};
pub(super) use sessions::{check_login, device, issue_fresh, issue_to, log_in_with_token};

use crate::effect::EffectBuffer;
use crate::state::{PasswordPurpose, State};
use crate::{
    AccountCommand, Event, LoginExchange, PasswordLogin, Refusal, RequestId, Secret, SessionId,
    Text,
};
use sessions::{check_logged_out, own_account};

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
        AccountCommand::Exchange(exchange) => {
            check_logged_out(state, session)?;
            if exchange.bytes() > LoginExchange::LONGEST {
                return Err(Refusal::LoginFailed);
            }
            let LoginExchange { mechanism, account, messages } = *exchange;
            let purpose =
                PasswordPurpose::Exchange { mechanism: Text::clean(&mechanism), messages };
            // The messages prove the password, and do not contain it.
            check(state, PasswordLogin::new(account, Secret::new("")), purpose)
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
