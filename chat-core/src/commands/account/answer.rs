//! Does what a password was needed for, when the host has checked it.

use super::log_in;
use super::password::check_new_name;
use super::sessions::{self, check_logged_out};
use crate::commands::{identify, operator, server_ban, user};
use crate::effect::EffectBuffer;
use crate::state::{PasswordCheck, PasswordPurpose, Rate, State};
use crate::{
    AccountName, Answer, Event, Nickname, PasswordRefusal, Record, Refusal, Secret, SessionId,
};

/// Does what the password was needed for, if the host has found it right.
pub(in super::super) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    check: PasswordCheck,
    answer: Answer,
) -> Result<Event, Refusal> {
    let (credentials, token) = match answer {
        Answer::Password { credentials, token } => (credentials, token),
        Answer::Challenge { message }
            if matches!(check.purpose, PasswordPurpose::Exchange { .. }) =>
        {
            // Only the last message of an exchange is an attempt.
            state.throttle.succeed(state.now, Rate::of_logins(&state.config), &check.keys);
            return Ok(Event::LoginChallenged { message });
        }
        Answer::PasswordRefused(refusal) => {
            return Err(match refusal {
                PasswordRefusal::Wrong => check.purpose.wrong(),
                PasswordRefusal::TooWeak(reason) => Refusal::PasswordTooWeak(reason.single_line()),
                PasswordRefusal::Closed => Refusal::RegistrationClosed,
                PasswordRefusal::WrongCode => Refusal::CodeInvalid,
            });
        }
        // An answer without a result is no failed attempt.
        Answer::Unavailable
        | Answer::Challenge { .. }
        | Answer::Account(_)
        | Answer::Guest
        | Answer::Refused(_)
        | Answer::Messages { .. }
        | Answer::Found { .. } => {
            state.throttle.succeed(state.now, Rate::of_logins(&state.config), &check.keys);
            return Err(Refusal::TryAgain);
        }
    };
    if let PasswordPurpose::BecomeOperator = check.purpose {
        return user::operator_answered(state, out, session, &check);
    }
    let account = check.account.clone().ok_or(Refusal::LoginFailed)?;
    if let PasswordPurpose::Register { .. } = check.purpose {
        return register(state, out, session, (&check, account), (credentials, token));
    }
    // The account may have been deleted, or its password changed, meanwhile.
    let known = state.durable.registration(&account).map(|known| &known.credentials);
    if known != check.credentials.as_ref() || known.is_none() {
        return Err(Refusal::LoginFailed);
    }
    state.throttle.succeed(state.now, Rate::of_logins(&state.config), &check.keys);
    if let Some(credentials) = credentials {
        let account = account.clone();
        state.record(out, Record::CredentialsChanged { account, credentials });
    }
    match check.purpose {
        PasswordPurpose::Identify(wanted) => {
            server_ban::check_account(state, &account)?;
            let login = sessions::Login { account, token, device: check.device };
            sessions::begin(state, session, login);
            identify::identify(state, out, session, wanted)
        }
        PasswordPurpose::LogIn
        | PasswordPurpose::Exchange { .. }
        | PasswordPurpose::Register { .. } => {
            // Another session of the user may have logged in meanwhile.
            check_logged_out(state, session)?;
            server_ban::check_account(state, &account)?;
            let login = sessions::Login { account, token, device: check.device };
            log_in::log_in(state, out, session, login, false)
        }
        PasswordPurpose::Change { .. } => {
            Ok(sessions::revoke_others(state, out, session, &account))
        }
        PasswordPurpose::Delete => operator::remove_account(state, out, account),
        // It has no account.
        PasswordPurpose::BecomeOperator => Err(Refusal::LoginFailed),
    }
}

fn register(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    (check, account): (&PasswordCheck, AccountName),
    (credentials, token): (Option<Secret>, Option<Secret>),
) -> Result<Event, Refusal> {
    let credentials = credentials.ok_or(Refusal::TryAgain)?;
    // Somebody may have taken the name meanwhile, or another session of the user logged in.
    check_logged_out(state, session)?;
    let name = Nickname::parse(account.as_str()).map_err(Refusal::AccountInvalid)?;
    check_new_name(state, Some(session), &name)?;
    state.record(out, Record::AccountRegistered { account: account.clone(), credentials });
    let login = sessions::Login { account, token, device: check.device.clone() };
    log_in::log_in(state, out, session, login, true)
}
