//! Encodes a script's commands in each dialect.

use crate::exchange::id;
use chat_core::{ChannelName, Command, Recipient, View};
use chat_runtime::chat_dialects::{Dialect, JsonDialect, Style, TextDialect};
use chat_tests::{Unsupported, json_1, json_2, text_line};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Encodes commands as frames of a dialect.
pub(crate) trait ClientDialect {
    fn dialect(&self) -> Arc<dyn Dialect>;

    /// Returns the frames of a command from the session of this number.
    fn say(
        &mut self,
        session: usize,
        command: &Command,
        view: View<'_>,
    ) -> Result<Vec<String>, Unsupported>;
}

/// Version 2, with a `ref` in each request.
#[derive(Default)]
pub(crate) struct Json2 {
    requests: usize,
    greeted: BTreeSet<usize>,
}

impl ClientDialect for Json2 {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(JsonDialect::new("chat/test"))
    }

    fn say(
        &mut self,
        session: usize,
        command: &Command,
        _: View<'_>,
    ) -> Result<Vec<String>, Unsupported> {
        let mut request = json_2(command)?;
        self.requests += 1;
        request["ref"] = json!(self.requests.to_string());
        let request = written(&request);
        // Any frame but a hello closes a connection whose version is unknown. A hello with an
        // invalid `ref` is refused, but sets the version.
        let first = self.greeted.insert(session);
        let identifies = matches!(command, Command::Identify { .. });
        let refused = r#"{"type":"hello","version":2,"ref":[]}"#.to_owned();
        Ok(if first && !identifies { vec![refused, request] } else { vec![request] })
    }
}

pub(crate) struct Json1;

impl ClientDialect for Json1 {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(JsonDialect::new("chat/test"))
    }

    fn say(
        &mut self,
        _: usize,
        command: &Command,
        _: View<'_>,
    ) -> Result<Vec<String>, Unsupported> {
        Ok(vec![written(&json_1(command)?)])
    }
}

/// Text, whose commands apply to the session's current channel.
pub(crate) struct Text {
    style: Style,
    /// The current channel of each session, as far as it is known without reading the output.
    on: BTreeMap<usize, ChannelName>,
}

impl Text {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, on: BTreeMap::new() }
    }
}

impl ClientDialect for Text {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(TextDialect::new(self.style.clone()))
    }

    fn say(
        &mut self,
        session: usize,
        command: &Command,
        view: View<'_>,
    ) -> Result<Vec<String>, Unsupported> {
        let asked = self.style == Style::star() && view.user_of(id(session)).is_none();
        let line = text_line(command, asked)?;
        let mut lines = Vec::new();
        if matches!(command, Command::Identify { .. }) {
            self.on.insert(session, ChannelName::lobby());
        }
        if matches!(command, Command::Join { .. } | Command::Leave { .. }) {
            self.on.remove(&session);
        }
        if let Some(channel) = channel_meant(command) {
            let Ok(channel) = ChannelName::parse(channel) else {
                return Err("the channel name is invalid");
            };
            let Some(user) = view.user_of(id(session)) else {
                return Err("the session has no nickname yet");
            };
            let members = view.channel(&channel);
            let is_in = members.is_some_and(|channel| {
                channel.members().any(|member| member.nickname() == user.nickname())
            });
            if !is_in {
                return Err("the user is not a member of the channel");
            }
            if self.on.get(&session) != Some(&channel) {
                lines.push(format!("/switch {}", channel.shown()));
                self.on.insert(session, channel);
            }
        }
        lines.push(line);
        Ok(lines)
    }
}

/// Returns the channel that has to be the current one for a command.
fn channel_meant(command: &Command) -> Option<&str> {
    match command {
        Command::Say { to, .. } => match to {
            Recipient::Channel(channel) => Some(channel),
            Recipient::Members { .. } | Recipient::User(_) => None,
            _ => unreachable!("a variant that this test does not know"),
        },
        Command::ShowTopic { channel }
        | Command::SetTopic { channel, .. }
        | Command::ShowModes { channel }
        | Command::SetModes { channel, .. }
        | Command::SetRole { channel, .. }
        | Command::Kick { channel, .. }
        | Command::Ban { channel, .. }
        | Command::Unban { channel, .. }
        | Command::Mute { channel, .. }
        | Command::Unmute { channel, .. }
        | Command::Exempt { channel, .. }
        | Command::Unexempt { channel, .. }
        | Command::SetMask { channel, .. }
        | Command::ReadHistory { channel, .. } => Some(channel),
        Command::Identify { .. }
        | Command::Rename { .. }
        | Command::Join { .. }
        | Command::JoinMany { .. }
        | Command::Leave { .. }
        | Command::Invite { .. }
        | Command::ListUsers { .. }
        | Command::ListChannels
        | Command::Query(_)
        | Command::MarkRead { .. }
        | Command::Signal { .. }
        | Command::Account(_)
        | Command::Operator(_)
        | Command::Message(_)
        | Command::Report { .. }
        | Command::User(_)
        | Command::SetAway { .. }
        | Command::SetProfile { .. }
        | Command::SetData { .. }
        | Command::Quit { .. } => None,
        _ => unreachable!("a variant that this test does not know"),
    }
}

/// Encodes an object with its type first and its `ref` last, whatever the library's order of
/// fields.
fn written(request: &Value) -> String {
    let mut fields: Vec<(&String, &Value)> = request.as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| (*name != "type", *name == "ref", *name));
    let fields = fields.into_iter().map(|(name, value)| format!("{}:{value}", json!(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}
