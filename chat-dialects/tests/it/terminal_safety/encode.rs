//! Actions as commands of the engine and as frames of each dialect.

use super::actions::{Action, Kind};
use chat_core::{Command, HistoryRange, JoinTarget, MessageKind, Recipient};
use serde_json::{Value, json};

/// The dialect of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientDialect {
    Text,
    TxtChat,
    Json1,
    Json2,
}

/// Returns the engine's command for an action; `None` if there is none.
pub(super) fn command(kind: Kind, action: &Action, nickname: &str) -> Option<Command> {
    let Action { words, name, around, .. } = action;
    let channel = format!("{around}#room{around}");
    let nickname = format!("{around}{nickname}{around}");
    let (text, reason) = (words.clone(), Some(words.clone()));
    let here = Recipient::Channel(channel.clone());
    Some(match kind {
        Kind::Say => Command::Say {
            to: here,
            kind: MessageKind::Message,
            text,
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Kind::Act => Command::Say {
            to: here,
            kind: MessageKind::Action,
            text,
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Kind::Notice => Command::Say {
            to: here,
            kind: MessageKind::Notice,
            text,
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Kind::Private => Command::Say {
            to: Recipient::User(nickname),
            kind: MessageKind::Message,
            text,
            nonce: None,
            data: Default::default(),
            reply_to: None,
        },
        Kind::Topic => Command::SetTopic { channel, topic: reason },
        Kind::Rename => Command::Rename { nickname: name.clone() },
        Kind::Join => Command::Join { channel: name.clone(), key: reason },
        Kind::JoinMany => {
            let named = JoinTarget { channel: name.clone(), key: reason };
            let worded = JoinTarget { channel: words.clone(), key: None };
            Command::JoinMany { channels: vec![named, worded] }
        }
        Kind::Leave => Command::Leave { channel, reason },
        Kind::Quit => Command::Quit { reason },
        Kind::Kick => Command::Kick { channel, nickname, reason },
        Kind::Ban => Command::Ban { channel, nickname, reason },
        Kind::Mute => Command::Mute { channel, nickname, reason },
        Kind::Unmute => Command::Unmute { channel, nickname },
        Kind::Away => Command::SetAway { message: reason },
        Kind::Invite => Command::Invite { channel: name.clone(), nickname },
        Kind::Modes => Command::ShowModes { channel },
        Kind::Look => Command::ReadHistory { channel, range: HistoryRange::Latest, limit: 9 },
        Kind::Nonsense => return None,
    })
}

/// Returns the frames for an action in a dialect; `None` if the dialect has none.
pub(super) fn frames(
    dialect: ClientDialect,
    kind: Kind,
    action: &Action,
    nickname: &str,
) -> Option<Vec<String>> {
    match dialect {
        ClientDialect::Text => text_frames(kind, action, nickname),
        ClientDialect::TxtChat => txtchat_frames(kind, action),
        ClientDialect::Json1 | ClientDialect::Json2 if kind == Kind::Nonsense => {
            Some(json_nonsense(&action.words))
        }
        ClientDialect::Json1 if kind == Kind::Say => {
            Some(vec![json!({ "type": "chat", "text": action.words }).to_string()])
        }
        ClientDialect::Json1 => None,
        ClientDialect::Json2 => {
            json_frame(kind, action, nickname).map(|frame| vec![frame.to_string()])
        }
    }
}

pub(super) fn text_frames(kind: Kind, action: &Action, nickname: &str) -> Option<Vec<String>> {
    let Action { words, name, .. } = action;
    let frame = match kind {
        Kind::Say => format!("I say {words}"),
        Kind::Act => format!("/me {words}"),
        Kind::Private => format!("/msg {nickname} {words}"),
        Kind::Topic => format!("/topic {words}"),
        Kind::Rename => format!("/name {name}"),
        Kind::Join => format!("/join {name} {words}"),
        Kind::Leave => "/leave room".to_owned(),
        Kind::Quit => format!("/quit {words}"),
        Kind::Kick => format!("/kick {nickname} {words}"),
        Kind::Ban => format!("/ban {nickname}"),
        Kind::Mute => format!("/mute {nickname}"),
        Kind::Unmute => format!("/unmute {nickname}"),
        Kind::Away => format!("/away {words}"),
        Kind::Invite => format!("/invite {nickname} {name}"),
        Kind::Modes => "/modes".to_owned(),
        Kind::Look => "/history".to_owned(),
        Kind::Notice | Kind::JoinMany => return None,
        Kind::Nonsense => {
            let verbs = ["", "join ", "history ", "users ", "switch ", "modes ", "op "];
            return Some(verbs.iter().map(|verb| format!("/{verb}{words}")).collect());
        }
    };
    Some(vec![frame])
}

pub(super) fn txtchat_frames(kind: Kind, action: &Action) -> Option<Vec<String>> {
    let Action { words, .. } = action;
    let id = "10.0.0.3:1";
    match kind {
        Kind::Say => Some(vec![format!("send_msg${id}$room${words}")]),
        Kind::Join => Some(vec![format!("create_chan${id}${words}")]),
        Kind::Leave => Some(vec![format!("leave${id}$room")]),
        Kind::Nonsense => Some(vec![
            words.clone(),
            format!("{words}$"),
            format!("join${words}$room"),
            format!("join${id}${words}"),
        ]),
        Kind::Act
        | Kind::JoinMany
        | Kind::Notice
        | Kind::Private
        | Kind::Topic
        | Kind::Rename
        | Kind::Quit
        | Kind::Kick
        | Kind::Ban
        | Kind::Mute
        | Kind::Unmute
        | Kind::Away
        | Kind::Invite
        | Kind::Modes
        | Kind::Look => None,
    }
}

pub(super) fn json_frame(kind: Kind, action: &Action, nickname: &str) -> Option<Value> {
    let Action { words, name, around, .. } = action;
    let nickname = format!("{around}{nickname}{around}");
    let chat = |kind| json!({ "type": "chat", "channel": "room", "kind": kind, "text": words });
    let member =
        |kind| json!({ "type": kind, "channel": "room", "nickname": nickname, "reason": words });
    Some(match kind {
        Kind::Say => chat("message"),
        Kind::Act => chat("action"),
        Kind::Notice => chat("notice"),
        Kind::Private => json!({ "type": "chat", "to": nickname, "text": words }),
        Kind::Topic => json!({ "type": "topic", "channel": "room", "topic": words }),
        Kind::Rename => json!({ "type": "rename", "nickname": name }),
        Kind::Join => json!({ "type": "join", "channel": name, "key": words }),
        Kind::JoinMany => {
            let channels = json!([{ "channel": name, "key": words }, words]);
            json!({ "type": "join", "channels": channels })
        }
        Kind::Leave => json!({ "type": "leave", "channel": "room", "reason": words }),
        Kind::Quit => json!({ "type": "quit", "reason": words }),
        Kind::Kick => member("kick"),
        Kind::Ban => member("ban"),
        Kind::Mute => member("mute"),
        Kind::Unmute => member("unmute"),
        Kind::Away => json!({ "type": "away", "message": words }),
        Kind::Invite => json!({ "type": "invite", "channel": name, "nickname": nickname }),
        Kind::Modes => json!({ "type": "modes", "channel": "room" }),
        Kind::Look => json!({ "type": "history", "channel": "room" }),
        Kind::Nonsense => return None,
    })
}

/// Returns invalid objects whose errors may quote the text, and the text itself.
pub(super) fn json_nonsense(words: &str) -> Vec<String> {
    let objects = [
        json!({ "type": words }),
        json!({ "type": "users", "channel": words }),
        json!({ "type": "history", "channel": "lobby", "limit": words }),
        json!({ "type": "chat", "text": "hi", "kind": words }),
        json!({ "type": "role", "channel": "room", "nickname": words, "role": words }),
        json!({ "type": "ping", "ref": [words] }),
    ];
    objects.iter().map(Value::to_string).chain([words.to_owned()]).collect()
}
