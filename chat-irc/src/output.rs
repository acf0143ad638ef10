//! Writes lines: their tags, their source, and their limit.

use crate::capability::Capabilities;
use crate::identity::Mask;
use crate::line::LONGEST;
use crate::message_id::WireId;
use crate::service::Service;
use crate::settings::Settings;
use crate::split::cut;
use crate::tags::Escaped;
use chat_core::{Actor, Message, Timestamp, UserInfo};
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

impl Output<'_> {
    /// Writes a line of a user or of the server: its source, a space, and the rest.
    pub(crate) fn line<'a>(
        &self,
        out: &mut Frames,
        source: impl Into<Source<'a>>,
        rest: fmt::Arguments<'_>,
    ) {
        self.tagged(out, (source.into(), self.at, None), rest);
    }

    /// Writes a line of a message. Only the first line of a message has its id, because ids are
    /// unique.
    pub(crate) fn line_of_message(
        &self,
        out: &mut Frames,
        message: &Message,
        is_first: bool,
        rest: fmt::Arguments<'_>,
    ) {
        let id = is_first.then_some(message);
        self.tagged(out, ((&message.sender).into(), message.at, id), rest);
    }

    /// Returns the bytes that a line has room for after its source and the space after that.
    pub(crate) fn room<'a>(&self, source: impl Into<Source<'a>>) -> usize {
        let source = match source.into() {
            Source::User(user) => Mask(user).to_string().len(),
            Source::Service(service) => {
                2 * service.name().len() + "!@".len() + self.settings.server_name.len()
            }
            Source::Server => self.settings.server_name.len(),
        };
        (LONGEST - 2).saturating_sub(source + 2)
    }

    fn tagged(
        &self,
        out: &mut Frames,
        (source, at, id): (Source<'_>, Timestamp, Option<&Message>),
        rest: fmt::Arguments<'_>,
    ) {
        out.write(|text| {
            self.write_tags(text, source, at, id);
            let start = text.len();
            // Writing to a string cannot fail.
            let _ = match source {
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

    fn write_tags(
        &self,
        text: &mut String,
        source: Source<'_>,
        at: Timestamp,
        id: Option<&Message>,
    ) {
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
            && let Some(message) = id
        {
            tag(text, &mut sign, "msgid", &WireId::from(message));
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
            sign = ' ';
        }
        if sign != '@' {
            text.push(' ');
        }
    }
}
