//! Asks the host to check a password.

use super::sessions;
use crate::commands::{check, server_ban};
use crate::effect::EffectBuffer;
use crate::state::{PasswordCheck, PasswordPurpose, Rate, State, ThrottleKey, Waiting};
use crate::{
    AccountName, Nickname, PasswordLogin, Question, Refusal, RequestId, Secret, SessionId, Text,
};
use alloc::boxed::Box;

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
    let PasswordLogin { account: written, password, device } = login;
    let is_new = matches!(purpose, PasswordPurpose::Register { .. });
    let name = if is_new {
        Some(new_name(state, session, &written)?)
    } else {
        Nickname::parse(&written).ok()
    };
    if password.expose().len() > Secret::LONGEST_PASSWORD {
        return Err(if is_new { too_long() } else { purpose.wrong() });
    }
    let keys = ThrottleKey::of(open.address(), name.as_ref().map_or("", Nickname::folded));
    let begun = state.throttle.begin(state.now, Rate::of_logins(&state.config), &keys);
    begun.map_err(|retry_after| Refusal::TooManyLogins { retry_after })?;
    let account = match name {
        Some(name) if is_new => Some(AccountName::from(name.shown())),
        name => name.and_then(|name| state.logins.named(&name)),
    };
    let known = account.as_ref().and_then(|account| state.durable.registration(account));
    let credentials = known.map(|known| known.credentials.clone());
    let question = match (&purpose, &account) {
        (PasswordPurpose::Register { code }, Some(account)) => {
            Question::Register { account: account.clone(), password, code: code.clone() }
        }
        (PasswordPurpose::Exchange { mechanism, messages }, _) => Question::Exchange {
            mechanism: mechanism.clone(),
            account: Text::clean(&written),
            messages: messages.clone(),
            credentials: credentials.clone(),
        },
        _ => Question::CheckPassword {
            account: Text::clean(&written),
            password,
            credentials: credentials.clone(),
            new: purpose.new_password().cloned(),
        },
    };
    let device = device.map(|device| sessions::device(&device)).filter(|text| !text.is_empty());
    let check = PasswordCheck { purpose, account, credentials, keys, device };
    state.ask(out, (session, request), question, Waiting::Password(Box::new(check)));
    Ok(())
}

/// Parses the name of a new account, which nobody else may use.
fn new_name(state: &State, session: SessionId, raw: &str) -> Result<Nickname, Refusal> {
    let is_full = state.logins.count() >= state.config.registered_accounts;
    if !state.config.registration || is_full {
        return Err(Refusal::RegistrationClosed);
    }
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let name = check::chosen_nickname(state, user, raw).and_then(|name| {
        check::nickname_length(state, &name)?;
        Ok(name)
    });
    let name = match name {
        Err(Refusal::NicknameInvalid(error)) => return Err(Refusal::AccountInvalid(error)),
        name => name?,
    };
    check_new_name(state, Some(session), &name)?;
    Ok(name)
}

/// Refuses the name of a new account if there is an account or another user of that name.
pub(in super::super) fn check_new_name(
    state: &State,
    session: Option<SessionId>,
    name: &Nickname,
) -> Result<(), Refusal> {
    server_ban::check_nickname(state, name)?;
    // The first client to register it would be a server operator.
    if state.config.server_operators.iter().any(|account| account.is_same_as(name)) {
        return Err(Refusal::NicknameReserved(name.clone()));
    }
    let account = AccountName::from(name.shown());
    server_ban::check_account(state, &account)?;
    let open = session.and_then(|session| state.sessions.get(&session));
    let user = open.and_then(|open| open.user());
    let own = user.and_then(|user| state.user(user)).map(|user| user.nickname());
    let is_taken = state.logins.is_taken(name, None)
        || state.names.is_taken(name, own)
        // An account that the host has authenticated without a password.
        || state.durable.account(&account).is_some();
    if is_taken { Err(Refusal::AccountTaken(name.clone())) } else { Ok(()) }
}

fn too_long() -> Refusal {
    let reason = alloc::format!("a password has at most {} bytes", Secret::LONGEST_PASSWORD);
    Refusal::PasswordTooWeak(Text::clean(&reason))
}
