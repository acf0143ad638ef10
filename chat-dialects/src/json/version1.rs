//! The frames of version 1, which has one room and six types. No types are added to it.

use crate::Frames;
use chat_core::{ChannelName, Event, Message, MessageKind, Nickname, Roster, Target};
use serde::Serialize;

/// An object that a client of version 1 is sent.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Welcome { nickname: &'a str },
    Roster { participants: Vec<&'a str> },
    UserJoined { nickname: &'a str },
    UserLeft { nickname: &'a str },
    Chat { nickname: &'a str, text: &'a str },
    Error { message: &'a str },
}

/// Writes an event about others.
pub(super) fn write_event(event: &Event, out: &mut Frames) {
    match event {
        Event::Joined { channel, user, .. } if channel.is_lobby() => joined(&user.nickname, out),
        Event::Left { channel, user, .. } | Event::Kicked { channel, user, .. }
            if channel.is_lobby() =>
        {
            left(&user.nickname, out);
        }
        Event::Quit { user, channels, .. } if channels.iter().any(ChannelName::is_lobby) => {
            left(&user.nickname, out);
        }
        Event::Renamed { from, to } => {
            left(&from.nickname, out);
            joined(&to.nickname, out);
        }
        Event::Said(message) => chat(message, out),
        Event::Joined { .. }
        | Event::Left { .. }
        | Event::Kicked { .. }
        | Event::Quit { .. }
        | Event::Welcomed { .. }
        | Event::Entered(_)
        | Event::EnteredMany { .. }
        | Event::Goodbye { .. }
        | Event::Sent { .. }
        | Event::TopicShown { .. }
        | Event::TopicChanged { .. }
        | Event::ModesShown { .. }
        | Event::ModesChanged { .. }
        | Event::RoleChanged { .. }
        | Event::UserInfoChanged { .. }
        | Event::Banned { .. }
        | Event::Unbanned { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::Exempted { .. }
        | Event::Unexempted { .. }
        | Event::MaskChanged(_)
        | Event::Invited { .. }
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Playback(_)
        | Event::PrivateHistory { .. }
        | Event::Missed { .. }
        | Event::ReadMarked { .. }
        | Event::Signalled(_)
        | Event::MessageChanged(_)
        | Event::Found { .. }
        | Event::ListShown { .. }
        | Event::PinsShown { .. }
        | Event::Invitations { .. }
        | Event::Targets { .. }
        | Event::UserShown(_)
        | Event::WasHereShown { .. }
        | Event::UserModesChanged { .. }
        | Event::PresenceChanged { .. }
        | Event::WatchedShown { .. }
        | Event::Announced { .. }
        | Event::CountsShown(_)
        | Event::AwayChanged { .. }
        | Event::ChannelClosed { .. }
        | Event::ChannelDataChanged { .. }
        | Event::ChannelCreated { .. }
        | Event::ServerBanned(_)
        | Event::ServerUnbanned { .. }
        | Event::ServerBansShown { .. }
        | Event::AuditLogShown { .. }
        | Event::Reported(_)
        | Event::ReportClosed { .. }
        | Event::ReportsShown { .. }
        | Event::Disconnected { .. }
        | Event::LoggedIn(_)
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Sessions { .. }
        | Event::AccountRemoved { .. }
        | Event::Rejected(_) => {}
        _ => {}
    }
}

pub(super) fn welcome(own: &Nickname, lobby: Option<&Roster>, out: &mut Frames) {
    out.write_json(&Object::Welcome { nickname: own.shown() });
    let members = lobby.into_iter().flat_map(|roster| &roster.members);
    let others = members.map(|member| member.nickname()).filter(|nickname| *nickname != own);
    let participants: Vec<&str> = others.map(Nickname::shown).collect();
    if !participants.is_empty() {
        out.write_json(&Object::Roster { participants });
    }
}

pub(super) fn chat(message: &Message, out: &mut Frames) {
    let nickname = message.sender.name();
    // Clients of version 1 may write the text to a terminal or a log as it is. A message of several
    // lines remains one line for them.
    let words = message.text.single_line();
    let words = words.as_str();
    let text = match message.kind {
        MessageKind::Message | MessageKind::Notice => words.to_owned(),
        MessageKind::Action => format!("* {nickname} {words}"),
        _ => words.to_owned(),
    };
    match &message.target {
        Target::Channel(channel) if channel.is_lobby() => {
            out.write_json(&Object::Chat { nickname, text: &text });
        }
        Target::Channel(_) | Target::Members { .. } => {}
        // Version 1 has no type for private messages. They are sent as `chat` rather than dropped.
        Target::User(_) => {
            out.write_json(&Object::Chat { nickname, text: &format!("(private) {text}") });
        }
        _ => {}
    }
}

pub(super) fn error(message: &str, out: &mut Frames) {
    out.write_json(&Object::Error { message });
}

fn joined(nickname: &Nickname, out: &mut Frames) {
    out.write_json(&Object::UserJoined { nickname: nickname.shown() });
}

fn left(nickname: &Nickname, out: &mut Frames) {
    out.write_json(&Object::UserLeft { nickname: nickname.shown() });
}
