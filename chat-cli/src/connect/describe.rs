//! What has happened, in words: one line each. Scripts read these lines, so they stay as they are.
//!
//! Nobody can make a line look like another kind by the name that they take: what was said begins
//! with `[`, what somebody did with `* `, and what the client says itself with a word of its own. A
//! name has no spaces in it, and where other words than a name may follow it, they are the last
//! thing on the line, or quoted.

use super::event::{Event, Kind, Message, User};
use super::request::{Member, Request, RoleChange, To};
use chat_core::Text;

/// What those who did not ask see of an event. Messages have a line of [their own](message).
pub(super) fn told(event: &Event) -> Option<String> {
    Some(match event {
        Event::UserJoined { channel, nickname } => format!("* {nickname} joined {channel}"),
        Event::UserLeft { channel, nickname, reason } => {
            format!("* {nickname} left {channel}{}", because(reason.as_ref()))
        }
        Event::Renamed { from, to } => format!("* {from} is now known as {to}"),
        Event::Topic { channel, topic, by: Some(by) } => {
            topic_changed(channel, topic.as_ref().map_or("", Text::as_str), by)
        }
        Event::Modes { channel, modes, by } => {
            let by = by.as_ref().map(|by| format!(" (set by {by})")).unwrap_or_default();
            format!("modes of {channel}: {}{by}", modes.words())
        }
        Event::Role { channel, nickname, role, by } => {
            format!("* {by} made {nickname} {} in {channel}", role.name())
        }
        Event::Kicked { channel, nickname, by, reason, banned } => {
            let done = if *banned { "banned" } else { "kicked" };
            format!("* {nickname} was {done} from {channel} by {by}{}", because(reason.as_ref()))
        }
        Event::Muted { channel, nickname, by, reason } => {
            format!("* {nickname} was muted in {channel} by {by}{}", because(reason.as_ref()))
        }
        Event::Unmuted { channel, nickname, by } => {
            format!("* {nickname} was unmuted in {channel} by {by}")
        }
        Event::Invited { channel, by } => format!("* {by} invites you to {channel}"),
        Event::Away { nickname, message } => away(nickname.as_str(), message.as_ref()),
        Event::Lagged { missed } => format!("missed {missed} messages"),
        Event::ShuttingDown => "the server is shutting down".into(),
        Event::Error { message, .. } => format!("error: {message}"),
        Event::Topic { .. }
        | Event::Chat(_)
        | Event::Welcome { .. }
        | Event::Roster { .. }
        | Event::Done
        | Event::Ack { .. }
        | Event::Ping
        | Event::Pong
        | Event::Goodbye
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Unknown => return None,
    })
}

/// What the one who asked, `me`, sees of the answer. Rosters and history are left to the caller.
pub(super) fn answered(request: &Request, event: &Event, me: &str) -> Vec<String> {
    match event {
        Event::Done => done(request, me).into_iter().collect(),
        Event::Ack { away: Some(text) } => {
            let Request::Chat { to: To::User(user), .. } = request else { return Vec::new() };
            vec![away(user, Some(text))]
        }
        Event::Users { channel, count, users } => {
            vec![users_listed(channel.as_ref(), *count, users)]
        }
        Event::Channels { count, channels } => {
            let mut lines: Vec<String> = channels
                .iter()
                .map(|channel| {
                    let topic = channel.topic.as_ref().map(|topic| format!(": {topic}"));
                    let topic = topic.unwrap_or_default();
                    format!("channel {} ({}){topic}", channel.name, channel.members)
                })
                .collect();
            if *count > channels.len() {
                lines.push(format!("and {} more channels", count - channels.len()));
            }
            lines
        }
        Event::Topic { channel, topic, .. } => vec![topic_shown(channel, topic.as_ref())],
        Event::Welcome { .. }
        | Event::Roster { .. }
        | Event::Ack { away: None }
        | Event::Ping
        | Event::Pong
        | Event::Goodbye
        | Event::Modes { .. }
        | Event::History { .. }
        | Event::Error { .. }
        | Event::Chat(_)
        | Event::UserJoined { .. }
        | Event::UserLeft { .. }
        | Event::Renamed { .. }
        | Event::Role { .. }
        | Event::Kicked { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::Invited { .. }
        | Event::Away { .. }
        | Event::Lagged { .. }
        | Event::ShuttingDown
        | Event::Unknown => told(event).into_iter().collect(),
    }
}

/// What was said, and where.
pub(super) fn message(message: &Message, me: &str) -> String {
    let Message { nickname, channel, to, .. } = message;
    match (channel, to) {
        (Some(channel), _) => {
            let words = match message.kind {
                Kind::Message => format!("{nickname}: {}", message.text),
                Kind::Action => format!("* {nickname} {}", message.text),
                Kind::Notice => format!("-{nickname}- {}", message.text),
            };
            format!("[{channel}] {words}")
        }
        (None, to) => {
            let words = match message.kind {
                Kind::Message | Kind::Notice => message.text.to_string(),
                Kind::Action => format!("* {nickname} {}", message.text),
            };
            let to = to.as_ref().map_or(me, Text::as_str);
            format!("[{nickname} -> {to}]: {words}")
        }
    }
}

/// A channel's topic, for one who asked or came in.
pub(super) fn topic_shown(channel: &Text, topic: Option<&Text>) -> String {
    match topic {
        Some(topic) => format!("topic of {channel}: {topic}"),
        None => format!("no topic in {channel}"),
    }
}

/// Names, and how many more there are.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>, count: usize) -> String {
    let names: Vec<&str> = names.collect();
    match count.saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn users_listed(channel: Option<&Text>, count: usize, users: &[User]) -> String {
    let names: Vec<String> = users
        .iter()
        .map(|user| match &user.away {
            Some(text) => format!("{} (away: {:?})", user.nickname, text.as_str()),
            None => user.nickname.to_string(),
        })
        .collect();
    let names = listed(names.iter().map(String::as_str), count);
    match channel {
        Some(channel) => format!("members of {channel}: {names}"),
        None => format!("online: {names}"),
    }
}

fn done(request: &Request, me: &str) -> Option<String> {
    Some(match request {
        Request::Leave { channel } => format!("you left {}", bare(channel)),
        Request::Rename { nickname } => format!("* {me} is now known as {nickname}"),
        Request::Topic { channel, topic: Some(topic) } => topic_changed(
            &Text::clean(bare(channel)),
            Text::clean(topic).as_str(),
            &Text::clean(me),
        ),
        Request::Role { channel, nickname, change } => {
            let channel = bare(channel);
            match change {
                RoleChange::Grant(role) | RoleChange::Role(role) => {
                    format!("* {me} made {nickname} {role} in {channel}")
                }
                RoleChange::Revoke(role) => {
                    format!("* {nickname} is no longer {role} in {channel}")
                }
            }
        }
        Request::Kick(member) => deed("kicked from", member, me),
        Request::Ban(member) => deed("banned from", member, me),
        Request::Unban(member) => deed("unbanned from", member, me),
        Request::Mute(member) => deed("muted in", member, me),
        Request::Unmute(member) => deed("unmuted in", member, me),
        Request::Invite(member) => deed("invited to", member, me),
        Request::Modes { channel, .. } => format!("you set the modes of {}", bare(channel)),
        Request::Away { message } => {
            away(me, message.as_ref().map(|message| Text::clean(message)).as_ref())
        }
        Request::Topic { topic: None, .. }
        | Request::Hello { .. }
        | Request::Join { .. }
        | Request::Chat { .. }
        | Request::Users { .. }
        | Request::Channels
        | Request::History { .. }
        | Request::Ping
        | Request::Quit { .. } => return None,
    })
}

fn deed(what: &str, member: &Member, me: &str) -> String {
    let reason = member.reason.as_ref().map(|reason| Text::clean(reason));
    let because = because(reason.as_ref());
    format!("* {} was {what} {} by {me}{because}", member.nickname, bare(&member.channel))
}

fn topic_changed(channel: &Text, topic: &str, by: &Text) -> String {
    if topic.is_empty() {
        return format!("* {by} removed the topic of {channel}");
    }
    format!("* {by} set the topic of {channel}: {topic}")
}

fn away(nickname: &str, message: Option<&Text>) -> String {
    match message {
        Some(text) => format!("* {nickname} is away: {text}"),
        None => format!("* {nickname} is back"),
    }
}

fn because(reason: Option<&Text>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// A channel as the server writes it, for one as it was typed.
fn bare(channel: &str) -> &str {
    channel.strip_prefix('#').unwrap_or(channel)
}
