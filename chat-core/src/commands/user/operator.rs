//! Makes a user a server operator, after the host has checked its password.

use super::super::context::CommandContext;
use super::modes;
use crate::effect::EffectBuffer;
use crate::state::{PasswordCheck, PasswordPurpose, Rate, State, ThrottleKey, Waiting};
use crate::{Event, Question, Refusal, RequestId, Secret, SessionId, Text};
use alloc::boxed::Box;
use alloc::format;

/// Asks the host about the password of a login, also if there is no login of this name, so that the
/// time of the answer does not tell which ones there are.
pub(super) fn ask(
    context: &mut CommandContext<'_>,
    (session, request): (SessionId, &Option<RequestId>),
    name: &str,
    password: Secret,
) -> Result<(), Refusal> {
    let CommandContext { state, out, .. } = context;
    let open = state.sessions.get(&session).ok_or(Refusal::NotIdentified)?;
    if open.asked.is_some() {
        return Err(Refusal::Identifying);
    }
    let logins = &state.config.operator_logins;
    if logins.is_empty() || password.expose().len() > Secret::LONGEST_PASSWORD {
        return Err(Refusal::LoginFailed);
    }
    let login = logins.iter().find(|login| login.name == name);
    let credentials = login.map(|login| login.credentials.clone());
    // No account has a name with a space in front. Unknown names share one key, so that they take
    // no room.
    let key = format!(" {}", login.map_or("", |login| &login.name));
    let keys = ThrottleKey::of(open.address(), &key);
    let begun = state.throttle.begin(state.now, Rate::of_logins(&state.config), &keys);
    begun.map_err(|retry_after| Refusal::TooManyLogins { retry_after })?;
    let account = Text::clean(name);
    let question =
        Question::CheckPassword { account, password, credentials: credentials.clone(), new: None };
    let purpose = PasswordPurpose::BecomeOperator;
    let check = PasswordCheck { purpose, account: None, credentials, keys, device: None };
    state.ask(out, (session, request.clone()), question, Waiting::Password(Box::new(check)));
    Ok(())
}

/// Makes the user of a session a server operator, if the login exists whose password was right.
pub(in super::super) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    check: &PasswordCheck,
) -> Result<Event, Refusal> {
    if check.credentials.is_none() {
        return Err(Refusal::LoginFailed);
    }
    state.throttle.succeed(state.now, Rate::of_logins(&state.config), &check.keys);
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let user = user.ok_or(Refusal::NotIdentified)?;
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    let mut modes = context.state.user_modes(user);
    modes.operator = true;
    Ok(modes::replace(context, modes))
}
