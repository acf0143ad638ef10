//! The conversation with one client.

use crate::client::Client;
use crate::commands;
use crate::identity::Word;
use crate::line::{Line, LineError};
use crate::replies;
use crate::settings::Settings;
use crate::tags::Tags;
use chat_core::{CloseReason, Event, RequestId};
use chat_dialects::{Conversation, Fault, Form, Frames, Notice, Reaction};
use std::sync::Arc;

/// The conversation with one client.
pub(crate) struct IrcConversation {
    client: Client,
}

impl IrcConversation {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { client: Client::new(settings) }
    }
}

impl Conversation for IrcConversation {
    /// A client of IRC speaks first.
    fn begin(&mut self, _: &mut Reaction) {}

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        let Ok(line) = std::str::from_utf8(frame) else {
            let known = String::from_utf8_lossy(frame);
            let command = Line::parse(&known).map_or("*", |line| line.command);
            let is_name = command.bytes().all(|byte| byte.is_ascii_alphabetic());
            self.not_utf8(if is_name { command } else { "*" }, reaction);
            return reaction.count_fault();
        };
        self.client.begin_response(Tags::split(line).0);
        match Line::parse(line) {
            Ok(line) => commands::run(&mut self.client, &line, reaction),
            Err(LineError::Empty) => {}
            Err(LineError::TooLong) => self.too_long(reaction),
            Err(LineError::Nul) => {
                let text = "A line contains no NUL and no other line";
                self.client.numeric(&mut reaction.frames, 400, format_args!("* :{text}"));
                reaction.count_fault();
            }
        }
        self.client.end_response(reaction);
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        if matches!(fault, Fault::TooLong { .. }) {
            return self.too_long(reaction);
        }
        self.not_utf8("*", reaction);
    }

    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        let pending = self.client.answered(request);
        replies::reply(&mut self.client, pending, event, reaction);
        self.client.end_response(reaction);
    }

    fn only_form(&self) -> Option<Form> {
        Some(Form(self.client.capabilities.0))
    }

    /// The engine sends [`Event::Entered`] to the user's other sessions, and the end of a channel
    /// to all its members. Both are lines that name the reader, so that they cannot be shared.
    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        if let Event::ReadMarked { target, id } = event {
            replies::marked_elsewhere(&mut self.client, (target, *id), reaction);
        } else if let Event::Entered(roster) = event {
            replies::entered(&mut self.client, roster, reaction);
        } else if let Event::ChannelClosed { channel, by, reason } = event
            && let Some(own) = self.client.user.clone()
            && self.client.channels.contains(channel)
        {
            let (output, out) = (self.client.output(reaction.at), &mut reaction.frames);
            output.kick(channel, (&own.nickname, by), reason.as_ref(), out);
        }
        replies::metadata_changed(&mut self.client, event, reaction);
        replies::note_own(&mut self.client, event);
    }

    fn ping(&mut self, out: &mut Frames) -> bool {
        let server = &self.client.settings.server_name;
        out.push(format!("PING :{server}"));
        true
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        match notice {
            // The session ends then, for another reason.
            Notice::Lagged { .. } => {}
            Notice::Closing(reason) => {
                let text = if let CloseReason::Quit(Some(reason)) = reason {
                    format!("Quit: {reason}")
                } else {
                    reason.to_string()
                };
                out.push(format!("ERROR :Closing link: ({text})"));
            }
            Notice::TurnedAway(why) => out.push(format!("ERROR :Closing link: ({why})")),
            _ => {}
        }
    }
}

impl IrcConversation {
    /// Refuses a line, whose command may be known.
    fn not_utf8(&self, command: &str, reaction: &mut Reaction) {
        let (client, out) = (&self.client, &mut reaction.frames);
        let command = Word(command).to_string().to_ascii_uppercase();
        let text = "The line is not valid UTF-8";
        // `UTF8ONLY` announces it to clients without standard replies as well.
        client.line(out, format_args!("FAIL {command} INVALID_UTF8 :{text}"));
    }

    fn too_long(&self, reaction: &mut Reaction) {
        let text = "Input line was too long";
        self.client.numeric(&mut reaction.frames, 417, format_args!(":{text}"));
    }
}
