//! Parses actions about accounts.

use super::ScriptProblem;
use super::words::{Words, unescape};
use crate::{
    AccountCommand, Answer, Command, Credential, LoginExchange, PasswordLogin, PasswordRefusal,
    Secret, Text, TokenId,
};
use alloc::boxed::Box;

/// Parses an action of a client about accounts, if the verb is one.
pub(super) fn parse(verb: &str, words: &mut Words<'_>) -> Result<Option<Command>, ScriptProblem> {
    let command = match verb {
        "register" => {
            let usage = "register ACCOUNT PASSWORD [code=CODE] [device=NAME]";
            let mut login = login(words, usage)?;
            let code = words.value("code").map(unescape).transpose()?.map(Secret::new);
            login.device = words.value("device").map(unescape).transpose()?;
            words.end(usage)?;
            AccountCommand::Register { login, code }
        }
        "log-in" => {
            let usage = "log-in ACCOUNT PASSWORD [device=NAME]";
            let mut login = login(words, usage)?;
            login.device = words.value("device").map(unescape).transpose()?;
            words.end(usage)?;
            AccountCommand::LogIn(login)
        }
        "exchange" => {
            let usage = "exchange MECHANISM ACCOUNT MESSAGE…";
            let (mechanism, account) = words.pair(usage)?;
            let mut exchange =
                LoginExchange::new(mechanism, account, Secret::new(words.word(usage)?));
            let rest = words.rest()?.unwrap_or_default();
            exchange.messages.extend(rest.split_whitespace().map(Secret::new));
            AccountCommand::Exchange(Box::new(exchange))
        }
        "log-out" => {
            words.end("log-out")?;
            AccountCommand::LogOut
        }
        "change-password" => {
            let (old, new) = words.only_pair("change-password OLD NEW")?;
            AccountCommand::ChangePassword { old: Secret::new(old), new: Secret::new(new) }
        }
        "delete-account" => {
            let password = Secret::new(words.only_word("delete-account PASSWORD")?);
            AccountCommand::Delete { password }
        }
        "sessions" => {
            words.end("sessions")?;
            AccountCommand::ListSessions
        }
        "revoke-session" => {
            let usage = "revoke-session ID";
            let id = TokenId::parse(&words.only_word(usage)?);
            AccountCommand::Revoke { id: id.ok_or(ScriptProblem::Usage(usage))? }
        }
        "name-password" => {
            let login = login(words, "name-password ACCOUNT PASSWORD [NAME]")?;
            return Ok(Some(identify(Credential::Password(Box::new(login)), words.rest()?)));
        }
        "name-session" => {
            let token = Secret::new(words.word("name-session TOKEN [NAME]")?);
            return Ok(Some(identify(Credential::Session(token), words.rest()?)));
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::Account(command)))
}

fn login(words: &mut Words<'_>, usage: &'static str) -> Result<PasswordLogin, ScriptProblem> {
    let (account, password) = words.pair(usage)?;
    Ok(PasswordLogin::new(account, Secret::new(password)))
}

fn identify(credential: Credential, nickname: Option<alloc::string::String>) -> Command {
    Command::Identify {
        nickname,
        lobby: true,
        resume: None,
        credential: Some(credential),
        reconnect_key: None,
        profile: None,
    }
}

/// Parses an answer about a password, if the first word of an answer is one.
pub(super) fn answer(
    verb: &str,
    words: &mut Words<'_>,
    usage: &'static str,
) -> Result<Option<Answer>, ScriptProblem> {
    let refusal = match verb {
        "password" => {
            let secret = |words: &mut Words<'_>, name| {
                words.value(name).map(unescape).transpose().map(|text| text.map(Secret::new))
            };
            let credentials = secret(words, "credentials")?;
            let token = secret(words, "token")?;
            return Ok(Some(Answer::Password { credentials, token }));
        }
        "challenge" => {
            let message = Secret::new(words.only_word(usage)?);
            return Ok(Some(Answer::Challenge { message }));
        }
        "weak-password" => PasswordRefusal::TooWeak(Text::clean(&words.text(usage)?)),
        "wrong-password" => PasswordRefusal::Wrong,
        "wrong-code" => PasswordRefusal::WrongCode,
        "closed" => PasswordRefusal::Closed,
        _ => return Ok(None),
    };
    Ok(Some(Answer::PasswordRefused(refusal)))
}
