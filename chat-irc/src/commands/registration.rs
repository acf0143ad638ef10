//! The commands with which a client begins and ends its session.

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use crate::split::cut;
use chat_core::{Command, Credential, PasswordLogin, Profile, Secret, Text};
use chat_dialects::Reaction;

pub(super) fn pass(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(password) = line.param(0) else {
        return client.needs_more("PASS", reaction);
    };
    if client.user.is_some() {
        return registered(client, reaction);
    }
    client.registration.password = Some(password.to_owned());
}

pub(super) fn nick(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(nickname) = line.param(0) else {
        return client.numeric(&mut reaction.frames, 431, format_args!(":No nickname given"));
    };
    if client.user.is_some() {
        let command = Command::Rename { nickname: nickname.to_owned() };
        return client.command("NICK", nickname, command, reaction);
    }
    client.registration.nickname = Some(nickname.to_owned());
    register(client, reaction);
}

pub(super) fn user(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    if client.user.is_some() {
        return registered(client, reaction);
    }
    let (Some(username), Some(real_name)) = (line.param(0), line.param(3)) else {
        return client.needs_more("USER", reaction);
    };
    let is_allowed = |c: &char| !c.is_whitespace() && !matches!(c, '!' | '@' | '\0'..=' ');
    let username: String = username.chars().filter(is_allowed).collect();
    let username = cut(&username, client.settings.username_bytes).to_owned();
    let real_name = cut(real_name, client.settings.real_name_bytes).to_owned();
    client.registration.user = Some((username, real_name));
    register(client, reaction);
}

pub(super) fn quit(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let reason = line.param(0).map(str::to_owned);
    client.command("QUIT", "", Command::Quit { reason }, reaction);
}

pub(super) fn ping(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(token) = line.params.first() else {
        return client.needs_more("PING", reaction);
    };
    let (server, token) = (&client.settings.server_name, Text::clean(token));
    client.line(&mut reaction.frames, format_args!("PONG {server} :{token}"));
}

/// Takes the nickname once the client has given all that it takes.
pub(super) fn register(client: &mut Client, reaction: &mut Reaction) {
    let registration = &client.registration;
    let (Some(nickname), Some((username, real_name))) =
        (registration.nickname.clone(), registration.user.clone())
    else {
        return;
    };
    if client.user.is_some() || registration.is_negotiating || registration.is_identifying {
        return;
    }
    let password = registration.password.as_deref();
    let needed = client.settings.reloadable.get().password;
    let credential = match (needed, password) {
        (Some(needed), given) => {
            if !given.is_some_and(|given| needed.is_same(&Secret::new(given))) {
                client.numeric(&mut reaction.frames, 464, format_args!(":Password incorrect"));
                return reaction.end();
            }
            None
        }
        (None, Some(password)) => Some(credential(password, reaction.features.accounts)),
        (None, None) => None,
    };
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let profile =
        Profile { username: given(username), real_name: given(real_name), ..Profile::default() };
    let command = Command::Identify {
        nickname: Some(nickname),
        lobby: false,
        credential,
        reconnect_key: None,
        resume: None,
        profile: Some(Box::new(profile)),
    };
    client.registration.is_identifying = true;
    client.ask(Pending::Identify, command, reaction);
}

/// Returns the credential of `PASS`: `account:password` if the server keeps accounts, otherwise a
/// token.
fn credential(password: &str, accounts: bool) -> Credential {
    match password.split_once(':') {
        Some((account, password)) if accounts => {
            let login = PasswordLogin::new(account, Secret::new(password));
            Credential::Password(Box::new(login))
        }
        Some(_) | None => Credential::Token(Secret::new(password)),
    }
}

fn registered(client: &Client, reaction: &mut Reaction) {
    let text = "You may not reregister";
    client.numeric(&mut reaction.frames, 462, format_args!(":{text}"));
}
