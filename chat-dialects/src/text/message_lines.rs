//! Writes messages and their changes as lines.

use super::form::OWN;
use super::line_writer::{LineWriter, push_time};
use super::style::{Style, fill};
use super::words::{for_members, origin};
use crate::lines::for_each_line;
use chat_core::{
    Actor, ChannelName, Deletion, Message, MessageChange, MessageChangeKind, MessageId,
    MessageKind, Nickname, ReplyTo, Target, Text, Timestamp,
};
use std::borrow::Cow;
use std::sync::Arc;

impl LineWriter<'_> {
    pub(super) fn message(&mut self, message: &Message) {
        match &message.target {
            Target::Channel(channel) => self.in_channel(message, channel, None),
            Target::Members { channel, least } => {
                let mark = for_members(*least);
                self.in_channel(message, channel, Some(mark));
            }
            Target::User(to) if self.form == OWN => self.private(message, "you", to.shown()),
            Target::User(_) => self.private(message, message.sender.name(), "you"),
            _ => {}
        }
    }

    fn in_channel(&mut self, message: &Message, channel: &ChannelName, mark: Option<&str>) {
        let style = self.style;
        for_each_line(&message.text, |text| {
            self.line(message.at, Some(channel), |line| match mark {
                Some(mark) => push_message(style, message, &format!("{mark} {text}"), line),
                None => push_message(style, message, text, line),
            });
        });
    }

    pub(super) fn sent(
        &mut self,
        at: Timestamp,
        message: &Message,
        away: Option<&Text>,
        offline: bool,
    ) {
        match &message.target {
            Target::Channel(_) | Target::Members { .. } if self.style.echo => self.message(message),
            Target::Channel(_) | Target::Members { .. } => {}
            Target::User(nickname) => {
                self.private(message, "you", nickname.shown());
                if let Some(away) = away {
                    self.system(at, None, &format!("{nickname} is away: {away}"));
                }
                if offline {
                    let text = format!("{nickname} is offline, and can read this later");
                    self.system(at, None, &text);
                }
            }
            _ => {}
        }
    }

    fn private(&mut self, message: &Message, from: &str, to: &str) {
        let style = self.style;
        for_each_line(&message.text, |text| {
            self.line(message.at, None, |line| {
                if message.sender == Actor::Server {
                    let text = format!("(to {to}) {text}");
                    return fill(&style.server, &[("text", &text)], line);
                }
                line.push_str(&format!("[{from} -> {to}]: "));
                match message.kind {
                    MessageKind::Message | MessageKind::Notice => line.push_str(text),
                    MessageKind::Action => push_message(style, message, text, line),
                    _ => line.push_str(text),
                }
            });
        });
    }

    /// Writes a message of the history, always with its time.
    pub(super) fn history_message(&mut self, message: &Message) {
        for_each_line(&message.text, |text| {
            self.out.write(|line| {
                push_time(message.at, line);
                push_message(self.style, message, text, line);
            });
        });
    }

    /// Writes a message with its place and day.
    fn with_origin(&mut self, message: &Message) {
        let origin = origin(message);
        for_each_line(&message.text, |text| {
            self.out.write(|line| {
                line.push_str(&origin);
                push_message(self.style, message, text, line);
            });
        });
    }

    /// Writes messages of several places and days, newest first.
    pub(super) fn found(
        &mut self,
        at: Timestamp,
        messages: &[Arc<Message>],
        next: Option<MessageId>,
    ) {
        messages.iter().for_each(|message| self.with_origin(message));
        match next {
            Some(next) => {
                let text = format!("there may be more: search again with below:{}", next.0);
                self.system(at, None, &text);
            }
            None if messages.is_empty() => self.system(at, None, "nothing was found"),
            None => {}
        }
    }

    /// Writes the pinned messages of a channel, which may be of several days.
    pub(super) fn pins(&mut self, at: Timestamp, channel: &ChannelName, messages: &[Arc<Message>]) {
        if messages.is_empty() {
            return self.system(at, None, &format!("nothing is pinned in {channel}"));
        }
        messages.iter().for_each(|message| self.with_origin(message));
    }

    /// Writes the change of a message by another user or session.
    pub(super) fn change(&mut self, at: Timestamp, change: &MessageChange) {
        let MessageChange { message, by, kind, .. } = change;
        let sender = &message.sender;
        match kind {
            MessageChangeKind::Deleted => {
                let reason = message.deletion().and_then(|Deletion { reason, .. }| reason.as_ref());
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                let by =
                    if by.name() == sender.name() { String::new() } else { format!(" by {by}") };
                let text = format!("a message of {sender} was deleted{by}{reason}");
                self.system(at, message.target.channel(), &text);
            }
            MessageChangeKind::Pinned => {
                let text = format!("{by} pinned a message of {sender}");
                self.system(at, message.target.channel(), &text);
            }
            MessageChangeKind::Unpinned => {
                let text = format!("{by} unpinned a message of {sender}");
                self.system(at, message.target.channel(), &text);
            }
            // Lines about reactions would bury the conversation.
            MessageChangeKind::Reacted { .. } => {}
            MessageChangeKind::Edited => for_each_line(&message.text, |text| {
                self.system(at, message.target.channel(), &format!("{sender} edited: {text}"));
            }),
            _ => {}
        }
    }

    /// Writes that the user has changed a message.
    pub(super) fn own_change(&mut self, at: Timestamp, change: &MessageChange) {
        match &change.kind {
            MessageChangeKind::Deleted => self.system(at, None, "the message is deleted"),
            MessageChangeKind::Edited => self.system(at, None, "the message is edited"),
            MessageChangeKind::Pinned => self.system(at, None, "the message is pinned"),
            MessageChangeKind::Unpinned => self.system(at, None, "the message is unpinned"),
            MessageChangeKind::Reacted { .. } => {}
            _ => {}
        }
    }
}

/// Appends a line of a message in the template for its kind. Each line of a message has the
/// sender's name, so that none can imitate another user or the server.
fn push_message(style: &Style, message: &Message, text: &str, line: &mut String) {
    if message.sender == Actor::Server {
        return fill(&style.server, &[("text", text)], line);
    }
    let template = match message.kind {
        MessageKind::Action => &style.action,
        MessageKind::Notice => &style.notice,
        MessageKind::Message | _ => &style.message,
    };
    fill(template, &[("name", &shown_sender(message)), ("text", text)], line);
}

/// Returns the sender of a message; for a reply in a channel, with the name that it replies to.
fn shown_sender(message: &Message) -> Cow<'_, str> {
    let sender = message.sender.name();
    match message.reply_to().filter(|_| message.target.channel().is_some()) {
        Some(ReplyTo { nickname, .. }) => {
            let to = nickname.as_ref().map_or_else(|| Actor::Server.name(), Nickname::shown);
            Cow::Owned(format!("{sender} → {to}"))
        }
        None => Cow::Borrowed(sender),
    }
}
