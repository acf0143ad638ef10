//! Encodes the commands of a script as lines of the text dialect.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "variants are matched together with their fields, which the lint takes for omitted"
)]

use crate::ban_target::target_word;
use crate::mask_requests;
use crate::query_requests::rfc3339;
use crate::requests::Unsupported;
use chat_runtime::chat_core::{
    AccountCommand, Command, HistoryRange, List, MessageKind, ModeChange, OperatorCommand,
    PasswordLogin, Query, Recipient, ReportTarget, Role, SearchQuery, Status, StatusChange,
};

/// Returns a command as a line of text, for a user whose current channel is that of the command.
/// With `asked`, the nickname is typed at a prompt.
///
/// # Errors
///
/// If no line means this.
pub fn text_line(command: &Command, asked: bool) -> Result<String, Unsupported> {
    let line = match command {
        Command::Identify { credential: Some(_), .. } => {
            return Err("a login with the name cannot be typed");
        }
        Command::Account(command) => account_line(command)?,
        Command::User(_) => return Err("no line is about the user itself"),
        Command::Operator(command) => operator_line(command)?,
        Command::Report { about, reason } => {
            let target = match about {
                ReportTarget::Message(id) => format!("message={}", id.0),
                ReportTarget::User(nickname) => nickname.clone(),
                _ => return Err("a target that is newer than the tests"),
            };
            line(["/report", &target, reason.as_deref().unwrap_or_default()]).trim_end().to_owned()
        }
        Command::Query(Query::Pins { channel }) => line(["/pins", channel]),
        Command::Query(Query::Reports { after: None, limit: usize::MAX }) => "/reports".to_owned(),
        Command::Query(Query::AuditLog { older_than, limit: usize::MAX }) => match older_than {
            Some(older_than) => line(["/audit", &format!("below:{}", older_than.0)]),
            None => "/audit".to_owned(),
        },
        Command::Query(Query::ServerBans { offset: 0, limit: usize::MAX }) => {
            "/serverbans".to_owned()
        }
        Command::Identify { reconnect_key: Some(_), .. } => {
            return Err("a reconnect key cannot be typed");
        }
        Command::Identify { resume: Some(_), .. } => return Err("a text user remembers no id"),
        Command::Identify { lobby: false, .. } => return Err("a text user always joins the lobby"),
        Command::Identify { nickname: None, .. } => return Err("no line asks for a guest name"),
        Command::Identify { profile: Some(_), .. }
        | Command::SetProfile { .. }
        | Command::SetData { .. } => {
            return Err("no line sets a profile");
        }
        Command::Identify { nickname: Some(nickname), .. } if asked => nickname.clone(),
        Command::Identify { nickname: Some(nickname), .. } | Command::Rename { nickname } => {
            line(["/name", nickname])
        }
        Command::Join { channel, key: Some(key) } => line(["/join", channel, key]),
        Command::Join { channel, key: None } => line(["/join", channel]),
        Command::JoinMany { .. } => return Err("no line joins several channels"),
        Command::Leave { channel, reason: None } => line(["/leave", channel]),
        Command::Say { reply_to: Some(_), .. } => return Err("no line replies to a message"),
        Command::Say { nonce: Some(_), .. } => return Err("no line has a nonce"),
        Command::Say { data, .. } if !data.is_empty() => return Err("no line has data"),
        Command::Say { to: Recipient::Channel(_), kind: MessageKind::Message, text, .. } => {
            // A second slash makes the line a message instead of a command.
            if text.starts_with('/') { format!("/{text}") } else { text.clone() }
        }
        Command::Say { to: Recipient::Channel(_), kind: MessageKind::Action, text, .. } => {
            line(["/me", text])
        }
        Command::Say {
            to: Recipient::User(nickname), kind: MessageKind::Message, text, ..
        } => line(["/msg", nickname, text]),
        Command::Say {
            to: Recipient::Members { channel, least },
            kind: MessageKind::Message,
            text,
            ..
        } => {
            let sign = match least {
                Role::Owner => "~",
                Role::Operator => "@",
                Role::Voiced => "+",
                _ => return Err("no line is for these members"),
            };
            line(["/msg", &format!("{sign}#{channel}"), text])
        }
        Command::Say { .. } => return Err("no line sends this kind of message"),
        Command::ShowTopic { .. } => "/topic".to_owned(),
        Command::SetTopic { topic: Some(topic), .. } if !topic.is_empty() => {
            line(["/topic", topic])
        }
        Command::SetTopic { .. } => return Err("no line removes a topic"),
        Command::ShowModes { .. } => "/modes".to_owned(),
        Command::SetModes { changes, .. } => {
            changes.iter().fold("/modes".to_owned(), |line, change| line + " " + &mode(change))
        }
        Command::SetRole { nickname, change, .. } => {
            let verb = match change {
                StatusChange::Grant(Status::Operator) => "/op",
                StatusChange::Revoke(Status::Operator) => "/deop",
                StatusChange::Grant(Status::Voiced) => "/voice",
                StatusChange::Revoke(Status::Voiced) => "/devoice",
                StatusChange::Become(Role::Owner) => "/owner",
                StatusChange::Grant(Status::Owner)
                | StatusChange::Revoke(Status::Owner)
                | StatusChange::Become(Role::Member | Role::Voiced | Role::Operator) => {
                    return Err("no line changes a role in this way");
                }
                _ => unreachable!("a variant that this test does not know"),
            };
            line([verb, nickname])
        }
        Command::Kick { nickname, reason: Some(reason), .. } => line(["/kick", nickname, reason]),
        Command::Kick { nickname, reason: None, .. } => line(["/kick", nickname]),
        Command::Ban { nickname, reason: None, .. } => line(["/ban", nickname]),
        Command::Mute { nickname, reason: None, .. } => line(["/mute", nickname]),
        Command::Unban { nickname, .. } => line(["/unban", nickname]),
        Command::Unmute { nickname, .. } => line(["/unmute", nickname]),
        Command::Leave { .. } | Command::Ban { .. } | Command::Mute { .. } => {
            return Err("no line gives a reason for it");
        }
        Command::Exempt { .. } | Command::Unexempt { .. } => return Err("no line exempts a user"),
        Command::Invite { channel, nickname } => line(["/invite", nickname, channel]),
        Command::SetMask { channel, list, mask, listed, reason } => {
            mask_requests::line(channel, (*list, mask, *listed), reason)?
        }
        Command::ListUsers { channel: Some(channel) } => line(["/users", channel]),
        Command::ListUsers { channel: None } => "/users".to_owned(),
        Command::ListChannels => "/channels".to_owned(),
        Command::ReadHistory { channel, range, limit } => history_line(channel, *range, *limit)?,
        Command::Query(Query::PrivateHistory { nickname, range, limit }) => {
            history_line(&format!("@{nickname}"), *range, *limit)?
        }
        Command::Query(Query::User { nickname }) => line(["/whois", nickname]),
        Command::Query(Query::WasHere { nickname, limit: usize::MAX }) => {
            line(["/whowas", nickname])
        }
        Command::Query(Query::List { channel, list: List::Bans, offset: 0, .. }) => {
            line(["/bans", channel])
        }
        Command::Query(Query::Search(search)) => search_line(search)?,
        Command::Message(_) => return Err("no line names the message that it is about"),
        Command::Query(_) | Command::MarkRead { .. } | Command::Signal { .. } => {
            return Err("no line asks for it");
        }
        Command::SetAway { message: Some(message) } => line(["/away", message]),
        Command::SetAway { message: None } => "/away".to_owned(),
        Command::Quit { reason: Some(reason) } => line(["/quit", reason]),
        Command::Quit { reason: None } => "/quit".to_owned(),
        _ => unreachable!("a variant that this test does not know"),
    };
    match line.contains('\n') {
        true => Err("a line cannot contain a line end"),
        false => Ok(line),
    }
}

fn account_line(command: &AccountCommand) -> Result<String, Unsupported> {
    Ok(match command {
        AccountCommand::Register { login, .. } | AccountCommand::LogIn(login)
            if login.device.is_some() =>
        {
            return Err("no line describes a device");
        }
        AccountCommand::Register { login: PasswordLogin { account, password, .. }, code } => {
            let code = code.as_ref().map(|code| format!(" code={}", code.expose()));
            line(["/register", account, password.expose()]) + &code.unwrap_or_default()
        }
        AccountCommand::LogIn(PasswordLogin { account, password, .. }) => {
            line(["/login", account, password.expose()])
        }
        AccountCommand::LogOut => "/logout".to_owned(),
        AccountCommand::ChangePassword { old, new } => {
            line(["/password", old.expose(), new.expose()])
        }
        AccountCommand::Delete { password } => line(["/unregister", password.expose()]),
        AccountCommand::ListSessions => "/sessions".to_owned(),
        AccountCommand::Revoke { id } => line(["/revoke", &id.to_string()]),
        _ => return Err("a command that is newer than the tests"),
    })
}

fn operator_line(command: &OperatorCommand) -> Result<String, Unsupported> {
    Ok(match command {
        OperatorCommand::BanServer { target, duration, reason } => {
            let duration = duration.map(|duration| format!("for={}s", duration.as_secs()));
            let target = target_word(target)?;
            let further: Vec<String> = [duration, reason.clone()].into_iter().flatten().collect();
            line(["/serverban", &target, &further.join(" ")]).trim_end().to_owned()
        }
        OperatorCommand::UnbanServer { target } => line(["/serverunban", &target_word(target)?]),
        OperatorCommand::Disconnect { nickname, reason } => {
            line(["/disconnect", nickname, reason.as_deref().unwrap_or_default()])
                .trim_end()
                .to_owned()
        }
        OperatorCommand::RemoveAccount { account } => line(["/removeaccount", account.as_str()]),
        OperatorCommand::CloseChannel { channel, reason } => {
            line(["/closechannel", channel, reason.as_deref().unwrap_or_default()])
                .trim_end()
                .to_owned()
        }
        OperatorCommand::Announce { .. } => return Err("no line announces anything"),
        OperatorCommand::CloseReport { report, reason } => {
            let reason = reason.as_deref().unwrap_or_default();
            line(["/closereport", &report.0.to_string(), reason]).trim_end().to_owned()
        }
        OperatorCommand::SetRole { channel, nickname, change: StatusChange::Become(role) } => {
            line(["/serverrole", channel, nickname, role.name()])
        }
        _ => return Err("a command that is newer than the tests"),
    })
}

fn history_line(place: &str, range: HistoryRange, limit: usize) -> Result<String, Unsupported> {
    let range = match range {
        HistoryRange::Latest => String::new(),
        HistoryRange::Before(id) => format!(" before {}", id.0),
        HistoryRange::After(id) => format!(" after {}", id.0),
        HistoryRange::At(at) => format!(" at {}", rfc3339(at)),
        HistoryRange::Around(_) => return Err("no line asks for the messages around another"),
        _ => unreachable!("a variant that this test does not know"),
    };
    let count = if limit == usize::MAX { String::new() } else { format!(" {limit}") };
    Ok(format!("/history {place}{count}{range}"))
}

fn search_line(search: &SearchQuery) -> Result<String, Unsupported> {
    let SearchQuery { text, channel, from, after, before, older_than, limit } = search;
    if *limit != usize::MAX {
        return Err("no line has a limit of messages");
    }
    let filters = [
        channel.as_ref().map(|channel| format!("in:{channel}")),
        from.as_ref().map(|from| format!("from:{from}")),
        after.map(|after| format!("after:{}", rfc3339(after))),
        before.map(|before| format!("before:{}", rfc3339(before))),
        older_than.map(|bound| format!("below:{}", bound.0)),
    ];
    let words = filters.iter().flatten().map(String::as_str);
    let words: Vec<&str> = ["/search", text].into_iter().chain(words).collect();
    Ok(words.join(" "))
}

fn mode(change: &ModeChange) -> String {
    let switch = |name: &str, on: bool| format!("{}{name}", if on { '+' } else { '-' });
    match change {
        ModeChange::Secret(on) => switch("secret", *on),
        ModeChange::InviteOnly(on) => switch("invite_only", *on),
        ModeChange::Moderated(on) => switch("moderated", *on),
        ModeChange::MembersOnly(on) => switch("members_only", *on),
        ModeChange::OperatorTopic(on) => switch("operator_topic", *on),
        ModeChange::NoCtcp(on) => switch("no_ctcp", *on),
        ModeChange::Key(Some(key)) => format!("key={key}"),
        ModeChange::Key(None) => "-key".to_owned(),
        ModeChange::MemberLimit(Some(limit)) => format!("limit={limit}"),
        ModeChange::MemberLimit(None) => "-limit".to_owned(),
        ModeChange::Keep(Some(keep)) => format!("keep={}s", keep.as_secs()),
        ModeChange::Keep(None) => "-keep".to_owned(),
        _ => unreachable!("a variant that this test does not know"),
    }
}

fn line<const N: usize>(words: [&str; N]) -> String {
    words.join(" ")
}
