//! Reports, requests of server operators, and their answers.

use super::operator_object::OperatorObject;
use super::request::{Problem, Request, Whole, role_change};
use crate::Frames;
use chat_core::{
    AddressRange, AuditEntry, AuditId, BanTarget, Command, MessageId, OperatorCommand, Query,
    ReportId, ReportTarget, ServerBan, Text,
};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// An account, a nickname or a range of addresses.
#[derive(Deserialize)]
struct Target {
    account: Option<String>,
    nickname: Option<String>,
    addresses: Option<String>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(flatten)]
    target: Target,
    seconds: Option<Whole<u64>>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Disconnect {
    nickname: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct RemoveAccount {
    account: String,
}

#[derive(Deserialize)]
struct CloseChannel {
    channel: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Role {
    channel: String,
    nickname: String,
    role: Option<String>,
    grant: Option<String>,
    revoke: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    offset: Option<Whole<usize>>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Report {
    id: Option<Whole<u64>>,
    nickname: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Reports {
    after: Option<Whole<u64>>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Announce {
    text: String,
}

#[derive(Deserialize)]
struct CloseReport {
    report: Whole<u64>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct AuditPage {
    older_than: Option<Whole<u64>>,
    limit: Option<Whole<usize>>,
}

/// Returns the engine's command for a report or a request of a server operator, or the request if
/// it is another.
pub(super) fn command(request: Request) -> Result<Result<Command, Problem>, Request> {
    let command = match request.kind.as_str() {
        "server_ban" => request.read().and_then(|Ban { target, seconds, reason }| {
            let target = target.parse("server_ban")?;
            let duration = seconds.map(|Whole(seconds)| Duration::from_secs(seconds));
            Ok(OperatorCommand::BanServer { target, duration, reason })
        }),
        "server_unban" => request.read().and_then(|target: Target| {
            let target = target.parse("server_unban")?;
            Ok(OperatorCommand::UnbanServer { target })
        }),
        "disconnect" => request.read().map(|Disconnect { nickname, reason }| {
            OperatorCommand::Disconnect { nickname, reason }
        }),
        "remove_account" => request.read().map(|RemoveAccount { account }| {
            OperatorCommand::RemoveAccount { account: account.into() }
        }),
        "close_channel" => request.read().map(|CloseChannel { channel, reason }| {
            OperatorCommand::CloseChannel { channel, reason }
        }),
        "server_role" => {
            request.read().and_then(|Role { channel, nickname, role, grant, revoke }| {
                let change = role_change("server_role", role, grant, revoke)?;
                Ok(OperatorCommand::SetRole { channel, nickname, change })
            })
        }
        "announce" => request.read().map(|Announce { text }| OperatorCommand::Announce { text }),
        "close_report" => request.read().map(|CloseReport { report: Whole(id), reason }| {
            OperatorCommand::CloseReport { report: ReportId(id), reason }
        }),
        "reports" => {
            let query = request.read().map(|Reports { after, limit }| Query::Reports {
                after: after.map(|Whole(id)| ReportId(id)),
                limit: limit.map_or(usize::MAX, |Whole(limit)| limit),
            });
            return Ok(query.map(Command::Query));
        }
        "report" => {
            return Ok(request.read().and_then(|Report { id, nickname, reason }| {
                let about = match (id, nickname) {
                    (Some(Whole(id)), None) => ReportTarget::Message(MessageId(id)),
                    (None, Some(nickname)) => ReportTarget::User(nickname),
                    _ => return Err("report: give one of \"id\" and \"nickname\"".into()),
                };
                Ok(Command::Report { about, reason })
            }));
        }
        "server_bans" => {
            let query = request.read().map(|Page { offset, limit }| {
                let offset = offset.map_or(0, |Whole(offset)| offset);
                let limit = limit.map_or(usize::MAX, |Whole(limit)| limit);
                Query::ServerBans { offset, limit }
            });
            return Ok(query.map(Command::Query));
        }
        "audit_log" => {
            let query = request.read().map(|AuditPage { older_than, limit }| Query::AuditLog {
                older_than: older_than.map(|Whole(id)| AuditId(id)),
                limit: limit.map_or(usize::MAX, |Whole(limit)| limit),
            });
            return Ok(query.map(Command::Query));
        }
        _ => return Err(request),
    };
    Ok(command.map(Command::Operator))
}

impl Target {
    fn parse(self, kind: &str) -> Result<BanTarget<String>, Problem> {
        match (self.account, self.nickname, self.addresses) {
            (Some(account), None, None) => Ok(BanTarget::Account(account.into())),
            (None, Some(nickname), None) => Ok(BanTarget::Nickname(nickname)),
            (None, None, Some(range)) => {
                let range: Result<AddressRange, _> = range.parse();
                let invalid = |error| Text::clean(&format!("{kind}: {error}")).to_string();
                range.map(BanTarget::Addresses).map_err(invalid)
            }
            _ => Err(format!("{kind}: give one of \"account\", \"nickname\" and \"addresses\"")),
        }
    }
}

/// Writes the answer to `server_bans`.
pub(super) fn write_server_bans(
    reference: Option<&str>,
    (bans, count, more): (&[ServerBan], usize, bool),
    out: &mut Frames,
) {
    let bans = bans.iter().map(Into::into).collect();
    out.write_json(&OperatorObject::ServerBans { reference, count, bans, more });
}

/// Writes the answer to `audit_log`.
pub(super) fn write_audit_log(
    reference: Option<&str>,
    (entries, more): (&[Arc<AuditEntry>], bool),
    out: &mut Frames,
) {
    let entries = entries.iter().map(|entry| (&**entry).into()).collect();
    out.write_json(&OperatorObject::AuditLog { reference, entries, more });
}

/// Writes the event about a new report.
pub(super) fn write_reported(report: &chat_core::Report, out: &mut Frames) {
    out.write_json(&OperatorObject::Reported { report: Box::new(report.into()) });
}

/// Writes the answer to `reports`.
pub(super) fn write_reports(
    reference: Option<&str>,
    (reports, count, more): (&[Arc<chat_core::Report>], usize, bool),
    out: &mut Frames,
) {
    let reports = reports.iter().map(|report| (&**report).into()).collect();
    out.write_json(&OperatorObject::Reports { reference, count, reports, more });
}
