//! Reports, commands of server operators, and their answers.

use super::audit_line::end_and_reason;
use super::words::{first, identity_of, origin};
use chat_core::{
    AuditId, BanTarget, Command, MessageId, ModeChange, OperatorCommand, Query, Report, ReportId,
    ReportTarget, Role, ServerBan, StatusChange,
};
use std::time::Duration;

/// The commands, as `/help operator` shows them.
pub(super) const COMMANDS: [&str; 10] = [
    "- /serverban <user> [for=<time>] [reason] - Keep somebody out of the server; instead of a \
     user also account=<account> or address=<range>",
    "- /serverunban <user> - Take that back",
    "- /serverbans - Show who is kept out of the server",
    "- /reports - Show what users have reported",
    "- /closereport <number> [reason] - Close a report",
    "- /audit [below:<number>] - Show what server operators have done",
    "- /disconnect <user> [reason] - End all connections of somebody",
    "- /removeaccount <account> - Delete an account",
    "- /closechannel <channel> [reason] - Put everybody out of a channel, and forget it",
    "- /serverrole <channel> <user> <role> - Make somebody owner, operator, voiced or member",
];

/// Parses the arguments of a report or of a command of server operators, or returns its usage.
/// `None` for another command.
pub(super) fn parse(verb: &str, rest: &str) -> Option<Result<Command, &'static str>> {
    let command = match verb {
        "serverban" => ban(rest).ok_or(
            "/serverban <user> | account=<account> | address=<range> [for=<time>] [reason]; a \
             time is 90d, 12h, 30m or 45s",
        ),
        "serverunban" => match first(rest) {
            (target, "") => {
                target_of(target).map(|target| OperatorCommand::UnbanServer { target }).ok_or(UNBAN)
            }
            _ => Err(UNBAN),
        },
        "serverbans" => {
            return Some(Ok(Command::Query(Query::ServerBans { offset: 0, limit: usize::MAX })));
        }
        "report" => {
            let (target, reason) = first(rest);
            let about = match target.strip_prefix("message=").map(str::parse) {
                Some(Ok(id)) => ReportTarget::Message(MessageId(id)),
                None if !target.is_empty() => ReportTarget::User(target.into()),
                Some(Err(_)) | None => return Some(Err(REPORT)),
            };
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            return Some(Ok(Command::Report { about, reason }));
        }
        "reports" => {
            return Some(Ok(Command::Query(Query::Reports { after: None, limit: usize::MAX })));
        }
        "closereport" => {
            let (id, reason) = first(rest);
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            id.parse()
                .map(|id| OperatorCommand::CloseReport { report: ReportId(id), reason })
                .map_err(|_| "/closereport <number> [reason]")
        }
        "audit" => {
            let older_than = match rest.strip_prefix("below:").map(str::parse) {
                Some(Ok(id)) => Some(AuditId(id)),
                None if rest.is_empty() => None,
                Some(Err(_)) | None => return Some(Err("/audit [below:<number>]")),
            };
            return Some(Ok(Command::Query(Query::AuditLog { older_than, limit: AUDITED })));
        }
        "disconnect" | "kill" => with_reason(rest)
            .map(|(nickname, reason)| OperatorCommand::Disconnect { nickname, reason })
            .ok_or("/disconnect <user> [reason]"),
        "removeaccount" => match first(rest) {
            (account, "") if !account.is_empty() => {
                Ok(OperatorCommand::RemoveAccount { account: account.into() })
            }
            _ => Err("/removeaccount <account>"),
        },
        "closechannel" => with_reason(rest)
            .map(|(channel, reason)| OperatorCommand::CloseChannel { channel, reason })
            .ok_or("/closechannel <channel> [reason]"),
        "serverrole" => role(rest).ok_or(
            "/serverrole <channel> <user> <role>; a role is owner, operator, voiced or member",
        ),
        _ => return None,
    };
    Some(command.map(Command::Operator))
}

const REPORT: &str = "/report <user> [reason], or /report message=<number> [reason]";

/// The number of entries that `/audit` shows.
const AUDITED: usize = 20;

const UNBAN: &str = "/serverunban <user> | account=<account> | address=<range>";

fn ban(rest: &str) -> Option<OperatorCommand> {
    let (target, rest) = first(rest);
    let target = target_of(target)?;
    let (word, after) = first(rest);
    let (duration, reason) = match word.strip_prefix("for=") {
        Some(time) => (Some(duration(time)?), after),
        None => (None, rest),
    };
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    Some(OperatorCommand::BanServer { target, duration, reason })
}

/// Parses a word as a nickname, an account or a range of addresses. A nickname contains no `=` that
/// follows one of these words, unless somebody chooses it to be hard to ban: its account or address
/// can be banned then.
fn target_of(word: &str) -> Option<BanTarget<String>> {
    Some(match word.split_once('=') {
        Some(("account", account)) if !account.is_empty() => BanTarget::Account(account.into()),
        Some(("address", range)) => BanTarget::Addresses(range.parse().ok()?),
        Some(("account", _)) => return None,
        Some(("name", nickname)) if !nickname.is_empty() => BanTarget::Nickname(nickname.into()),
        Some(_) | None if word.is_empty() => return None,
        Some(_) | None => BanTarget::Nickname(word.into()),
    })
}

/// Parses a time as those of modes are written.
fn duration(written: &str) -> Option<Duration> {
    match ModeChange::keep(written) {
        Some(ModeChange::Keep(duration)) => duration,
        Some(_) | None => None,
    }
}

/// Splits arguments into a name and an optional reason; `None` without a name.
fn with_reason(rest: &str) -> Option<(String, Option<String>)> {
    let (name, reason) = first(rest);
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    (!name.is_empty()).then(|| (name.to_owned(), reason))
}

fn role(rest: &str) -> Option<OperatorCommand> {
    let mut words = rest.split_whitespace();
    let (channel, nickname) = (words.next()?.to_owned(), words.next()?.to_owned());
    let change = StatusChange::Become(Role::from_name(words.next()?)?);
    words.next().is_none().then_some(OperatorCommand::SetRole { channel, nickname, change })
}

/// Returns the words about a ban from the whole server.
pub(super) fn server_ban(ban: &ServerBan) -> String {
    format!("{} is banned from the server{}", ban.target, end_and_reason(ban))
}

/// Returns the words about a report, with a copy of the reported message in one line.
pub(super) fn report(report: &Report) -> String {
    let Report { id, by, user, message, reason, .. } = report;
    let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = message
        .as_ref()
        .map(|message| format!(" [{}{}]", origin(message), message.text.single_line()));
    let message = message.unwrap_or_default();
    format!("report {}: {} reports {}{reason}{message}", id.0, identity_of(by), identity_of(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_of_a_ban_is_a_user_an_account_or_a_range() {
        let target = |line: &str| match parse("serverunban", line) {
            Some(Ok(Command::Operator(OperatorCommand::UnbanServer { target }))) => {
                Some(target.to_string())
            }
            _ => None,
        };
        for (word, shown) in [
            ("bob", Some("bob")),
            ("name=bob", Some("bob")),
            ("account=Bob", Some("account Bob")),
            ("address=192.0.2.7/24", Some("192.0.2.0/24")),
            ("a=b", Some("a=b")),
            ("", None),
            ("account=", None),
            ("address=bob", None),
            ("bob spam", None),
        ] {
            assert_eq!(target(word).as_deref(), shown, "{word}");
        }
    }

    #[test]
    fn ban_may_have_a_duration_and_a_reason() {
        let parsed = |line: &str| match parse("serverban", line) {
            Some(Ok(Command::Operator(OperatorCommand::BanServer {
                duration, reason, ..
            }))) => Some((duration.map(|duration| duration.as_secs()), reason)),
            _ => None,
        };
        let spam = || Some("much spam".to_owned());
        assert_eq!(parsed("bob"), Some((None, None)));
        assert_eq!(parsed("bob for=2h"), Some((Some(7_200), None)));
        assert_eq!(parsed("bob for=2h much spam"), Some((Some(7_200), spam())));
        assert_eq!(parsed("bob much spam"), Some((None, spam())));
        assert_eq!(parsed("bob for=ever"), None);
    }

    #[test]
    fn incomplete_command_is_answered_with_its_usage() {
        for (verb, rest) in [
            ("serverban", ""),
            ("serverunban", ""),
            ("disconnect", ""),
            ("report", ""),
            ("report", "message=x"),
            ("closereport", "x"),
            ("audit", "7"),
            ("audit", "below:x"),
            ("removeaccount", "two words"),
            ("closechannel", ""),
            ("serverrole", "tea bob"),
            ("serverrole", "tea bob king"),
        ] {
            assert!(matches!(parse(verb, rest), Some(Err(_))), "/{verb} {rest}");
        }
        assert_eq!(parse("dance", ""), None);
    }

    #[test]
    fn every_command_of_the_help_is_known() {
        for line in COMMANDS {
            let verb = line.trim_start_matches("- /").split(' ').next().unwrap_or_default();
            assert!(parse(verb, "").is_some(), "{line}");
        }
    }
}
