//! Describes events in words, one line each, and each line of a message on a line. Scripts read
//! these lines, so their format is stable.
//!
//! No nickname can make one kind of line look like another: a message begins with `[`, an action of
//! a user with `* `, and a line of the client itself with a fixed word. A name contains no spaces.
//! Free text that follows a name is at the end of the line, or quoted.

use super::event::{DeletedMessage, Event, Kind, LoggedIn, LoginEntry, Message, User};
use super::marks::TAB;
use super::names::bare_channel;
use super::request::{Member, Request, RoleChange, To};
use chat_server::engine::Text;

/// Returns the line for an event that answers no request. Messages are described by
/// [`message_lines`].
pub(super) fn event_line(event: &Event) -> Option<String> {
    Some(match event {
        Event::UserJoined { channel, nickname } => format!("* {nickname} joined {channel}"),
        Event::UserLeft { channel, nickname, reason } => {
            format!("* {nickname} left {channel}{}", reason_suffix(reason.as_ref()))
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
            format!(
                "* {nickname} was {done} from {channel} by {by}{}",
                reason_suffix(reason.as_ref())
            )
        }
        Event::ChannelClosed { channel, by, reason } => {
            format!("* {by} closed {channel}{}", reason_suffix(reason.as_ref()))
        }
        Event::Deleted(deleted) => message_deleted(deleted),
        Event::Edited(message) => message_edited(message),
        Event::Muted { channel, nickname, by, reason } => {
            format!("* {nickname} was muted in {channel} by {by}{}", reason_suffix(reason.as_ref()))
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
        | Event::Registered(_)
        | Event::LoggedIn(_)
        | Event::Sessions { .. }
        | Event::Roster { .. }
        | Event::Done
        | Event::Ack { .. }
        | Event::Ping
        | Event::Pong
        | Event::Goodbye
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Missed { .. }
        | Event::Read { .. }
        | Event::Found { .. }
        | Event::Unknown => return None,
    })
}

/// Describes an edit in one line.
fn message_edited(message: &Message) -> String {
    let Message { nickname, channel, text, .. } = message;
    let place = channel.as_ref().map(|channel| format!(" in {channel}")).unwrap_or_default();
    format!("* {nickname}{place} edited: {}", text.single_line())
}

fn message_deleted(deleted: &DeletedMessage) -> String {
    let DeletedMessage { id: _, nickname, channel, by, reason } = deleted;
    let place = channel.as_ref().map(|channel| format!(" in {channel}")).unwrap_or_default();
    let reason = reason_suffix(reason.as_ref());
    format!("* a message of {nickname}{place} was deleted by {by}{reason}")
}

/// Returns the lines for the answer to a request of `me`. The caller describes rosters and history.
pub(super) fn answer_lines(request: &Request, event: &Event, me: &str) -> Vec<String> {
    match event {
        Event::Done => done(request, me).into_iter().collect(),
        Event::Ack { away: Some(text), .. } => {
            let Request::Chat { to: To::User(user), .. } = request else { return Vec::new() };
            vec![away(user, Some(text))]
        }
        Event::Ack { offline: true, .. } => {
            let Request::Chat { to: To::User(user), .. } = request else { return Vec::new() };
            vec![format!("* {user} is offline, and can read this later")]
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
        Event::Found { messages, more, older_than } => {
            found_lines(messages, *more, *older_than, me)
        }
        Event::Topic { channel, topic, .. } => vec![topic_shown(channel, topic.as_ref())],
        Event::Registered(LoggedIn { account, .. }) => {
            vec![format!("account {account} is registered, and you are logged in to it")]
        }
        Event::LoggedIn(LoggedIn { account, .. }) => {
            vec![format!("you are logged in to {account}")]
        }
        Event::Sessions { sessions } => sessions.iter().map(login_line).collect(),
        Event::Welcome { .. }
        | Event::Roster { .. }
        | Event::Ack { away: None, .. }
        | Event::Ping
        | Event::Pong
        | Event::Goodbye
        | Event::Modes { .. }
        | Event::History { .. }
        | Event::Missed { .. }
        | Event::Read { .. }
        | Event::Error { .. }
        | Event::Chat(_)
        | Event::UserJoined { .. }
        | Event::UserLeft { .. }
        | Event::Renamed { .. }
        | Event::Role { .. }
        | Event::Kicked { .. }
        | Event::ChannelClosed { .. }
        | Event::Deleted(_)
        | Event::Edited(_)
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::Invited { .. }
        | Event::Away { .. }
        | Event::Lagged { .. }
        | Event::ShuttingDown
        | Event::Unknown => event_line(event).into_iter().collect(),
    }
}

/// Returns the lines for a message, with its channel or its users. Each line of the message has the
/// same beginning, so that none can look like another message or a line of the client. No user can
/// look like the server: a name contains neither `!` nor a space.
pub(super) fn message_lines(message: &Message, me: &str) -> Vec<String> {
    let Message { channel, to, .. } = message;
    let sign = if message.system { SYSTEM } else { "" };
    let nickname = format!("{sign}{}", message.nickname);
    let sender = format!("{sign}{}", message.shown_sender());
    let before = match (channel, to) {
        (Some(channel), _) => match message.kind {
            Kind::Message => format!("[{channel}] {sender}: "),
            Kind::Action => format!("[{channel}] * {sender} "),
            Kind::Notice => format!("[{channel}] -{sender}- "),
        },
        (None, to) => {
            let to = to.as_ref().map_or(me, Text::as_str);
            match message.kind {
                Kind::Message | Kind::Notice => format!("[{nickname} -> {to}]: "),
                Kind::Action => format!("[{nickname} -> {to}]: * {nickname} "),
            }
        }
    };
    message.text.lines().map(|line| format!("{before}{}", line.replace('\t', TAB))).collect()
}

/// Returns the lines for the messages of a search, each with its time, and for the next page.
fn found_lines(messages: &[Message], more: bool, older_than: Option<u64>, me: &str) -> Vec<String> {
    let dated = |said: &Message| {
        let lines = message_lines(said, me).into_iter();
        lines.map(|line| format!("{} {line}", said.at)).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = messages.iter().flat_map(dated).collect();
    match older_than.filter(|_| more) {
        Some(below) => lines.push(format!("there may be more: search again with below:{below}")),
        None if messages.is_empty() => lines.push("nothing was found".into()),
        None => {}
    }
    lines
}

/// The sign before the name of the server in its messages.
pub(super) const SYSTEM: &str = "! ";

/// Returns the line for the topic of a channel, after a request or a join.
pub(super) fn topic_shown(channel: &Text, topic: Option<&Text>) -> String {
    match topic {
        Some(topic) => format!("topic of {channel}: {topic}"),
        None => format!("no topic in {channel}"),
    }
}

/// Lists names, and the number of further ones.
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
        Request::Leave { channel } => format!("you left {}", bare_channel(channel)),
        Request::Rename { nickname } => format!("* {me} is now known as {nickname}"),
        Request::Topic { channel, topic: Some(topic) } => topic_changed(
            &Text::clean(&bare_channel(channel)),
            Text::clean(topic).as_str(),
            &Text::clean(me),
        ),
        Request::Role { channel, nickname, change } => {
            let channel = bare_channel(channel);
            match change {
                RoleChange::Grant(role) | RoleChange::Role(role) => {
                    format!("* {me} made {nickname} {role} in {channel}")
                }
                RoleChange::Revoke(role) => {
                    format!("* {nickname} is no longer {role} in {channel}")
                }
            }
        }
        Request::Kick(member) => member_action("kicked from", member, me),
        Request::Ban(member) => member_action("banned from", member, me),
        Request::Unban(member) => member_action("unbanned from", member, me),
        Request::Mute(member) => member_action("muted in", member, me),
        Request::Unmute(member) => member_action("unmuted in", member, me),
        Request::Invite(member) => member_action("invited to", member, me),
        Request::Modes { channel, .. } => format!("you set the modes of {}", bare_channel(channel)),
        Request::Away { message } => {
            away(me, message.as_ref().map(|message| Text::clean(message)).as_ref())
        }
        Request::Password { .. } => "your password is changed; all other logins have ended".into(),
        Request::Revoke { id } => format!("login {} has ended", Text::clean(id)),
        Request::Edit { .. } => "your message is edited".into(),
        Request::Delete { .. } => "your message is deleted".into(),
        Request::LogOut => "you are logged out".into(),
        Request::DeleteAccount { .. } => "your account is deleted".into(),
        Request::Topic { topic: None, .. }
        | Request::Register { .. }
        | Request::LogIn(_)
        | Request::Sessions
        | Request::Hello { .. }
        | Request::Join { .. }
        | Request::Chat { .. }
        | Request::Users { .. }
        | Request::Channels
        | Request::History { .. }
        | Request::Missed { .. }
        | Request::Read { .. }
        | Request::Search { .. }
        | Request::Ping
        | Request::Quit { .. } => return None,
    })
}

/// Describes a login. The description of the device, which a client chooses freely, is quoted.
fn login_line(login: &LoginEntry) -> String {
    let LoginEntry { id, device, since, used, online, current } = login;
    let device = device.as_ref().map_or("", Text::as_str);
    let state = match (current, online) {
        (true, _) => ", this one",
        (false, true) => ", online",
        (false, false) => "",
    };
    format!("login {id} from {since}, used {used}{state}: {device:?}")
}

fn member_action(action: &str, member: &Member, me: &str) -> String {
    let reason = member.reason.as_ref().map(|reason| Text::clean(reason));
    let suffix = reason_suffix(reason.as_ref());
    format!("* {} was {action} {} by {me}{suffix}", member.nickname, bare_channel(&member.channel))
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

fn reason_suffix(reason: Option<&Text>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::event::Incoming;
    use super::*;

    fn decode(frame: &str) -> Event {
        Incoming::decode(frame).unwrap_or_else(|error| panic!("{frame}: {error}")).event
    }

    #[test]
    fn messages_of_the_server_have_a_sign_that_no_name_has() {
        for (of, to, line) in [
            (r#""nickname":"server","system":true"#, "channel", "[tea] ! server: hi"),
            (r#""nickname":"server","system":true"#, "to", "[! server -> tea]: hi"),
            (r#""nickname":"server""#, "channel", "[tea] server: hi"),
        ] {
            let frame =
                format!(r#"{{"type":"chat","id":1,"at":"now",{of},"{to}":"tea","text":"hi"}}"#);
            let Event::Chat(message) = decode(&frame) else { panic!("{frame} is no message") };
            assert_eq!(message_lines(&message, "ann"), [line]);
        }
    }

    #[test]
    fn messages_that_were_found_have_their_times_and_places() {
        let found = decode(
            r#"{"type":"found","messages":[
                {"id":2,"at":"later","nickname":"bob","to":"ann","text":"hi"},
                {"id":1,"at":"now","nickname":"ann","channel":"tea","text":"a\nb","kind":"action"}
            ],"more":true,"older_than":1}"#,
        );
        let request = Request::Search { text: "x".into(), filters: Default::default() };
        let lines = answer_lines(&request, &found, "ann");
        assert_eq!(
            lines.join("\n"),
            "\
later [bob -> ann]: hi
now [tea] * ann a
now [tea] * ann b
there may be more: search again with below:1"
        );
        let none = decode(r#"{"type":"found","messages":[],"more":false}"#);
        assert_eq!(answer_lines(&request, &none, "ann"), ["nothing was found"]);
    }

    #[test]
    fn closed_channel_is_a_line() {
        let frame = r#"{"type":"channel_closed","channel":"tea","by":"server","reason":"late"}"#;
        assert_eq!(event_line(&decode(frame)).as_deref(), Some("* server closed tea: late"));
    }
}
