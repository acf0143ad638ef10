//! The conversation with one client in the text dialect.

use super::editing::edited;
use super::form::{ELSEWHERE, HERE, OWN};
use super::help;
use super::history::{self, HistoryLine, Problem};
use super::line_writer::LineWriter;
use super::mask;
use super::operator;
use super::parse::{Line, parse};
use super::render::{self, NAME_FIRST, NO_CHANNEL};
use super::style::{Naming, Style};
use super::words::{recipient, sentence};
use crate::hello::is_json_hello;
use crate::{Conversation, Fault, Form, Frames, Notice, Reaction};
use chat_core::{
    AppData, ChannelName, CloseReason, Command, Event, List, Message, MessageAction,
    MessageCommand, MessageId, MessageKind, Nickname, Peer, Query, Recipient, Refusal, RequestId,
    UserInfo,
};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

pub(super) struct TextConversation {
    style: Arc<Style>,
    /// The host has given the nickname, or decides it by a token.
    has_identity: bool,
    /// The client has sent a line that is not blank.
    has_sent: bool,
    name: Option<Nickname>,
    /// The last message that the client has sent, until it is deleted.
    last_sent: Option<MessageId>,
    /// The channels that the user is in. The last is the current one. It is stored inline, because
    /// each delivery reads it and most users are in one or two channels.
    channels: SmallVec<[ChannelName; 2]>,
}

impl TextConversation {
    pub(super) fn new(style: Arc<Style>, peer: &Peer) -> Self {
        let has_identity = peer.nickname.is_some() || peer.token.is_some();
        Self {
            style,
            has_identity,
            has_sent: false,
            name: None,
            last_sent: None,
            channels: SmallVec::new(),
        }
    }

    /// Returns the current channel.
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

    /// Leaves a channel. If it was the current one, the user is told the new current channel.
    fn leave(&mut self, channel: &ChannelName, reaction: &mut Reaction) {
        let was_on = self.is_on(channel);
        self.channels.retain(|other| &*other != channel);
        if was_on {
            render::write_current_channel(
                &self.style,
                reaction.at,
                self.current(),
                &mut reaction.frames,
            );
        }
    }

    /// Returns true for a private message that the user has sent from another session.
    fn is_own_from_another_session(&self, event: &Event) -> bool {
        let is_own =
            |message: &Message| self.name.as_ref().is_some_and(|own| message.sender.is_named(own));
        matches!(event, Event::Said(message) if is_own(message))
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
                nonce: None,
                data: AppData::default(),
                reply_to: None,
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

    /// Gives a command about the current channel.
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

    /// Changes the last message that the client has sent.
    fn change_last(&self, action: MessageAction, reaction: &mut Reaction) {
        match self.last_sent {
            Some(id) => {
                let command = MessageCommand { id, channel: None, action };
                reaction.command(None, Command::Message(command));
            }
            None => reaction.frames.push(NOTHING_SENT),
        }
    }

    fn switch(&mut self, channel: &str, reaction: &mut Reaction) {
        let name = ChannelName::parse(channel);
        match name.ok().filter(|name| self.channels.contains(name)) {
            Some(name) => {
                self.enter(&name);
                render::write_current_channel(
                    &self.style,
                    reaction.at,
                    self.current(),
                    &mut reaction.frames,
                );
            }
            None => {
                reaction.frames.push("You are not in that channel. Join it with: /join <channel>")
            }
        }
    }

    fn read_history(&self, line: &HistoryLine<'_>, reaction: &mut Reaction) {
        match line.command(&self.channels, reaction.at) {
            Ok((request, command)) => reaction.command(Some(request), command),
            Err(Problem::Time) => reaction.frames.push(format!("Usage: {}", history::USAGE)),
            Err(Problem::NoChannel) if self.name.is_some() => reaction.frames.push(NO_CHANNEL),
            Err(Problem::NoChannel) => {
                reaction.frames.push(NAME_FIRST);
                self.prompt(reaction);
            }
        }
    }

    fn help(&self, heading: &str, reaction: &mut Reaction) {
        reaction.frames.push(heading);
        help::COMMANDS.into_iter().for_each(|line| reaction.frames.push(line));
        if reaction.features.accounts {
            help::ACCOUNTS.into_iter().for_each(|line| reaction.frames.push(line));
        }
    }
}

impl Conversation for TextConversation {
    fn begin(&mut self, reaction: &mut Reaction) {
        match self.style.naming {
            Naming::Given => return reaction.command(None, identify()),
            Naming::Asked => {}
            Naming::Command => self.help(help::GREETING, reaction),
        }
        if self.has_identity {
            reaction.command(None, identify());
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
        if !self.has_sent && !text.trim_ascii().is_empty() {
            self.has_sent = true;
            if is_json_hello(text.as_bytes()) {
                reaction.frames.push(TEXT_ONLY);
                return reaction.end();
            }
        } else if is_json_hello(text.as_bytes()) && text.contains("\"token\"") {
            // It is too late to switch to another dialect, but the token must not become a message.
            reaction.frames.push(TOKEN_NOT_SENT);
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
                let to = recipient(user);
                let kind = MessageKind::Message;
                reaction.command(
                    None,
                    Command::Say {
                        to,
                        kind,
                        text: text.to_owned(),
                        nonce: None,
                        data: AppData::default(),
                        reply_to: None,
                    },
                );
            }
            Line::Delete(reason) => {
                self.change_last(MessageAction::Delete { reason: owned(reason) }, reaction);
            }
            Line::Edit(text) => {
                self.change_last(MessageAction::Edit { text: text.to_owned() }, reaction);
            }
            Line::Pin => self.change_last(MessageAction::Pin { pinned: true }, reaction),
            Line::Unpin => self.change_last(MessageAction::Pin { pinned: false }, reaction),
            Line::Pins(Some(channel)) => reaction.command(None, pins(channel.to_owned())),
            Line::Pins(None) => self.on_channel(reaction, pins),
            Line::History(line) => self.read_history(&line, reaction),
            Line::Search(search) => reaction.command(None, Command::Query(Query::Search(search))),
            Line::WhoIs(user) => {
                let query = Query::User { nickname: user.to_owned() };
                reaction.command(None, Command::Query(query));
            }
            Line::WhoWas(name) => {
                let query = Query::WasHere { nickname: name.to_owned(), limit: PAST_USERS };
                reaction.command(None, Command::Query(query));
            }
            Line::Bans(Some(channel)) => reaction.command(None, bans(channel.to_owned())),
            Line::Bans(None) => self.on_channel(reaction, bans),
            Line::Away(message) => {
                reaction.command(None, Command::SetAway { message: owned(message) });
            }
            Line::Role { user, change } => self.on_channel(reaction, |channel| Command::SetRole {
                channel,
                nickname: user.to_owned(),
                change,
            }),
            Line::Mute(user) => {
                self.on_channel(reaction, |channel| mask::add(List::Mutes, channel, user, None));
            }
            Line::Unmute(user) => {
                self.on_channel(reaction, |channel| mask::remove(List::Mutes, channel, user));
            }
            Line::Kick { user, reason } => self.on_channel(reaction, |channel| Command::Kick {
                channel,
                nickname: user.to_owned(),
                reason: owned(reason),
            }),
            Line::Ban { user, reason } => self.on_channel(reaction, |channel| {
                mask::add(List::Bans, channel, user, owned(reason))
            }),
            Line::Unban(user) => {
                self.on_channel(reaction, |channel| mask::remove(List::Bans, channel, user));
            }
            Line::Invite { user, channel: Some(channel) } => {
                let channel = channel.to_owned();
                reaction.command(None, mask::add(List::InviteExceptions, channel, user, None));
            }
            Line::Invite { user, channel: None } => self.on_channel(reaction, |channel| {
                mask::add(List::InviteExceptions, channel, user, None)
            }),
            Line::Uninvite(user) => self.on_channel(reaction, |channel| {
                mask::remove(List::InviteExceptions, channel, user)
            }),
            Line::Modes(changes) if changes.is_empty() => {
                self.on_channel(reaction, |channel| Command::ShowModes { channel });
            }
            Line::Modes(changes) => {
                self.on_channel(reaction, |channel| Command::SetModes { channel, changes });
            }
            Line::Account(command) => reaction.command(None, Command::Account(command)),
            Line::Operator(command) => reaction.command(None, command),
            Line::OperatorHelp => {
                reaction.frames.push(help::OPERATOR_HEADING);
                operator::COMMANDS.into_iter().for_each(|line| reaction.frames.push(line));
                self.prompt(reaction);
            }
            Line::PasswordInMessage => reaction.frames.push(PASSWORD_NOT_SENT),
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
        reaction.frames.push(sentence(&fault.to_string()));
        self.prompt(reaction);
    }

    fn reply(&mut self, request: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        let (style, form, at) = (&*self.style, self.form(event), reaction.at);
        let out = &mut reaction.frames;
        if let Event::History { .. } | Event::PrivateHistory { .. } = event {
            let is_current = form != ELSEWHERE;
            let mut lines = LineWriter { style, form, out };
            return history::write(&mut lines, at, request, event, is_current);
        }
        render::write_reply(style, form, at, event, out);
        match event {
            Event::Welcomed { user, lobby, .. } => {
                self.name = Some(user.nickname.clone());
                if let Some(roster) = lobby {
                    self.enter(&roster.channel);
                }
            }
            Event::Entered(roster) => self.enter(&roster.channel),
            Event::EnteredMany { entered, .. } => {
                entered.iter().for_each(|roster| self.enter(&roster.channel));
            }
            Event::Renamed { to, .. } => self.name = Some(to.nickname.clone()),
            Event::Sent { message, .. } => self.last_sent = Some(message.id),
            Event::MessageChanged(change) => {
                let deleted = change.message.deletion().map(|_| change.message.id);
                self.last_sent.take_if(|last| Some(*last) == deleted);
            }
            Event::Left { channel, .. } => self.leave(channel, reaction),
            // A server operator has closed a channel.
            Event::Kicked { .. } | Event::ChannelClosed { .. } => self.moved(event, reaction),
            Event::Banned { channel, nickname, .. } if self.name.as_ref() == Some(nickname) => {
                self.leave(channel, reaction);
            }
            Event::LoggedIn(login) => match &login.user {
                Some(user) => {
                    self.name = Some(user.nickname.clone());
                    if login.channels.is_some() {
                        // The channels of the account's user follow.
                        self.channels.clear();
                    }
                }
                None => reaction.command(None, identify()),
            },
            // The text dialect has no command with which the client could authenticate again.
            Event::Rejected(Refusal::AuthenticationFailed(_)) => reaction.end(),
            Event::Rejected(_) => self.prompt(reaction),
            Event::Joined { .. }
            | Event::Quit { .. }
            | Event::UserInfoChanged { .. }
            | Event::Goodbye { .. }
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
            | Event::MaskChanged(_)
            | Event::Invited { .. }
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::History { .. }
            | Event::Playback(_)
            | Event::PrivateHistory { .. }
            | Event::Missed { .. }
            | Event::ReadMarked { .. }
            | Event::Signalled(_)
            | Event::Found { .. }
            | Event::ListShown { .. }
            | Event::PinsShown { .. }
            | Event::Invitations { .. }
            | Event::Targets { .. }
            | Event::UserShown(_)
            | Event::WasHereShown { .. }
            | Event::UserModesChanged { .. }
            | Event::PresenceChanged { .. }
            | Event::WatchedShown { .. }
            | Event::Announced { .. }
            | Event::CountsShown(_)
            | Event::AwayChanged { .. }
            | Event::ChannelCreated { .. }
            | Event::ChannelDataChanged { .. }
            | Event::ServerBanned(_)
            | Event::ServerUnbanned { .. }
            | Event::ServerBansShown { .. }
            | Event::AuditLogShown { .. }
            | Event::Reported(_)
            | Event::ReportClosed { .. }
            | Event::ReportsShown { .. }
            | Event::Disconnected { .. }
            | Event::AccountRemoved { .. }
            | Event::LoggedOut
            | Event::PasswordChanged { .. }
            | Event::LoginChallenged { .. }
            | Event::SessionRevoked { .. }
            | Event::Sessions { .. } => {}
            _ => {}
        }
    }

    fn form(&self, event: &Event) -> Form {
        match event.channel() {
            Some(channel) if !self.is_on(channel) => ELSEWHERE,
            None if self.is_own_from_another_session(event) => OWN,
            Some(_) | None => HERE,
        }
    }

    fn moved(&mut self, event: &Event, reaction: &mut Reaction) {
        let is_own = |user: &UserInfo| self.name.as_ref() == Some(&user.nickname);
        if let Event::Kicked { channel, user, .. } | Event::Left { channel, user, .. } = event
            && is_own(user)
        {
            self.leave(channel, reaction);
        } else if let Event::ChannelClosed { channel, .. } = event {
            self.leave(channel, reaction);
        } else if let Event::Renamed { from, to } = event
            && is_own(from)
        {
            self.name = Some(to.nickname.clone());
        } else if let Event::Entered(roster) = event
            && !self.channels.contains(&roster.channel)
        {
            // Another session has joined the channel. The current channel of this one stays.
            self.channels.insert(0, roster.channel.clone());
        }
    }

    fn notice(&mut self, notice: &Notice<'_>, out: &mut Frames) {
        match notice {
            Notice::Lagged { missed } => out.push(format!("[missed {missed} messages]")),
            Notice::TurnedAway(why) => out.push(sentence(&why.to_string())),
            Notice::Closing(reason) => {
                if let Some(text) = closing_line(reason) {
                    out.push(&*text);
                }
            }
        }
    }
}

/// Takes the nickname that follows from the login, or a generated one.
fn identify() -> Command {
    Command::Identify {
        nickname: None,
        lobby: true,
        credential: None,
        reconnect_key: None,
        resume: None,
        profile: None,
    }
}

/// The answer to a client that changes its last message, and has sent none.
const NOTHING_SENT: &str = "You have not said anything here that could be changed.";

/// The most users that `/whowas` shows.
const PAST_USERS: usize = 10;

fn pins(channel: String) -> Command {
    Command::Query(Query::Pins { channel })
}

fn bans(channel: String) -> Command {
    Command::Query(Query::List { channel, list: List::Bans, offset: 0, limit: usize::MAX })
}

/// The answer to a client that speaks JSON on a connection for text. Its line may contain a token,
/// and does not become a message.
const TEXT_ONLY: &str = "{\"type\":\"error\",\"code\":\"bad_request\",\
    \"message\":\"this connection speaks text, for people; connect to tcp+json://, or offer the \
    WebSocket protocol chat.json\"}";

/// The answer to a JSON `hello` with a token that comes after other lines.
const TOKEN_NOT_SENT: &str =
    "That line has a token in it and was not said. Send it as the first line of a connection.";

/// The answer to a message that begins like a command with a password.
const PASSWORD_NOT_SENT: &str =
    "That line looks like a command with a password and was not said. Begin it with the slash.";

/// Returns the last line before a connection is closed; `None` if no line is sent.
fn closing_line(reason: &CloseReason) -> Option<Cow<'static, str>> {
    let line = match reason {
        CloseReason::Quit(_) | CloseReason::Disconnected | CloseReason::Refused => return None,
        CloseReason::Removed(reason) => {
            let reason = reason.as_ref().map(|reason| format!("You were removed: {reason}"));
            return Some(reason.map_or(Cow::Borrowed("You were removed. Goodbye!"), Cow::Owned));
        }
        CloseReason::NotNamed => "You took too long to set your name. Goodbye!",
        CloseReason::Expired => "Your login has expired. Goodbye!",
        CloseReason::Idle => "You have been idle for too long. Goodbye!",
        CloseReason::TooManyFaults => {
            "Too many faulty lines, or too many lines while one waits for its answer. Goodbye!"
        }
        CloseReason::TooSlow => "You read too slowly. Goodbye!",
        CloseReason::ShuttingDown => "Server shutting down. Goodbye!",
        _ => "The server has closed the connection. Goodbye!",
    };
    Some(line.into())
}
