//! Encodes the commands of a script as frames of each dialect.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "variants are matched together with their fields, which the lint takes for omitted"
)]

use crate::ban_target::{target_word, with_target};
use crate::mask_requests;
use crate::profile_requests::{profile, set_data};
use crate::query_requests::{history, look_up, rfc3339, with};
use chat_runtime::chat_core::{
    AccountCommand, Command, Credential, HistoryRange, JoinTarget, List, MessageAction,
    MessageCommand, MessageKind, ModeChange, OperatorCommand, PasswordLogin, Profile, Query,
    Recipient, ReportTarget, ResumePoint, Role, SearchQuery, Status, StatusChange, UserCommand,
    UserModeChange,
};
use serde_json::{Map, Value, json};

/// The reason why a dialect does not support a command.
pub type Unsupported = &'static str;

/// Returns a command as a request of JSON version 2.
///
/// # Errors
///
/// If there is no request for it.
pub fn json_2(command: &Command) -> Result<Value, Unsupported> {
    Ok(match command {
        Command::Identify { nickname, lobby, credential, reconnect_key, profile, resume } => {
            let mut hello = json!({ "type": "hello", "version": 2 });
            match (nickname, credential) {
                (Some(nickname), _) => hello["nickname"] = json!(nickname),
                (None, None) => hello["guest"] = json!(true),
                (None, Some(_)) => {}
            }
            match credential {
                None => {}
                Some(Credential::Token(token)) => hello["token"] = json!(token.expose()),
                Some(Credential::Session(token)) => hello["session"] = json!(token.expose()),
                Some(Credential::Password(login)) => add_login(&mut hello, login),
                Some(_) => return Err("a credential that is newer than the tests"),
            }
            if let Some(key) = reconnect_key {
                hello["reconnect_key"] = json!(key.expose());
            }
            if let Some(ResumePoint { epoch, id }) = resume {
                let epoch = epoch.as_millis().to_string();
                hello["resume"] = json!({ "epoch": epoch, "id": id.0 });
            }
            if !lobby {
                hello["lobby"] = json!(false);
            }
            if let Some(Profile { username, real_name, bot }) = profile.as_deref() {
                if username.is_some() {
                    return Err("no request has a user name");
                }
                hello = with(hello, "real_name", real_name);
                hello["bot"] = json!(bot);
            }
            hello
        }
        Command::User(command) => user(command)?,
        Command::Rename { nickname } => json!({ "type": "rename", "nickname": nickname }),
        Command::SetProfile { changes } => profile(changes)?,
        Command::SetData { channel, changes } => set_data(channel.as_ref(), changes),
        Command::Join { channel, key } => {
            with(json!({ "type": "join", "channel": channel }), "key", key)
        }
        Command::JoinMany { channels } => {
            let target = |JoinTarget { channel, key }: &JoinTarget| match key {
                Some(key) => json!({ "channel": channel, "key": key }),
                None => json!(channel),
            };
            let channels: Vec<Value> = channels.iter().map(target).collect();
            json!({ "type": "join", "channels": channels })
        }
        Command::Leave { channel, reason } => {
            with(json!({ "type": "leave", "channel": channel }), "reason", reason)
        }
        Command::Say { to, kind, text, nonce, data } => {
            let mut chat = json!({ "type": "chat", "text": text });
            match to {
                Recipient::Channel(channel) => chat["channel"] = json!(channel),
                Recipient::Members { channel, least } => {
                    chat["channel"] = json!(channel);
                    chat["role"] = json!(least.name());
                }
                Recipient::User(nickname) => chat["to"] = json!(nickname),
                _ => unreachable!("a variant that this test does not know"),
            }
            if let Some(nonce) = nonce {
                chat["nonce"] = json!(nonce);
            }
            if !data.is_empty() {
                chat["data"] =
                    data.iter().map(|(key, text)| (key.to_owned(), json!(text))).collect();
            }
            if *kind != MessageKind::Message {
                chat["kind"] = json!(kind.name());
            }
            chat
        }
        Command::ShowTopic { channel } => json!({ "type": "topic", "channel": channel }),
        Command::SetTopic { channel, topic: Some(topic) } => {
            json!({ "type": "topic", "channel": channel, "topic": topic })
        }
        Command::SetTopic { channel, topic: None } => {
            json!({ "type": "topic", "channel": channel, "topic": null })
        }
        Command::ShowModes { channel } => json!({ "type": "modes", "channel": channel }),
        Command::SetModes { channel, changes } => modes(channel, changes)?,
        Command::SetRole { channel, nickname, change } => {
            let (field, role) = match change {
                StatusChange::Become(role) => ("role", *role),
                StatusChange::Grant(status) => ("grant", Role::from(*status)),
                StatusChange::Revoke(status) => ("revoke", Role::from(*status)),
                _ => unreachable!("a variant that this test does not know"),
            };
            json!({ "type": "role", "channel": channel, "nickname": nickname, field: role.name() })
        }
        Command::Kick { channel, nickname, reason } => member("kick", channel, nickname, reason),
        Command::Ban { channel, nickname, reason } => member("ban", channel, nickname, reason),
        Command::Mute { channel, nickname, reason } => member("mute", channel, nickname, reason),
        Command::Unban { channel, nickname } => member("unban", channel, nickname, &None),
        Command::Unmute { channel, nickname } => member("unmute", channel, nickname, &None),
        Command::Exempt { channel, nickname } => member("exempt", channel, nickname, &None),
        Command::Unexempt { channel, nickname } => member("unexempt", channel, nickname, &None),
        Command::Invite { channel, nickname } => member("invite", channel, nickname, &None),
        Command::SetMask { channel, list, mask, listed, reason } => {
            mask_requests::json(channel, (*list, mask, *listed), reason)
        }
        Command::ListUsers { channel } => with(json!({ "type": "users" }), "channel", channel),
        Command::ListChannels => json!({ "type": "channels" }),
        Command::ReadHistory { channel, range, limit } => {
            history("channel", channel, *range, *limit)
        }
        Command::Signal { to, data } => match to {
            Recipient::Channel(channel) => {
                json!({ "type": "signal", "channel": channel, "data": data })
            }
            Recipient::Members { channel, least } => {
                let role = least.name();
                json!({ "type": "signal", "channel": channel, "role": role, "data": data })
            }
            Recipient::User(nickname) => {
                json!({ "type": "signal", "to": nickname, "data": data })
            }
            _ => unreachable!("a variant that this test does not know"),
        },
        Command::MarkRead { of, id } => match of {
            Recipient::Channel(channel) => {
                json!({ "type": "read", "channel": channel, "id": id.0 })
            }
            Recipient::Members { .. } => return Err("no request marks messages to some members"),
            Recipient::User(nickname) => json!({ "type": "read", "to": nickname, "id": id.0 }),
            _ => unreachable!("a variant that this test does not know"),
        },
        Command::Query(Query::Playback { .. }) => return Err("no request reads events"),
        Command::Query(query) => look_up(query),
        Command::Account(command) => account(command)?,
        Command::Operator(command) => operator(command)?,
        Command::Message(command) => message(command)?,
        Command::Report { about, reason } => {
            let request = match about {
                ReportTarget::Message(id) => json!({ "type": "report", "id": id.0 }),
                ReportTarget::User(nickname) => json!({ "type": "report", "nickname": nickname }),
                _ => return Err("a target that is newer than the tests"),
            };
            with(request, "reason", reason)
        }
        Command::SetAway { message } => with(json!({ "type": "away" }), "message", message),
        Command::Quit { reason } => with(json!({ "type": "quit" }), "reason", reason),
        _ => unreachable!("a variant that this test does not know"),
    })
}

fn message(command: &MessageCommand) -> Result<Value, Unsupported> {
    let MessageCommand { id, channel, action } = command;
    let request = match action {
        MessageAction::Delete { reason } => {
            with(json!({ "type": "delete", "id": id.0 }), "reason", reason)
        }
        MessageAction::Edit { text } => json!({ "type": "edit", "id": id.0, "text": text }),
        _ => return Err("an action that is newer than the tests"),
    };
    Ok(with(request, "channel", channel))
}

fn add_login(request: &mut Value, login: &PasswordLogin) {
    let PasswordLogin { account, password, device } = login;
    request["account"] = json!(account);
    request["password"] = json!(password.expose());
    if let Some(device) = device {
        request["device"] = json!(device);
    }
}

fn account(command: &AccountCommand) -> Result<Value, Unsupported> {
    Ok(match command {
        AccountCommand::Register { login, code } => {
            let mut request = json!({ "type": "register" });
            add_login(&mut request, login);
            with(request, "code", &code.as_ref().map(|code| code.expose().to_owned()))
        }
        AccountCommand::LogIn(login) => {
            let mut request = json!({ "type": "login" });
            add_login(&mut request, login);
            request
        }
        AccountCommand::LogOut => json!({ "type": "logout" }),
        AccountCommand::ChangePassword { old, new } => {
            json!({ "type": "password", "old": old.expose(), "new": new.expose() })
        }
        AccountCommand::Delete { password } => {
            json!({ "type": "delete_account", "password": password.expose() })
        }
        AccountCommand::ListSessions => json!({ "type": "sessions" }),
        AccountCommand::Revoke { id } => json!({ "type": "revoke", "id": id.to_string() }),
        _ => return Err("a command that is newer than the tests"),
    })
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

fn user(command: &UserCommand) -> Result<Value, Unsupported> {
    Ok(match command {
        UserCommand::BecomeOperator { name, password } => {
            json!({ "type": "become_operator", "name": name, "password": password.expose() })
        }
        UserCommand::Watch { nicknames } => json!({ "type": "watch", "nicknames": nicknames }),
        UserCommand::Unwatch { nicknames } => {
            json!({ "type": "unwatch", "nicknames": nicknames })
        }
        UserCommand::SetModes { changes } => {
            let mut request = json!({ "type": "user_modes" });
            for change in changes {
                match change {
                    UserModeChange::Invisible(on) => request["invisible"] = json!(on),
                    UserModeChange::Announcements(on) => request["announcements"] = json!(on),
                    UserModeChange::NoOperator => request["operator"] = json!(false),
                    _ => return Err("a change that is newer than the tests"),
                }
            }
            request
        }
        _ => return Err("a command that is newer than the tests"),
    })
}

fn operator(command: &OperatorCommand) -> Result<Value, Unsupported> {
    Ok(match command {
        OperatorCommand::BanServer { target, duration, reason } => {
            let mut request = with(with_target("server_ban", target)?, "reason", reason);
            if let Some(duration) = duration {
                request["seconds"] = json!(duration.as_secs());
            }
            request
        }
        OperatorCommand::UnbanServer { target } => with_target("server_unban", target)?,
        OperatorCommand::Disconnect { nickname, reason } => {
            with(json!({ "type": "disconnect", "nickname": nickname }), "reason", reason)
        }
        OperatorCommand::RemoveAccount { account } => {
            json!({ "type": "remove_account", "account": account.as_str() })
        }
        OperatorCommand::CloseChannel { channel, reason } => {
            with(json!({ "type": "close_channel", "channel": channel }), "reason", reason)
        }
        OperatorCommand::Announce { text } => json!({ "type": "announce", "text": text }),
        OperatorCommand::CloseReport { report, reason } => {
            with(json!({ "type": "close_report", "report": report.0 }), "reason", reason)
        }
        OperatorCommand::SetRole { channel, nickname, change: StatusChange::Become(role) } => {
            let role = role.name();
            json!({
                "type": "server_role", "channel": channel, "nickname": nickname, "role": role
            })
        }
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

/// Returns a command as a request of JSON version 1, which can only take a nickname and send
/// messages to the lobby.
///
/// # Errors
///
/// If there is no request for it.
pub fn json_1(command: &Command) -> Result<Value, Unsupported> {
    if let Command::Identify {
        nickname,
        lobby: true,
        credential: None,
        reconnect_key: None,
        profile: None,
        resume: None,
    } = command
        && let Some(nickname) = nickname
    {
        return Ok(json!({ "type": "hello", "nickname": nickname }));
    }
    if let Command::Say { to: Recipient::Channel(channel), kind, text, nonce: None, data } = command
        && (channel.as_str(), *kind, data.is_empty()) == ("#lobby", MessageKind::Message, true)
    {
        return Ok(json!({ "type": "chat", "text": text }));
    }
    Err("version 1 has no request for it")
}

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

fn member(kind: &str, channel: &str, nickname: &str, reason: &Option<String>) -> Value {
    let object = json!({ "type": kind, "channel": channel, "nickname": nickname });
    with(object, "reason", reason)
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

fn modes(channel: &str, changes: &[ModeChange]) -> Result<Value, Unsupported> {
    let mut fields = Map::from_iter([
        ("type".to_owned(), json!("modes")),
        ("channel".to_owned(), json!(channel)),
    ]);
    for change in changes {
        let (name, value) = match change {
            ModeChange::Secret(on) => ("secret", json!(on)),
            ModeChange::InviteOnly(on) => ("invite_only", json!(on)),
            ModeChange::Moderated(on) => ("moderated", json!(on)),
            ModeChange::MembersOnly(on) => ("members_only", json!(on)),
            ModeChange::OperatorTopic(on) => ("operator_topic", json!(on)),
            ModeChange::NoCtcp(on) => ("no_ctcp", json!(on)),
            ModeChange::Key(key) => ("key", json!(key)),
            ModeChange::MemberLimit(limit) => ("limit", json!(limit)),
            ModeChange::Keep(keep) => ("keep_seconds", json!(keep.map(|keep| keep.as_secs()))),
            _ => unreachable!("a variant that this test does not know"),
        };
        if fields.insert(name.to_owned(), value).is_some() {
            return Err("an object cannot have a field twice");
        }
    }
    Ok(Value::Object(fields))
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
