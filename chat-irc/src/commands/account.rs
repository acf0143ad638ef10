//! `REGISTER` and `VERIFY` (IRCv3 draft/account-registration).

use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::pending::Pending;
use chat_core::{AccountCommand, Command, PasswordLogin, Secret};
use chat_dialects::Reaction;

pub(super) fn register(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let (Some(account), Some(_), Some(password)) = (line.param(0), line.param(1), line.param(2))
    else {
        return client.needs_more("REGISTER", reaction);
    };
    let nickname = match &client.user {
        Some(user) => Some(user.nickname.shown().to_owned()),
        None => client.registration.nickname.clone(),
    };
    let account = if account == "*" { nickname } else { Some(account.to_owned()) };
    let Some(account) = account else {
        return fail(
            client,
            "REGISTER NEED_NICK *",
            "Take a nickname first, or name one",
            reaction,
        );
    };
    if !reaction.features.registration {
        let code = format!("REGISTER TEMPORARILY_UNAVAILABLE {}", Word(&account));
        return fail(client, &code, "Nobody can register accounts here", reaction);
    }
    let login = PasswordLogin::new(account.as_str(), Secret::new(password));
    let command = Command::Account(AccountCommand::Register { login, code: None });
    client.ask(Pending::Register { account: account.into() }, command, reaction);
}

/// No account waits to be verified.
pub(super) fn verify(client: &Client, line: &Line<'_>, reaction: &mut Reaction) {
    let (Some(account), Some(_)) = (line.param(0), line.param(1)) else {
        return client.needs_more("VERIFY", reaction);
    };
    let code = format!("VERIFY INVALID_CODE {}", Word(account));
    fail(client, &code, "Accounts need no verification here", reaction);
}

fn fail(client: &Client, code: &str, text: &str, reaction: &mut Reaction) {
    client.line(&mut reaction.frames, format_args!("FAIL {code} :{text}"));
}
