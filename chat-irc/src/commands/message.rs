//! Messages, and the commands with which users say something about themselves.

use super::channel::too_many_targets;
use super::{react, reply};
use crate::capability::Capabilities;
use crate::client::Client;
use crate::client_tags;
use crate::ctcp::Ctcp;
use crate::identity::{least_role, recipient};
use crate::line::Line;
use crate::replies;
use crate::service::Service;
use crate::settings::MOST_TARGETS;
use chat_core::{AppData, Command, MessageKind, ProfileChange, Recipient, Timestamp};
use chat_dialects::Reaction;

/// `PRIVMSG` and `NOTICE`. A notice that cannot be delivered has no answer (RFC 2812 §3.3.2).
pub(super) fn say(
    client: &mut Client,
    line: &Line<'_>,
    name: &'static str,
    reaction: &mut Reaction,
) {
    let is_notice = name == "NOTICE";
    let problem = if line.param(0).is_none() {
        Some((411, format!(":No recipient given ({name})")))
    } else if line.param(1).is_none_or(|text| Ctcp::text_of(text) == Some("")) {
        Some((412, ":No text to send".to_owned()))
    } else {
        None
    };
    if let Some((code, rest)) = problem {
        if !is_notice {
            client.numeric(&mut reaction.frames, code, format_args!("{rest}"));
        }
        return;
    }
    if line.list(0).count() > MOST_TARGETS {
        if !is_notice {
            too_many_targets(client, line.params[0], reaction);
        }
        return;
    }
    if let Some(service) = Service::of_name(line.params[0]) {
        if !is_notice {
            super::service::tell(client, service, line.params[1], reaction);
        }
        return;
    }
    let Some(data) = client_data(client, line, reaction) else { return };
    for target in line.list(0) {
        if !fits(client, name, target, line.params[1]) {
            let text = "The message would be too long for its recipients";
            client.numeric(&mut reaction.frames, 417, format_args!(":{text}"));
            continue;
        }
        let to = audience(target);
        let command = match read(line.params[1], is_notice) {
            Content::Said(kind, text) => Command::Say {
                to,
                kind,
                text: text.to_owned(),
                nonce: None,
                data: data.clone(),
                reply_to: None,
            },
            Content::Ctcp(ctcp) => Command::Signal { to, data: ctcp.data() },
        };
        reply::say(client, name, target, command, reaction);
    }
}

/// Says a text of several lines.
pub(super) fn say_text(
    client: &mut Client,
    name: &'static str,
    (target, text): (&str, &str),
    data: AppData,
    reaction: &mut Reaction,
) {
    let is_notice = name == "NOTICE";
    // A CTCP has one line: of several lines, its delimiters are removed.
    let (kind, text) = match read(text, is_notice) {
        Content::Said(kind, text) => (kind, text),
        Content::Ctcp(_) => (plain(is_notice), text),
    };
    let (to, text) = (audience(target), text.to_owned());
    let command = Command::Say { to, kind, text, nonce: None, data, reply_to: None };
    reply::say(client, name, target, command, reaction);
}

/// `TAGMSG`: a signal. Without a tag that is relayed, nothing of it is left.
pub(super) fn tagmsg(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(targets) = line.param(0) else {
        return client.needs_more("TAGMSG", reaction);
    };
    if line.list(0).count() > MOST_TARGETS {
        return too_many_targets(client, targets, reaction);
    }
    let Some(data) = client_data(client, line, reaction).filter(|data| !data.is_empty()) else {
        return;
    };
    for target in line.list(0) {
        let command = Command::Signal { to: audience(target), data: data.clone() };
        react::signal(client, target, command, reaction);
    }
}

/// Reads the tags that are relayed. `None` if there are too many of them, which is answered.
pub(super) fn client_data(
    client: &Client,
    line: &Line<'_>,
    reaction: &mut Reaction,
) -> Option<AppData> {
    if !client.has(Capabilities::MESSAGE_TAGS) {
        return Some(AppData::default());
    }
    let data = client_tags::read(line.tags);
    if data.is_err() {
        let text = format_args!(":There are more than {} tags", AppData::MOST_ENTRIES);
        client.numeric(&mut reaction.frames, 417, text);
    }
    data.ok()
}

/// Reads the name of a channel, of some of its members, or of a user.
fn audience(target: &str) -> Recipient {
    match least_role(target) {
        Some((least, channel)) => Recipient::Members { channel: channel.to_owned(), least },
        None => recipient(target),
    }
}

pub(super) fn away(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let message = away_text(client, line);
    client.command("AWAY", "", Command::SetAway { message }, reaction);
}

/// `AWAY` of a client without a nickname (IRCv3 draft/pre-away).
pub(super) fn pre_away(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let message = away_text(client, line);
    replies::away(client, message.is_some(), reaction);
    client.registration.away = Some(message);
}

/// Returns the away text; `None` if the user is back. `*` stands for a client without a person.
fn away_text(client: &Client, line: &Line<'_>) -> Option<String> {
    let text = line.param(0)?;
    let is_absent = text == "*" && client.has(Capabilities::PRE_AWAY);
    Some(if is_absent { ABSENT } else { text }.to_owned())
}

pub(super) fn setname(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(name) = line.param(0) else {
        return client.needs_more("SETNAME", reaction);
    };
    let changes = vec![ProfileChange::RealName(Some(name.to_owned()))];
    client.command("SETNAME", "", Command::SetProfile { changes }, reaction);
}

/// Returns true if a message fits into the line that its recipients read, which begins with the
/// name of the sender.
fn fits(client: &Client, name: &str, target: &str, text: &str) -> bool {
    let Some(user) = &client.user else { return true };
    let output = client.output(Timestamp::default());
    text.len() <= output.room_for_text(&**user, name, target.len()).max(LEAST_TEXT)
}

/// The content of a line.
#[derive(Debug, PartialEq, Eq)]
enum Content<'a> {
    Said(MessageKind, &'a str),
    Ctcp(Ctcp<'a>),
}

/// Reads the content of a line. An action is the only CTCP that is a message.
fn read(text: &str, is_notice: bool) -> Content<'_> {
    let Some(ctcp) = Ctcp::text_of(text) else { return Content::Said(plain(is_notice), text) };
    match ctcp.strip_prefix("ACTION ").filter(|_| !is_notice) {
        Some(action) => Content::Said(MessageKind::Action, action),
        None => Content::Ctcp(Ctcp { is_reply: is_notice, text: ctcp }),
    }
}

fn plain(is_notice: bool) -> MessageKind {
    if is_notice { MessageKind::Notice } else { MessageKind::Message }
}

/// The away text of a client without a person.
const ABSENT: &str = "Nobody is here";
/// The longest text that is accepted whatever the lengths of names.
const LEAST_TEXT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_is_a_message_and_other_ctcp_is_not() {
        let action = Content::Said(MessageKind::Action, "waves");
        assert_eq!(read("\u{1}ACTION waves\u{1}", false), action);
        assert_eq!(read("\u{1}ACTION waves", false), action);
        let reply = Ctcp { is_reply: true, text: "ACTION waves" };
        assert_eq!(read("\u{1}ACTION waves\u{1}", true), Content::Ctcp(reply));
        let version = Ctcp { is_reply: false, text: "VERSION" };
        assert_eq!(read("\u{1}VERSION\u{1}", false), Content::Ctcp(version));
        assert_eq!(read("hi", true), Content::Said(MessageKind::Notice, "hi"));
    }
}
