//! Encodes the commands of a script as frames of each dialect.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "variants are matched together with their fields, which the lint takes for omitted"
)]

use crate::ban_target::with_target;
use crate::mask_requests;
use crate::profile_requests::{profile, set_data};
use crate::query_requests::{history, look_up, with};
use chat_runtime::chat_core::{
    AccountCommand, Command, Credential, JoinTarget, MessageAction, MessageCommand, MessageKind,
    ModeChange, OperatorCommand, PasswordLogin, Profile, Query, Recipient, ReportTarget,
    ResumePoint, Role, StatusChange, UserCommand, UserModeChange,
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
        Command::Say { to, kind, text, nonce, data, reply_to } => {
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
            if let Some(id) = reply_to {
                chat["reply_to"] = json!(id.0);
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
        MessageAction::React { emoji, remove } => {
            let mut react = json!({ "type": "react", "id": id.0, "emoji": emoji });
            if *remove {
                react["remove"] = json!(true);
            }
            react
        }
        MessageAction::Pin { pinned } => {
            json!({ "type": if *pinned { "pin" } else { "unpin" }, "id": id.0 })
        }
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
    if let Command::Say {
        to: Recipient::Channel(channel),
        kind,
        text,
        nonce: None,
        data,
        reply_to: None,
    } = command
        && (channel.as_str(), *kind, data.is_empty()) == ("#lobby", MessageKind::Message, true)
    {
        return Ok(json!({ "type": "chat", "text": text }));
    }
    Err("version 1 has no request for it")
}

fn member(kind: &str, channel: &str, nickname: &str, reason: &Option<String>) -> Value {
    let object = json!({ "type": kind, "channel": channel, "nickname": nickname });
    with(object, "reason", reason)
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
