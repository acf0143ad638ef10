//! Parses reports, and the actions of server operators, most of which the host has too.

use super::ScriptProblem;
use super::words::{Words, unescape};
use crate::{
    AuditId, BanTarget, Command, MessageId, OperatorCommand, Query, ReportId, ReportTarget, Role,
    StatusChange,
};
use alloc::string::String;

/// Parses a report or an action of a server operator, if the verb is one.
pub(super) fn parse(verb: &str, words: &mut Words<'_>) -> Result<Option<Command>, ScriptProblem> {
    let command = match verb {
        "ban-server" => ban(words)?,
        "unban-server" => {
            let usage = "unban-server name=NAME|account=NAME|address=RANGE";
            let target = target(words, usage)?;
            words.end(usage)?;
            OperatorCommand::UnbanServer { target }
        }
        "announce" => OperatorCommand::Announce { text: words.text("announce TEXT")? },
        "remove" => OperatorCommand::Disconnect {
            nickname: words.word("remove NAME [REASON]")?,
            reason: words.rest()?,
        },
        "remove-account" => OperatorCommand::RemoveAccount {
            account: words.only_word("remove-account ACCOUNT")?.into(),
        },
        "close" => OperatorCommand::CloseChannel {
            channel: words.word("close CHANNEL [REASON]")?,
            reason: words.rest()?,
        },
        "server-role" => {
            let usage = "server-role CHANNEL NAME ROLE";
            let (channel, nickname) = words.pair(usage)?;
            let role = words.next().and_then(Role::from_name);
            let change = StatusChange::Become(role.ok_or(ScriptProblem::Usage(usage))?);
            words.end(usage)?;
            OperatorCommand::SetRole { channel, nickname, change }
        }
        "close-report" => {
            let usage = "close-report ID [REASON]";
            let report = ReportId(words.number(usage)? as u64);
            OperatorCommand::CloseReport { report, reason: words.rest()? }
        }
        "reports" => {
            let usage = "reports [after ID] [limit N]";
            let (mut after, mut limit) = (None, usize::MAX);
            while let Some(word) = words.next() {
                match word {
                    "after" => after = Some(ReportId(words.number(usage)? as u64)),
                    "limit" => limit = words.number(usage)?,
                    _ => return Err(ScriptProblem::Usage(usage)),
                }
            }
            return Ok(Some(Command::Query(Query::Reports { after, limit })));
        }
        "report" => {
            let usage = "report ID|@USER [REASON]";
            let target = words.word(usage)?;
            let about = match target.strip_prefix('@') {
                Some(nickname) => ReportTarget::User(nickname.into()),
                None => {
                    let id = target.parse().map_err(|_| ScriptProblem::Usage(usage))?;
                    ReportTarget::Message(MessageId(id))
                }
            };
            return Ok(Some(Command::Report { about, reason: words.rest()? }));
        }
        "server-bans" => {
            let (offset, limit) = page(words, "server-bans [offset N] [limit N]")?;
            return Ok(Some(Command::Query(Query::ServerBans { offset, limit })));
        }
        "audit-log" => {
            let usage = "audit-log [below ID] [limit N]";
            let (mut older_than, mut limit) = (None, usize::MAX);
            while let Some(word) = words.next() {
                match word {
                    "below" => older_than = Some(AuditId(words.number(usage)? as u64)),
                    "limit" => limit = words.number(usage)?,
                    _ => return Err(ScriptProblem::Usage(usage)),
                }
            }
            return Ok(Some(Command::Query(Query::AuditLog { older_than, limit })));
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::Operator(command)))
}

/// Parses the number of entries to skip, and the size of the page.
fn page(words: &mut Words<'_>, usage: &'static str) -> Result<(usize, usize), ScriptProblem> {
    let (mut offset, mut limit) = (0, usize::MAX);
    while let Some(word) = words.next() {
        match word {
            "offset" => offset = words.number(usage)?,
            "limit" => limit = words.number(usage)?,
            _ => return Err(ScriptProblem::Usage(usage)),
        }
    }
    Ok((offset, limit))
}

fn ban(words: &mut Words<'_>) -> Result<OperatorCommand, ScriptProblem> {
    let usage = "ban-server name=NAME|account=NAME|address=RANGE [for=TIME] [REASON]";
    let target = target(words, usage)?;
    let mut duration = None;
    if let Some(time) = words.value("for") {
        duration = Some(crate::config::parse_duration(time).ok_or(ScriptProblem::Usage(usage))?);
    }
    Ok(OperatorCommand::BanServer { target, duration, reason: words.rest()? })
}

fn target(words: &mut Words<'_>, usage: &'static str) -> Result<BanTarget<String>, ScriptProblem> {
    if let Some(account) = words.value("account") {
        return Ok(BanTarget::Account(unescape(account)?.into()));
    }
    if let Some(range) = words.value("address") {
        return Ok(BanTarget::Addresses(range.parse().map_err(|_| ScriptProblem::Usage(usage))?));
    }
    let nickname = words.value("name").ok_or(ScriptProblem::Usage(usage))?;
    Ok(BanTarget::Nickname(unescape(nickname)?))
}
