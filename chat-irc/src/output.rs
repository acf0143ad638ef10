//! Writes lines: their tags, their source, and their limit.

use crate::capability::Capabilities;
use crate::client_tags;
use crate::identity::Mask;
use crate::line::LONGEST;
use crate::message_id::{WireId, signal_id};
use crate::service::Service;
use crate::settings::Settings;
use crate::split::cut;
use crate::tags::Escaped;
use chat_core::{Actor, AppData, Message, Signal, Timestamp, UserInfo};
use chat_dialects::{Frames, Rfc3339};
use std::fmt::{self, Write};

/// Writes lines for readers of one form.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) form: Capabilities,
    /// The time of the event.
    pub(crate) at: Timestamp,
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
    id: Option<&'a dyn fmt::Display>,
    /// The application data of the message, of which some are tags.
    data: Option<&'a AppData>,
}

impl Output<'_> {
    /// Writes a line of a user or of the server: its source, a space, and the rest.
    pub(crate) fn line<'a>(
        &self,
        out: &mut Frames,
        source: impl Into<Source<'a>>,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at) = (source.into(), self.at);
        self.tagged(out, &Origin { source, at, id: None, data: None }, rest);
    }

    /// Writes a line of a message. Only the first line of a message has its id, because ids are
    /// unique, and the tags of its client.
    pub(crate) fn line_of_message(
        &self,
        out: &mut Frames,
        message: &Message,
        is_first: bool,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at) = ((&message.sender).into(), message.at);
        let id = WireId::from(message);
        let (id, data): (Option<&dyn fmt::Display>, _) =
            if is_first { (Some(&id), Some(&message.data)) } else { (None, None) };
        self.tagged(out, &Origin { source, at, id, data }, rest);
    }

    /// Writes a line in a batch of its message, which has no other tags.
    pub(crate) fn line_in_batch<'a>(
        &self,
        out: &mut Frames,
        source: impl Into<Source<'a>>,
        tags: fmt::Arguments<'_>,
        rest: fmt::Arguments<'_>,
    ) {
        let plain = Self { form: Capabilities::default(), ..*self };
        let mut lines = Frames::default();
        plain.line(&mut lines, source, rest);
        for line in lines.iter() {
            out.push(format!("@{tags} {}", String::from_utf8_lossy(line.bytes())));
        }
    }

    /// Writes the line of a signal.
    pub(crate) fn line_of_signal(
        &self,
        out: &mut Frames,
        signal: &Signal,
        rest: fmt::Arguments<'_>,
    ) {
        let (source, at) = ((&signal.sender).into(), signal.at);
        let (id, data) = (signal_id(signal), Some(&signal.data));
        self.tagged(out, &Origin { source, at, id: Some(&id), data }, rest);
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

    fn tagged(&self, out: &mut Frames, origin: &Origin<'_>, rest: fmt::Arguments<'_>) {
        out.write(|text| {
            self.write_tags(text, origin);
            let start = text.len();
            // Writing to a string cannot fail.
            let _ = match origin.source {
                Source::User(user) => write!(text, ":{} {rest}", Mask(user)),
                Source::Service(service) => {
                    let (name, server) = (service.name(), &self.settings.server_name);
                    write!(text, ":{name}!{name}@{server} {rest}")
                }
                Source::Server => write!(text, ":{} {rest}", self.settings.server_name),
            };
            let end = start + cut(&text[start..], LONGEST - 2).len();
            text.truncate(end);
        });
    }

    fn write_tags(&self, text: &mut String, origin: &Origin<'_>) {
        let &Origin { source, at, id, data } = origin;
        let mut sign = '@';
        let tag = |text: &mut String, sign: &mut char, name: &str, value: &dyn fmt::Display| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{sign}{name}={value}");
            *sign = ';';
        };
        if self.form.has(Capabilities::SERVER_TIME) {
            tag(text, &mut sign, "time", &Rfc3339::from(at).as_str());
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Some(id) = id
        {
            tag(text, &mut sign, "msgid", id);
        }
        if self.form.has(Capabilities::ACCOUNT_TAG)
            && let Source::User(UserInfo { account: Some(account), .. }) = source
        {
            tag(text, &mut sign, "account", &Escaped(account.as_str()));
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Source::User(UserInfo { bot: true, .. }) = source
        {
            text.push(sign);
            text.push_str("bot");
            sign = ';';
        }
        if self.form.has(Capabilities::MESSAGE_TAGS)
            && let Some(data) = data
        {
            client_tags::write(text, &mut sign, data);
        }
        if sign != '@' {
            text.push(' ');
        }
    }
}
