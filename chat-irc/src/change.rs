//! Encodes changes of messages.

use crate::capability::Capabilities;
use crate::client_tags::{REACT, UNREACT};
use crate::identity::channel;
use crate::message_id::WireId;
use crate::output::{Output, Source};
use crate::split::pieces;
use chat_core::{AppData, Message, MessageChange, MessageChangeKind, MessageKind, Target, Text};
use chat_dialects::Frames;

impl Output<'_> {
    /// Writes the change of a message.
    pub(crate) fn change(&self, change: &MessageChange, out: &mut Frames) {
        match &change.kind {
            MessageChangeKind::Deleted => self.deleted(&change.message, out),
            MessageChangeKind::Edited => self.edited(&change.message, out),
            MessageChangeKind::Reacted { emoji, removed } => {
                let key = if *removed { UNREACT } else { REACT };
                self.reacted(change, (key, emoji), out);
            }
            // IRC has no pinned messages.
            MessageChangeKind::Pinned | MessageChangeKind::Unpinned | _ => {}
        }
    }

    /// Writes an edited message as a new one that begins with `* ` and answers the original, since
    /// IRC has no edits. It has no id of its own.
    fn edited(&self, message: &Message, out: &mut Frames) {
        let target = match &message.target {
            Target::Channel(name) => channel(name),
            Target::User(nickname) => nickname.shown().into(),
            Target::Members { .. } | _ => return,
        };
        let command = if message.kind == MessageKind::Notice { "NOTICE" } else { "PRIVMSG" };
        let room = self.room_for_text(&message.sender, command, target.len());
        let room = room.saturating_sub(EDITED.len()).max(LEAST_ROOM);
        let mut sign = EDITED;
        for line in message.text.lines().filter(|line| !line.is_empty()) {
            for piece in pieces(line, room) {
                let rest = format_args!("{command} {target} :{sign}{piece}");
                self.line_about(out, (&message.sender, message), &AppData::default(), rest);
                sign = "";
            }
        }
    }

    /// Writes a reaction, which only those see who read tags.
    fn reacted(&self, change: &MessageChange, tag: (&str, &Text), out: &mut Frames) {
        let MessageChange { message, by, .. } = change;
        let target = match &message.target {
            Target::Channel(name) => channel(name),
            Target::User(nickname) => nickname.shown().into(),
            Target::Members { .. } | _ => return,
        };
        if self.form.has(Capabilities::MESSAGE_TAGS) {
            let data = AppData::new([(tag.0, tag.1.as_str())]).unwrap_or_default();
            self.line_about(out, (by, message), &data, format_args!("TAGMSG {target}"));
        }
    }

    /// Writes `REDACT` (IRCv3 draft/message-redaction), or a notice for clients that do not know
    /// it.
    fn deleted(&self, message: &Message, out: &mut Frames) {
        let Some(deletion) = message.deletion() else { return };
        let target = match &message.target {
            Target::Channel(name) => channel(name),
            Target::User(nickname) => nickname.shown().into(),
            Target::Members { .. } | _ => return,
        };
        let (by, reason) = (&deletion.by, deletion.reason.as_ref());
        if self.form.has(Capabilities::MESSAGE_REDACTION) {
            let (id, reason) = (WireId::from(message), reason.map(|reason| format!(" :{reason}")));
            let reason = reason.unwrap_or_default();
            return self.line(out, by, format_args!("REDACT {target} {id}{reason}"));
        }
        let sender = message.sender.name();
        let by = if by.name() == sender { String::new() } else { format!(" by {by}") };
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let text = format_args!("A message of {sender} was deleted{by}{reason}");
        self.line(out, Source::Server, format_args!("NOTICE {target} :{text}"));
    }
}

/// The beginning of an edited message.
const EDITED: &str = "* ";
/// The least room for the text of a message in a line, whatever the lengths of names.
const LEAST_ROOM: usize = 64;
