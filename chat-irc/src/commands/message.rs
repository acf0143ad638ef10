//! Messages, and the commands with which users say something about themselves.

use super::channel::too_many_targets;
use crate::capability::Capabilities;
use crate::client::Client;
use crate::client_tags;
use crate::identity::Word;
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
    } else if line.param(1).is_none() {
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
    let Some((kind, text)) = read(line.params[1], is_notice) else {
        if !is_notice {
            unsupported_ctcp(client, reaction);
        }
        return;
    };
    let Some(data) = client_data(client, line, reaction) else { return };
    for target in line.list(0) {
        if !fits(client, name, target, line.params[1]) {
            let text = "The message would be too long for its recipients";
            client.numeric(&mut reaction.frames, 417, format_args!(":{text}"));
            continue;
        }
        let (to, text, data) = (recipient(target), text.to_owned(), data.clone());
        let command = Command::Say { to, kind, text, nonce: None, data };
        client.command(name, target, command, reaction);
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
    match read(text, is_notice) {
        Some((kind, text)) => {
            let (to, text) = (recipient(target), text.to_owned());
            let command = Command::Say { to, kind, text, nonce: None, data };
            client.command(name, target, command, reaction);
        }
        None if is_notice => {}
        None => unsupported_ctcp(client, reaction),
    }
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
        let command = Command::Signal { to: recipient(target), data: data.clone() };
        client.command("TAGMSG", target, command, reaction);
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

fn recipient(target: &str) -> Recipient {
    let to = if target.starts_with('#') { Recipient::Channel } else { Recipient::User };
    to(target.to_owned())
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

/// Reads the kind of a message and its text. `None` for a CTCP other than `ACTION`.
fn read(text: &str, is_notice: bool) -> Option<(MessageKind, &str)> {
    let plain = if is_notice { MessageKind::Notice } else { MessageKind::Message };
    let Some(ctcp) = text.strip_prefix('\u{1}') else { return Some((plain, text)) };
    let ctcp = ctcp.strip_suffix('\u{1}').unwrap_or(ctcp);
    let action = ctcp.strip_prefix("ACTION ").filter(|_| !is_notice)?;
    Some((MessageKind::Action, action))
}

/// Answers a CTCP that the server does not relay.
fn unsupported_ctcp(client: &Client, reaction: &mut Reaction) {
    let text = "CTCP other than ACTION is not relayed";
    if client.has(Capabilities::STANDARD_REPLIES) {
        client.line(&mut reaction.frames, format_args!("FAIL PRIVMSG UNSUPPORTED_CTCP :{text}"));
    } else {
        client.numeric(&mut reaction.frames, 400, format_args!("{} :{text}", Word("PRIVMSG")));
    }
}

/// The away text of a client without a person.
const ABSENT: &str = "Nobody is here";
/// The longest text that is accepted whatever the lengths of names.
const LEAST_TEXT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_is_the_only_ctcp() {
        let action = Some((MessageKind::Action, "waves"));
        assert_eq!(read("\u{1}ACTION waves\u{1}", false), action);
        assert_eq!(read("\u{1}ACTION waves", false), action);
        assert_eq!(read("\u{1}ACTION waves\u{1}", true), None);
        assert_eq!(read("\u{1}VERSION\u{1}", false), None);
        assert_eq!(read("hi", true), Some((MessageKind::Notice, "hi")));
    }
}
