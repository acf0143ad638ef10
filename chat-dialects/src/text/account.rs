//! Commands about accounts, and their answers.

use super::words::{date_and_time, first};
use chat_core::{AccountCommand, LoggedIn, PasswordLogin, Secret, SessionCard, TokenId};

/// Parses the arguments of a command about accounts, or returns its usage. `None` for another
/// command.
pub(super) fn parse(verb: &str, rest: &str) -> Option<Result<AccountCommand, &'static str>> {
    Some(match verb {
        "register" => register(rest).ok_or("/register <account> <password> [code=<code>]"),
        "login" => match first(rest) {
            // A password may have spaces in it.
            (account, password) if !password.is_empty() => {
                Ok(AccountCommand::LogIn(PasswordLogin::new(account, Secret::new(password))))
            }
            _ => Err("/login <account> <password>"),
        },
        "logout" => Ok(AccountCommand::LogOut),
        "password" => match first(rest) {
            (old, new) if !new.is_empty() && !new.contains(char::is_whitespace) => {
                let (old, new) = (Secret::new(old), Secret::new(new));
                Ok(AccountCommand::ChangePassword { old, new })
            }
            _ => Err("/password <old> <new>, both without spaces"),
        },
        "sessions" => Ok(AccountCommand::ListSessions),
        "revoke" => {
            TokenId::parse(rest).map(|id| AccountCommand::Revoke { id }).ok_or("/revoke <session>")
        }
        "unregister" if rest.is_empty() => Err("/unregister <password>"),
        "unregister" => Ok(AccountCommand::Delete { password: Secret::new(rest) }),
        _ => return None,
    })
}

fn register(rest: &str) -> Option<AccountCommand> {
    let (account, rest) = first(rest);
    let last = rest.rsplit_once(char::is_whitespace);
    let code = last.and_then(|(password, last)| Some((password, last.strip_prefix("code=")?)));
    let (password, code) = match code {
        Some((password, code)) => (password.trim_end(), Some(Secret::new(code))),
        None => (rest, None),
    };
    let login = PasswordLogin::new(account, Secret::new(password));
    (!password.is_empty()).then_some(AccountCommand::Register { login, code })
}

/// Returns true if a message begins like a command with a password, after white space.
pub(super) fn has_password(line: &str) -> bool {
    let command = line.trim_start().strip_prefix('/');
    let verb = command.map(|command| first(command).0.to_ascii_lowercase());
    verb.is_some_and(|verb| matches!(&*verb, "login" | "register" | "password" | "unregister"))
}

/// Returns the reply to a login.
pub(super) fn logged_in(login: &LoggedIn) -> String {
    let LoggedIn { account, is_new, user, channels, .. } = login;
    let is_other = |nickname: &str| channels.is_some() || nickname != account.as_str();
    let known_as = user.as_ref().map(|user| user.nickname.shown()).filter(|name| is_other(name));
    let known_as = known_as.map(|name| format!(", as {name}")).unwrap_or_default();
    let new = if *is_new { format!("account {account} is registered; ") } else { "".into() };
    format!("{new}you are logged in to {account}{known_as}")
}

/// Returns the reply to a change of the password.
pub(super) fn password_changed(revoked: usize) -> String {
    let others = match revoked {
        0 => String::new(),
        1 => "; 1 other login has ended".into(),
        count => format!("; {count} other logins have ended"),
    };
    format!("your password is changed{others}")
}

/// Returns the line about a login of an account.
pub(super) fn session(card: &SessionCard) -> String {
    let SessionCard { id, device, since, used, is_online, is_current } = card;
    let state = match (is_current, is_online) {
        (true, _) => ", this one",
        (false, true) => ", online",
        (false, false) => "",
    };
    let device = device.as_ref().map(|device| format!(" {device}")).unwrap_or_default();
    let [since, used] = [since, used].map(|at| date_and_time(*at));
    format!("  {id}{device}, since {since}, used {used}{state}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(account: &str, password: &str) -> PasswordLogin {
        PasswordLogin::new(account, Secret::new(password))
    }

    #[test]
    fn password_may_have_spaces() {
        let parsed = parse("login", "alice correct horse");
        assert_eq!(parsed, Some(Ok(AccountCommand::LogIn(login("alice", "correct horse")))));
        let parsed = parse("register", "alice correct horse code=tea");
        let code = Some(Secret::new("tea"));
        let login = login("alice", "correct horse");
        assert_eq!(parsed, Some(Ok(AccountCommand::Register { login, code })));
    }

    #[test]
    fn incomplete_command_is_answered_with_its_usage() {
        for (verb, rest) in [
            ("register", ""),
            ("register", "alice"),
            ("login", "alice"),
            ("password", "old"),
            ("password", "old new word"),
            ("revoke", ""),
            ("revoke", "xyz"),
            ("unregister", ""),
        ] {
            assert!(matches!(parse(verb, rest), Some(Err(_))), "/{verb} {rest}");
        }
        assert_eq!(parse("dance", ""), None);
    }

    #[test]
    fn message_with_a_password_is_recognised() {
        for line in [" /login alice secret", "\t/REGISTER alice secret", " /password a b"] {
            assert!(has_password(line), "{line}");
        }
        for line in ["login alice", " /help", " / login", "see /login"] {
            assert!(!has_password(line), "{line}");
        }
    }
}
