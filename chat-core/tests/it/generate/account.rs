//! Generates logins, commands about accounts, and answers about passwords.

use super::{NICKNAMES, pick};
use chat_core::{
    AccountCommand, Answer, Credential, LoginExchange, PasswordLogin, PasswordRefusal, Question,
    Secret, Text, TokenDigest,
};

pub(super) fn credential(first: u8, second: u8) -> Option<Credential> {
    match (first >> 4) & 7 {
        0 => Some(Credential::Session(Secret::new(pick(TOKENS, second)))),
        1 => Some(Credential::Password(Box::new(login(first, second)))),
        2 => Some(Credential::Token(Secret::new(pick(TOKENS, second)))),
        _ => None,
    }
}

fn login(first: u8, second: u8) -> PasswordLogin {
    let device = (second & 1 == 0).then(|| String::from("phone"));
    let account = String::from(pick(NICKNAMES, first));
    PasswordLogin { account, password: Secret::new("secret"), device }
}

pub(super) fn command(first: u8, second: u8) -> AccountCommand {
    match second % 12 {
        0..=2 => AccountCommand::Register { login: login(first, second), code: None },
        3 => {
            let account = pick(NICKNAMES, first);
            let exchange = LoginExchange::new("TEST", account, Secret::new("proof"));
            AccountCommand::Exchange(Box::new(exchange))
        }
        4..=6 => AccountCommand::LogIn(login(first, second)),
        7 => AccountCommand::LogOut,
        8 => AccountCommand::ChangePassword { old: Secret::new("secret"), new: Secret::new("new") },
        9 => AccountCommand::Delete { password: Secret::new("secret") },
        10 => AccountCommand::ListSessions,
        _ => AccountCommand::Revoke { id: TokenDigest::of(&Secret::new(pick(TOKENS, first))).id() },
    }
}

/// Returns true for the questions that [`answer`] answers.
pub(super) fn is_about_password(question: &Question) -> bool {
    matches!(
        question,
        Question::Register { .. } | Question::CheckPassword { .. } | Question::Exchange { .. }
    )
}

/// Session tokens of the host, of which several logins may get the same.
const TOKENS: &[&str] = &["t1", "t2", "t3", "t4"];

/// Returns the host's answer about a password.
pub(super) fn answer(first: u8, second: u8) -> Answer {
    if first % 16 == 6 {
        return Answer::Challenge { message: Secret::new("challenge") };
    }
    if first % 16 == 2 {
        return Answer::PasswordRefused(match second & 3 {
            0 => PasswordRefusal::Wrong,
            1 => PasswordRefusal::TooWeak(Text::clean("weak")),
            2 => PasswordRefusal::Closed,
            _ => PasswordRefusal::WrongCode,
        });
    }
    Answer::Password {
        credentials: (second & 3 != 0).then(|| Secret::new(pick(&["one", "two"], second))),
        token: (second & 12 != 0).then(|| Secret::new(pick(TOKENS, second >> 2))),
    }
}
