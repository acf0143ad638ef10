//! One person's side of the text dialect.

use super::editing::edited;
use super::help;
use super::parse::{Line, parse};
use super::render::{self, ELSEWHERE, HERE, NAME_FIRST, NO_CHANNEL, OWN};
use super::style::{Naming, Style};
use crate::hello::is_json_hello;
use crate::{Conversation, Fault, Form, Frames, Notice, Reaction};
use chat_core::{
    ChannelName, CloseReason, Command, Event, HistoryRange, MessageKind, Nickname, Peer, Recipient,
    Refusal, RequestId,
};
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) struct TextConversation {
    style: Arc<Style>,
    /// The host has decided the user's name, or is to find out by a token who it is.
    is_known: bool,
    /// The client has sent a line that is not blank.
    heard: bool,
    name: Option<Nickname>,
    /// The channels that the user is in; the last is the one that they are on. Most people are in
    /// one or two, and it is looked at for each delivery.
    channels: SmallVec<[ChannelName; 2]>,
}

impl TextConversation {
    pub(super) fn new(style: Arc<Style>, peer: &Peer) -> Self {
        let is_known = peer.nickname.is_some() || peer.token.is_some();
        Self { style, is_known, heard: false, name: None, channels: SmallVec::new() }
    }

    /// The channel that the user is on.
    fn current(&self) -> Option<&ChannelName> {
        self.channels.last()
    }

    fn is_on(&self, channel: &ChannelName) -> bool {
        self.current() == Some(channel)
    }

    fn enter(&mut self, channel: &ChannelName) {
        self.channels.retain(|other| &*other != channel);
        self.channels.push(channel.clone());
    }

    /// Leaves a channel; if it was the one that the user was on, says where they are now.
    fn leave(&mut self, channel: &ChannelName, reaction: &mut Reaction) {
        let was_on = self.is_on(channel);
        self.channels.retain(|other| &*other != channel);
        if was_on {
            render::moved(&self.style, reaction.at, self.current(), &mut reaction.frames);
        }
    }

    /// Whether it is a private message that the user has sent from another session.
    fn said_elsewhere(&self, event: &Event) -> bool {
        matches!(event, Event::Said(message) if self.name.as_ref() == Some(&message.sender))
    }

    fn prompt(&self, reaction: &mut Reaction) {
        if self.style.naming == Naming::Asked && self.name.is_none() {
            reaction.frames.push_prompt("Enter your name: ");
        }
    }

    fn take_name(&self, nickname: &str, reaction: &mut Reaction) {
        let nickname = nickname.to_owned();
        let command = match self.name {
            Some(_) => Command::Rename { nickname },
            None => Command::identify(nickname),
        };
        reaction.command(None, command);
    }

    fn say(&self, kind: MessageKind, text: &str, reaction: &mut Reaction) {
        match self.name {
            Some(_) => self.on_channel(reaction, |channel| Command::Say {
                to: Recipient::Channel(channel),
                kind,
                text: text.to_owned(),
            }),
            None if self.style.naming == Naming::Asked && kind == MessageKind::Message => {
                self.take_name(text, reaction);
            }
            None => {
                reaction.frames.push(NAME_FIRST);
                self.prompt(reaction);
            }
        }
    }

    /// Gives a command about the channel that the user is on.
    fn on_channel(&self, reaction: &mut Reaction, command: impl FnOnce(String) -> Command) {
        match self.current() {
            Some(channel) => reaction.command(None, command(channel.shown().to_owned())),
            None if self.name.is_some() => reaction.frames.push(NO_CHANNEL),
            None => {
                reaction.frames.push(NAME_FIRST);
                self.prompt(reaction);
            }
        }
    }

    fn switch(&mut self, channel: &str, reaction: &mut Reaction) {
        let name = ChannelName::parse(channel);
        match name.ok().filter(|name| self.channels.contains(name)) {
            Some(name) => {
                self.enter(&name);
                render::moved(&self.style, reaction.at, self.current(), &mut reaction.frames);
            }
            None => {
                reaction.frames.push("You are not in that channel. Join it with: /join <channel>")
            }
        }
    }

    fn help(&self, heading: &str, reaction: &mut Reaction) {
        reaction.frames.push(heading);
        help::COMMANDS.into_iter().for_each(|line| reaction.frames.push(line));
    }
}

impl Conversation for TextConversation {
    fn begin(&mut self, reaction: &mut Reaction) {
        let identify =
            Command::Identify { nickname: None, lobby: true, token: None, reconnect_key: None };
        match self.style.naming {
            Naming::Given => return reaction.command(None, identify),
            Naming::Asked => {}
            Naming::Command => self.help(help::GREETING, reaction),
        }
        if self.is_known {
            reaction.command(None, identify);
        } else {
            self.prompt(reaction);
        }
    }

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        let Ok(text) = std::str::from_utf8(frame) else {
            self.fault(&Fault::NotUtf8, reaction);
            reaction.count_fault();
            return;
        };
        let text = &*edited(text);
        if !self.heard && !text.trim_ascii().is_empty() {
            self.heard = true;
            if is_json_hello(text.as_bytes()) {
                reaction.frames.push(NOT_JSON);
                return reaction.end();
            }
        } else if is_json_hello(text.as_bytes()) && text.contains("\"token\"") {
            // Too late for another dialect, but never too late to keep a secret.
            reaction.frames.push(TOKEN_NOT_SAID);
            return;
        }
        let owned = |text: Option<&str>| text.map(str::to_owned);
        match parse(text) {
            Line::Empty => {}
            Line::Say(text) => self.say(MessageKind::Message, text, reaction),
            Line::Act(text) => self.say(MessageKind::Action, text, reaction),
            Line::Help => {
                self.help(help::HEADING, reaction);
                self.prompt(reaction);
            }
            Line::Name(nickname) => self.take_name(nickname, reaction),
            Line::Users(channel) => {
                reaction.command(None, Command::ListUsers { channel: owned(channel) });
            }
            Line::Join { channel, key } => {
                let command = Command::Join { channel: channel.to_owned(), key: owned(key) };
                reaction.command(None, command);
            }
            Line::Leave(Some(channel)) => {
                reaction
                    .command(None, Command::Leave { channel: channel.to_owned(), reason: None });
            }
            Line::Leave(None) => {
                self.on_channel(reaction, |channel| Command::Leave { channel, reason: None });
            }
            Line::Switch(channel) => self.switch(channel, reaction),
            Line::Channels => reaction.command(None, Command::ListChannels),
            Line::Topic(None) => {
                self.on_channel(reaction, |channel| Command::ShowTopic { channel })
            }
            Line::Topic(topic) => self
                .on_channel(reaction, |channel| Command::SetTopic { channel, topic: owned(topic) }),
            Line::Private { user, text } => {
                let to = Recipient::User(user.to_owned());
                let kind = MessageKind::Message;
                reaction.command(None, Command::Say { to, kind, text: text.to_owned() });
            }
            Line::History(limit) => self.on_channel(reaction, |channel| Command::ReadHistory {
                channel,
                range: HistoryRange::Latest,
                limit,
            }),
            Line::Away(message) => {
                reaction.command(None, Command::SetAway { message: owned(message) });
            }
            Line::Role { user, change } => self.on_channel(reaction, |channel| Command::SetRole {
                channel,
                nickname: user.to_owned(),
                change,
            }),
            Line::Mute(user) => self.on_channel(reaction, |channel| Command::Mute {
                channel,
                nickname: user.to_owned(),
                reason: None,
            }),
            Line::Unmute(user) => self.on_channel(reaction, |channel| Command::Unmute {
                channel,
                nickname: user.to_owned(),
            }),
            Line::Kick { user, reason } => self.on_channel(reaction, |channel| Command::Kick {
                channel,
                nickname: user.to_owned(),
                reason: owned(reason),
            }),
            Line::Ban { user, reason } => self.on_channel(reaction, |channel| Command::Ban {
                channel,
                nickname: user.to_owned(),
                reason: owned(reason),
            }),
            Line::Unban(user) => self.on_channel(reaction, |channel| Command::Unban {
                channel,
                nickname: user.to_owned(),
            }),
            Line::Invite { user, channel: Some(channel) } => {
                let (channel, nickname) = (channel.to_owned(), user.to_owned());
                reaction.command(None, Command::Invite { channel, nickname });
            }
            Line::Invite { user, channel: None } => self.on_channel(reaction, |channel| {
                Command::Invite { channel, nickname: user.to_owned() }
            }),
            Line::Modes(changes) if changes.is_empty() => {
                self.on_channel(reaction, |channel| Command::ShowModes { channel });
            }
            Line::Modes(changes) => {
                self.on_channel(reaction, |channel| Command::SetModes { channel, changes });
            }
            Line::Quit(reason) => reaction.command(None, Command::Quit { reason: owned(reason) }),
            Line::Usage(usage) => {
                reaction.frames.push(format!("Usage: {usage}"));
                self.prompt(reaction);
            }
            Line::Unknown => {
                reaction.frames.push("Unknown command. Type /help for available commands.");
                self.prompt(reaction);
            }
        }
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        reaction.frames.push(render::sentence(&fault.to_string()));
        self.prompt(reaction);
    }

    fn reply(&mut self, _: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        render::answered(&self.style, self.form(event), reaction.at, event, &mut reaction.frames);
        match event {
            Event::Welcomed { nickname, lobby, .. } => {
                self.name = Some(nickname.clone());
                if let Some(roster) = lobby {
                    self.enter(&roster.channel);
                }
            }
            Event::Entered(roster) => self.enter(&roster.channel),
            Event::EnteredMany { entered, .. } => {
                entered.iter().for_each(|roster| self.enter(&roster.channel));
            }
            Event::Renamed { to, .. } => self.name = Some(to.clone()),
            Event::Left { channel, .. } => self.leave(channel, reaction),
            Event::Kicked { .. } => self.moved(event, reaction),
            Event::Banned { channel, nickname, .. } if self.name.as_ref() == Some(nickname) => {
                self.leave(channel, reaction);
            }
            // Nothing that can be typed changes who somebody is.
            Event::Rejected(Refusal::AuthenticationFailed(_)) => reaction.end(),
            Event::Rejected(_) => self.prompt(reaction),
            Event::Joined { .. }
            | Event::Quit { .. }
            | Event::Goodbye { .. }
            | Event::Sent { .. }
            | Event::Said(_)
            | Event::TopicShown { .. }
            | Event::TopicChanged { .. }
            | Event::ModesShown { .. }
            | Event::ModesChanged { .. }
            | Event::RoleChanged { .. }
            | Event::Banned { .. }
            | Event::Unbanned { .. }
            | Event::Muted { .. }
            | Event::Unmuted { .. }
            | Event::Exempted { .. }
            | Event::Unexempted { .. }
            | Event::Invited { .. }
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::History { .. }
            | Event::AwayChanged { .. } => {}
            _ => {}
        }
    }

    fn form(&self, event: &Event) -> Form {
        match event.channel() {
            Some(channel) if !self.is_on(channel) => ELSEWHERE,
            None if self.said_elsewhere(event) => OWN,
            Some(_) | None => HERE,
        }
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        let is_own = |name| self.name.as_ref() == Some(name);
        if let Event::Kicked { channel, nickname, .. } | Event::Left { channel, nickname, .. } =
            event
            && is_own(nickname)
        {
            self.leave(channel, reaction);
        } else if let Event::Renamed { from, to } = event
            && is_own(from)
        {
            self.name = Some(to.clone());
        } else if let Event::Entered(roster) = event
            && !self.channels.contains(&roster.channel)
        {
            // By another session: this one stays on the channel that it is on.
            self.channels.insert(0, roster.channel.clone());
        }
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        match notice {
            Notice::Lagged { missed } => out.push(format!("[missed {missed} messages]")),
            Notice::TurnedAway(why) => out.push(render::sentence(&why.to_string())),
            Notice::Closing(reason) => {
                if let Some(text) = closing(reason) {
                    out.push(text);
                }
            }
        }
    }
}

/// The answer to a program that speaks JSON where text is spoken. Its line may contain a token, and
/// is not said.
const NOT_JSON: &str = "{\"type\":\"error\",\"code\":\"bad_request\",\"message\":\"this connection speaks text, for \
    people; connect to tcp+json://, or offer the WebSocket protocol chat.json\"}";

/// The answer to a JSON `hello` with a token among the lines of a person.
const TOKEN_NOT_SAID: &str =
    "That line has a token in it and was not said. Send it as the first line of a connection.";

/// The last line before a connection is closed, where there is something left to say.
fn closing(reason: &CloseReason) -> Option<&'static str> {
    match reason {
        CloseReason::Quit(_) | CloseReason::Disconnected | CloseReason::Refused => None,
        CloseReason::NotNamed => Some("You took too long to set your name. Goodbye!"),
        CloseReason::Expired => Some("Your login has expired. Goodbye!"),
        CloseReason::Idle => Some("You have been idle for too long. Goodbye!"),
        CloseReason::TooManyFaults => Some("Too many faulty lines. Goodbye!"),
        CloseReason::TooSlow => Some("You read too slowly. Goodbye!"),
        CloseReason::ShuttingDown => Some("Server shutting down. Goodbye!"),
        _ => Some("The server has closed the connection. Goodbye!"),
    }
}
