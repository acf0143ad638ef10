//! Requests about accounts, and their answers.

use super::event::Object;
use super::request::{Problem, Request};
use super::session_object::SessionObject;
use crate::Frames;
use chat_core::{
    AccountCommand, AccountName, ChannelName, Command, LoggedIn, PasswordLogin, Secret,
    SessionCard, TokenId,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Register {
    account: String,
    password: String,
    code: Option<String>,
    device: Option<String>,
}

#[derive(Deserialize)]
struct LogIn {
    account: String,
    password: String,
    device: Option<String>,
}

#[derive(Deserialize)]
struct Password {
    old: String,
    new: String,
}

#[derive(Deserialize)]
struct Revoke {
    id: String,
}

#[derive(Deserialize)]
struct Delete {
    password: String,
}

/// Returns the engine's command for a request about accounts, or the request if it is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    let command = match request.kind.as_str() {
        "register" => request.read().map(|Register { account, password, code, device }| {
            let login = PasswordLogin { account, password: Secret::new(password), device };
            AccountCommand::Register { login, code: code.map(Secret::new) }
        }),
        "login" => request.read().map(|LogIn { account, password, device }| {
            let password = Secret::new(password);
            AccountCommand::LogIn(PasswordLogin { account, password, device })
        }),
        "logout" => Ok(AccountCommand::LogOut),
        "password" => request.read().map(|Password { old, new }| AccountCommand::ChangePassword {
            old: Secret::new(old),
            new: Secret::new(new),
        }),
        "sessions" => Ok(AccountCommand::ListSessions),
        "revoke" => request.read().and_then(|Revoke { id }| {
            let id = TokenId::parse(&id).ok_or("revoke: \"id\" must be that of a session")?;
            Ok(AccountCommand::Revoke { id })
        }),
        "delete_account" => request
            .read()
            .map(|Delete { password }| AccountCommand::Delete { password: Secret::new(password) }),
        _ => return Err(request),
    };
    Ok(command.map(Command::Account))
}

/// Writes the answer to `register` and `login`.
pub(super) fn write_logged_in(reference: Option<&str>, login: &LoggedIn, out: &mut Frames) {
    let LoggedIn { account, is_new, token, user, channels } = login;
    let account = AccountName::as_str(account);
    let token = token.as_ref().map(Secret::expose);
    let nickname = user.as_ref().map(|user| user.nickname.shown());
    let channels: Option<Vec<&str>> =
        channels.as_ref().map(|channels| channels.iter().map(ChannelName::shown).collect());
    out.write_json(&match is_new {
        true => Object::Registered { reference, account, token, nickname },
        false => Object::LoggedIn { reference, account, token, nickname, channels },
    });
}

/// Writes the answer to `sessions`.
pub(super) fn write_sessions(reference: Option<&str>, sessions: &[SessionCard], out: &mut Frames) {
    let sessions = sessions.iter().map(SessionObject::from).collect();
    out.write_json(&Object::Sessions { reference, sessions });
}
