//! Writes lines: their tags, their source, and their limit.

use crate::capability::Capabilities;
use crate::client_tags;
use crate::identity::Mask;
use crate::line::LONGEST;
use crate::message_id::{EventId, WireId};
use crate::service::Service;
use crate::settings::Settings;
use crate::split::cut;
use crate::tags::Escaped;
use chat_core::{Actor, AppData, Event, EventKey, Message, Signal, Timestamp, UserInfo};
use chat_dialects::{Frames, Rfc3339};
use std::fmt::{self, Write};

/// Writes lines for readers of one form.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) form: Capabilities,
    /// The time of the event.
    pub(crate) at: Timestamp,
    /// The key of an event whose id the lines have.
    pub(crate) event: Option<EventKey>,
}

/// The source of a line.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    User(&'a UserInfo),
    Service(Service),
    Server,
}

impl<'a> From<&'a Actor> for Source<'a> {
    fn from(actor: &'a Actor) -> Self {
        actor.user().map_or(Self::Server, |user| Self::User(user))
    }
}

impl<'a> From<&'a UserInfo> for Source<'a> {
    fn from(user: &'a UserInfo) -> Self {
        Self::User(user)
    }
}

/// The origin of a line, which its tags state.
struct Origin<'a> {
    source: Source<'a>,
    at: Timestamp,
    id: Option<Id>,
    /// The application data of the message, of which some are tags.
    data: Option<&'a AppData>,
    /// The message that this one replies to.
    reply: Option<WireId>,
}

/// The id of a message or of a signal.
#[derive(Clone, Copy)]
enum Id {
    Message(WireId),
    Event(EventId),
}

impl Output<'_> {
    /// Returns the output for the lines of an event, which have its id for a client that reads
    /// events with the history.
    pub(crate) fn of(&self, event: &Event) -> Self {
        let has_id = self.form.has(Capabilities::EVENT_PLAYBACK.with(Capabilities::MESSAGE_TAGS));
        Self { event: if has_id { event.key() } else { None }, ..*self }
    }

    /// Returns the output for lines that are not those of an event.
    pub(crate) fn without_id(&self) -> Self {
        Self { event: None, ..*self }
    }

    /// Writes a line of a user or of the server: its source, a space, and the rest.
    pub(crate) fn line<'a>(
        &self,
        out: &mut Frames,
        source: impl Into<Source<'a>>,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at) = (source.into(), self.at);
        let id = self.event.map(|key| Id::Event(EventId { at, key }));
        self.tagged(out, &Origin { source, at, id, data: None, reply: None }, |line| {
            // Writing to a string cannot fail.
            let _ = line.write_fmt(rest);
        });
    }

    /// Writes a line of a message: the pieces of it that follow its source and a space. Only the
    /// first line of a message has its id, because ids are unique, and the tags of its client.
    pub(crate) fn line_of_message(
        &self,
        out: &mut Frames,
        message: &Message,
        is_first: bool,
        pieces: &[&str],
    ) {
        let (source, at) = ((&message.sender).into(), message.at);
        let id = is_first.then(|| Id::Message(message.into()));
        let data = is_first.then_some(&message.data);
        let reply = message.reply_to().filter(|_| is_first).map(Into::into);
        self.tagged(out, &Origin { source, at, id, data, reply }, |line| {
            pieces.iter().for_each(|piece| line.push_str(piece));
        });
    }

    /// Writes a line in a batch of its message, which has no other tags.
    pub(crate) fn line_in_batch<'a>(
        &self,
        out: &mut Frames,
        source: impl Into<Source<'a>>,
        tags: fmt::Arguments<'_>,
        rest: fmt::Arguments<'_>,
    ) {
        let plain = Self { form: Capabilities::default(), event: None, ..*self };
        let mut lines = Frames::default();
        plain.line(&mut lines, source, rest);
        for line in lines.iter() {
            out.push(format!("@{tags} {}", String::from_utf8_lossy(line.bytes())));
        }
    }

    /// Writes a line about a message, with tags of its own, that answers the message.
    pub(crate) fn line_about(
        &self,
        out: &mut Frames,
        (by, message): (&Actor, &Message),
        data: &AppData,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at, reply) = (by.into(), self.at, Some(message.into()));
        self.tagged(out, &Origin { source, at, id: None, data: Some(data), reply }, |line| {
            // Writing to a string cannot fail.
            let _ = line.write_fmt(rest);
        });
    }

    /// Writes the line of a signal.
    pub(crate) fn line_of_signal(
        &self,
        out: &mut Frames,
        signal: &Signal,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at) = ((&signal.sender).into(), signal.at);
        let id = Some(Id::Event(EventId { at, key: signal.key() }));
        let data = Some(&signal.data);
        self.tagged(out, &Origin { source, at, id, data, reply: None }, |line| {
            // Writing to a string cannot fail.
            let _ = line.write_fmt(rest);
        });
    }

    /// Returns the bytes that a line of a message has room for after the colon before its text.
    pub(crate) fn room_for_text<'a>(
        &self,
        source: impl Into<Source<'a>>,
        command: &str,
        target_bytes: usize,
    ) -> usize {
        self.room(source).saturating_sub(command.len() + target_bytes + "  :".len())
    }

    /// Returns the bytes that a line has room for after its source and the space after that.
    pub(crate) fn room<'a>(&self, source: impl Into<Source<'a>>) -> usize {
        let source = match source.into() {
            Source::User(user) => Mask(user).len(),
            Source::Service(service) => {
                2 * service.name().len() + "!@".len() + self.settings.server_name.len()
            }
            Source::Server => self.settings.server_name.len(),
        };
        (LONGEST - 2).saturating_sub(source + 2)
    }

    /// Writes a line: its tags, its source and a space, and what `write_rest` appends. It formats
    /// nothing, because nearly all lines are messages.
    fn tagged(&self, out: &mut Frames, origin: &Origin<'_>, write_rest: impl FnOnce(&mut String)) {
        out.write(|line| {
            self.append_tags(line, origin);
            let start = line.len();
            line.push(':');
            match origin.source {
                Source::User(user) => Mask(user).append(line),
                Source::Service(service) => {
                    for piece in [service.name(), "!", service.name(), "@"] {
                        line.push_str(piece);
                    }
                    line.push_str(&self.settings.server_name);
                }
                Source::Server => line.push_str(&self.settings.server_name),
            }
            line.push(' ');
            write_rest(line);
            let end = start + cut(&line[start..], LONGEST - 2).len();
            line.truncate(end);
        });
    }

    fn append_tags(&self, line: &mut String, origin: &Origin<'_>) {
        let &Origin { source, at, id, data, reply } = origin;
        let mut sign = '@';
        let mut begin_tag = |line: &mut String, name: &str| {
            line.push(std::mem::replace(&mut sign, ';'));
            line.push_str(name);
        };
        if self.form.has(Capabilities::SERVER_TIME) {
            begin_tag(line, "time=");
            line.push_str(Rfc3339::from(at).as_str());
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Some(id) = id
        {
            begin_tag(line, "msgid=");
            match id {
                Id::Message(id) => id.append(line),
                Id::Event(id) => id.append(line),
            }
        }
        if self.form.has(Capabilities::ACCOUNT_TAG)
            && let Source::User(UserInfo { account: Some(account), .. }) = source
        {
            begin_tag(line, "account=");
            // Writing to a string cannot fail.
            let _ = write!(line, "{}", Escaped(account.as_str()));
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Source::User(UserInfo { bot: true, .. }) = source
        {
            begin_tag(line, "bot");
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Some(data) = data
        {
            client_tags::write(line, &mut sign, reply, data);
        }
        if sign != '@' {
            line.push(' ');
        }
    }
}
