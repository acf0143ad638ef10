//! Asks the host to check a password, and does what the password was needed for.

use super::super::identify;
use super::super::{check, host, server_ban};
use super::{check_logged_out, log_in, sessions};
use crate::effect::EffectBuffer;
use crate::state::{PasswordCheck, PasswordPurpose, State, ThrottleKey, Waiting};
use crate::{
    AccountName, Answer, Event, Nickname, NicknameError, PasswordLogin, PasswordRefusal, Question,
    Record, Refusal, RequestId, Secret, SessionId, Text,
};
use alloc::boxed::Box;

/// Longest password, in bytes. The host is not asked about longer ones.
const LONGEST_PASSWORD: usize = 1_024;

/// Asks the host about a password, unless there were too many attempts.
pub(in super::super) fn ask(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, request): (SessionId, Option<RequestId>),
    login: PasswordLogin,
    purpose: PasswordPurpose,
) -> Result<(), Refusal> {
    let open = state.sessions.get(&session).ok_or(Refusal::NotIdentified)?;
    if open.asked.is_some() {
        return Err(Refusal::Identifying);
    }
    let PasswordLogin { account, password, device } = login;
    let is_new = matches!(purpose, PasswordPurpose::Register { .. });
    let name = if is_new { Some(new_name(state, session, &account)?) } else { None };
    let name = name.or_else(|| Nickname::parse(&account).ok());
    if password.expose().len() > LONGEST_PASSWORD {
        return Err(if is_new { too_long() } else { Refusal::LoginFailed });
    }
    let written = Text::clean(&account);
    let keys = ThrottleKey::of(open.address(), name.as_ref().map_or("", Nickname::folded));
    let now = state.now;
    let begun = state.throttle.begin(now, &state.config, &keys);
    begun.map_err(|retry_after| Refusal::TooManyLogins { retry_after })?;
    let (account, question) = match (&purpose, name) {
        (PasswordPurpose::Register { code }, Some(name)) => {
            let account = AccountName::from(name.shown());
            let code = code.clone();
            let question = Question::Register { account: account.clone(), password, code };
            (Some(account), question)
        }
        (_, name) => {
            let account = name.and_then(|name| state.logins.named(&name));
            let known = account.as_ref().and_then(|account| state.durable.registration(account));
            let credentials = known.map(|known| known.credentials.clone());
            let new = match &purpose {
                PasswordPurpose::Change { new } => Some(new.clone()),
                PasswordPurpose::Identify(_)
                | PasswordPurpose::Register { .. }
                | PasswordPurpose::LogIn
                | PasswordPurpose::Delete => None,
            };
            let question = Question::CheckPassword { account: written, password, credentials, new };
            (account, question)
        }
    };
    let credentials = match &question {
        Question::CheckPassword { credentials, .. } => credentials.clone(),
        _ => None,
    };
    let device = device.map(|device| sessions::device(&device)).filter(|text| !text.is_empty());
    let check = PasswordCheck { purpose, account, credentials, keys, device };
    state.ask(out, (session, request), question, Waiting::Password(Box::new(check)));
    Ok(())
}

/// Parses the name of a new account, which nobody else may use.
fn new_name(state: &State, session: SessionId, raw: &str) -> Result<Nickname, Refusal> {
    if !state.config.registration {
        return Err(Refusal::RegistrationClosed);
    }
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let name = match check::chosen_nickname(state, user, raw) {
        Err(Refusal::NicknameInvalid(error)) => return Err(Refusal::AccountInvalid(error)),
        name => name?,
    };
    let limit = state.config.nickname_length;
    if name.shown().chars().count() > limit {
        return Err(Refusal::AccountInvalid(NicknameError::TooLong { limit }));
    }
    check_new_name(state, session, &name)?;
    Ok(name)
}

/// Refuses the name of a new account if there is an account or another user of that name.
fn check_new_name(state: &State, session: SessionId, name: &Nickname) -> Result<(), Refusal> {
    server_ban::check_nickname(state, name)?;
    let account = AccountName::from(name.shown());
    server_ban::check_account(state, &account)?;
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let own = user.and_then(|user| state.user(user)).map(|user| user.nickname());
    let is_taken = state.logins.is_taken(name, None)
        || state.names.is_taken(name, own)
        // An account that the host has authenticated without a password.
        || state.durable.account(&account).is_some();
    if is_taken { Err(Refusal::AccountTaken(name.clone())) } else { Ok(()) }
}

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
        Answer::PasswordRefused(refusal) => {
            return Err(match refusal {
                PasswordRefusal::Wrong => match check.purpose {
                    PasswordPurpose::Change { .. } | PasswordPurpose::Delete => {
                        Refusal::PasswordWrong
                    }
                    PasswordPurpose::Identify(_)
                    | PasswordPurpose::Register { .. }
                    | PasswordPurpose::LogIn => Refusal::LoginFailed,
                },
                PasswordRefusal::TooWeak(reason) => Refusal::PasswordTooWeak(reason.single_line()),
                PasswordRefusal::Closed => Refusal::RegistrationClosed,
                PasswordRefusal::WrongCode => Refusal::CodeInvalid,
            });
        }
        // An answer without a result is no failed attempt.
        _ => {
            state.throttle.succeed(state.now, &state.config, &check.keys);
            return Err(Refusal::TryAgain);
        }
    };
    let account = check.account.clone().ok_or(Refusal::LoginFailed)?;
    if let PasswordPurpose::Register { .. } = check.purpose {
        return register(state, out, session, (&check, account), (credentials, token));
    }
    // The account may have been deleted, or its password changed, meanwhile.
    let known = state.durable.registration(&account).map(|known| &known.credentials);
    if known != check.credentials.as_ref() || known.is_none() {
        return Err(Refusal::LoginFailed);
    }
    state.throttle.succeed(state.now, &state.config, &check.keys);
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
        PasswordPurpose::LogIn | PasswordPurpose::Register { .. } => {
            // Another session of the user may have logged in meanwhile.
            check_logged_out(state, session)?;
            server_ban::check_account(state, &account)?;
            let login = sessions::Login { account, token, device: check.device };
            log_in::log_in(state, out, session, login, false)
        }
        PasswordPurpose::Change { .. } => {
            Ok(sessions::revoke_others(state, out, session, &account))
        }
        PasswordPurpose::Delete => host::remove_account(state, out, account),
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
    check_new_name(state, session, &name)?;
    state.record(out, Record::AccountRegistered { account: account.clone(), credentials });
    let login = sessions::Login { account, token, device: check.device.clone() };
    log_in::log_in(state, out, session, login, true)
}

fn too_long() -> Refusal {
    let reason = alloc::format!("a password has at most {LONGEST_PASSWORD} bytes");
    Refusal::PasswordTooWeak(Text::clean(&reason))
}
