//! Messages of people to NickServ and ChanServ.

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use crate::service::Service;
use chat_core::{
    AccountCommand, Command, PasswordLogin, Query, Secret, Status, StatusChange, UserInfo,
};
use chat_dialects::Reaction;

/// `NICKSERV`, `NS`, `CHANSERV` and `CS`: a message to a service.
pub(super) fn run(client: &mut Client, service: Service, line: &Line<'_>, reaction: &mut Reaction) {
    tell(client, service, &line.params.join(" "), reaction);
}

/// Handles a message to a service.
pub(super) fn tell(client: &mut Client, service: Service, text: &str, reaction: &mut Reaction) {
    let mut words = text.split_ascii_whitespace();
    let command = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let words: Vec<&str> = words.collect();
    let asked = match service {
        Service::NickServ => account_command(client, &command, &words, reaction),
        Service::ChanServ => channel_command(client, &command, &words),
    };
    match asked {
        Ok(command) => client.ask(Pending::Service(service), command, reaction),
        Err(lines) => {
            for line in lines {
                service.says(client, format_args!("{line}"), reaction);
            }
        }
    }
}

/// Returns the command of the engine, or lines that answer without it.
fn account_command(
    client: &Client,
    command: &str,
    words: &[&str],
    reaction: &Reaction,
) -> Result<Command, &'static [&'static str]> {
    let Some(user) = &client.user else { return Err(&["Take a nickname first."]) };
    if !reaction.features.accounts {
        return Err(&["This server keeps no accounts."]);
    }
    let login = |account: &str, password: &str| PasswordLogin::new(account, Secret::new(password));
    let own = own_account(user);
    let command = match (command, words) {
        ("REGISTER", [password]) => {
            AccountCommand::Register { login: login(own, password), code: None }
        }
        ("REGISTER", [password, code, ..]) => {
            // Clients of other networks send an address of e-mail there, which nobody needs here.
            let code = Some(Secret::new(*code)).filter(|code| !code.expose().contains('@'));
            AccountCommand::Register { login: login(own, password), code }
        }
        ("IDENTIFY" | "LOGIN" | "ID", [password]) => AccountCommand::LogIn(login(own, password)),
        (
            "IDENTIFY" | "LOGIN" | "ID" | "GHOST" | "RECOVER" | "REGAIN" | "RELEASE",
            [account, password, ..],
        ) => AccountCommand::LogIn(login(account, password)),
        ("GHOST" | "RECOVER" | "REGAIN" | "RELEASE", _) => return Err(GHOST),
        ("LOGOUT", _) => AccountCommand::LogOut,
        ("PASSWORD" | "PASSWD", [old, new, ..]) => {
            AccountCommand::ChangePassword { old: Secret::new(*old), new: Secret::new(*new) }
        }
        ("DROP" | "UNREGISTER", [password]) => {
            AccountCommand::Delete { password: Secret::new(*password) }
        }
        ("INFO" | "STATUS" | "ACC", words) => {
            let nickname = words.first().map_or_else(|| user.nickname.shown(), |word| *word);
            return Ok(Command::Query(Query::User { nickname: nickname.to_owned() }));
        }
        _ => return Err(NICKSERV),
    };
    Ok(Command::Account(command))
}

/// The account that a user means who names none.
fn own_account(user: &UserInfo) -> &str {
    user.account.as_ref().map_or_else(|| user.nickname.shown(), |account| account.as_str())
}

fn channel_command(
    client: &Client,
    command: &str,
    words: &[&str],
) -> Result<Command, &'static [&'static str]> {
    let Some(user) = &client.user else { return Err(&["Take a nickname first."]) };
    let change = match command {
        "OWNER" => StatusChange::Grant(Status::Owner),
        "DEOWNER" => StatusChange::Revoke(Status::Owner),
        "OP" => StatusChange::Grant(Status::Operator),
        "DEOP" => StatusChange::Revoke(Status::Operator),
        "VOICE" => StatusChange::Grant(Status::Voiced),
        "DEVOICE" => StatusChange::Revoke(Status::Voiced),
        "INFO" => {
            let Some(channel) = words.first() else { return Err(CHANSERV) };
            return Ok(Command::ShowTopic { channel: (*channel).to_owned() });
        }
        "REGISTER" => return Err(REGISTER),
        _ => return Err(CHANSERV),
    };
    let Some(channel) = words.first().filter(|name| name.starts_with('#')) else {
        return Err(CHANSERV);
    };
    let nickname = words.get(1).map_or_else(|| user.nickname.shown(), |word| *word).to_owned();
    Ok(Command::SetRole { channel: (*channel).to_owned(), nickname, change })
}

const NICKSERV: &[&str] = &[
    "REGISTER PASSWORD [CODE] makes an account with your nickname.",
    "IDENTIFY [ACCOUNT] PASSWORD logs you in.",
    "GHOST ACCOUNT PASSWORD makes you the user who is online with that account.",
    "PASSWORD OLD NEW changes your password.",
    "LOGOUT ends this session.",
    "DROP PASSWORD deletes your account.",
    "INFO [NICKNAME] shows the account of a user.",
];
const CHANSERV: &[&str] = &[
    "OP, VOICE or OWNER #CHANNEL [NICKNAME] gives a role to you or to another member.",
    "DEOP, DEVOICE or DEOWNER #CHANNEL [NICKNAME] takes it away.",
    "INFO #CHANNEL shows the topic.",
    "A channel belongs to the account that has created it.",
];
const GHOST: &[&str] = &["GHOST ACCOUNT PASSWORD makes you the user who is online with it."];
const REGISTER: &[&str] =
    &["A channel belongs to the account that has created it: there is nothing to register."];
