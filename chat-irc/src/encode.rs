//! Encodes events about others.

use crate::capability::Capabilities;
use crate::ctcp::{Ctcp, DELIMITER};
use crate::form::is_one_line;
use crate::identity::{
    Mask, Word, channel, channel_parts, host, members, members_parts, real_name, username,
};
use crate::message_id::WireId;
use crate::mode::{Changes, list_letter, status_letter, user_changes};
use crate::output::{Output, Source};
use crate::split::{cut, exact_pieces, pieces};
use chat_core::{
    Actor, ChannelName, Event, List, Message, MessageKind, ModeChange, Nickname, PresenceChange,
    Signal, StatusSet, Target, Text, UserInfo,
};
use chat_dialects::Frames;

impl Output<'_> {
    /// Writes the lines of an event, the same for all readers of the form.
    pub(crate) fn event(&self, event: &Event, out: &mut Frames) {
        if let Event::Said(message) = event {
            self.message(message, out);
        } else if let Event::Signalled(signal) = event {
            self.signal(signal, out);
        } else {
            self.of(event).other_event(event, out);
        }
    }

    fn other_event(&self, event: &Event, out: &mut Frames) {
        if let Event::Joined { channel: name, user, away } = event {
            self.joined(name, user, away.as_ref(), out);
        } else if let Event::Left { channel: name, user, reason } = event {
            let (name, source) = (channel(name), Source::from(&**user));
            match reason {
                Some(reason) => self.line(out, source, format_args!("PART {name} :{reason}")),
                None => self.line(out, source, format_args!("PART {name}")),
            }
        } else if let Event::Quit { user, reason, .. } = event {
            let reason = reason.as_ref().map_or("", Text::as_str);
            self.line(out, &**user, format_args!("QUIT :{reason}"));
        } else if let Event::Renamed { from, to } = event {
            let (from_name, to_name) = (from.nickname.shown(), to.nickname.shown());
            if from_name != to_name {
                self.line(out, &**from, format_args!("NICK {to_name}"));
            }
        } else if let Event::UserInfoChanged { before, after } = event {
            self.user_info(before, after, out);
        } else if let Event::TopicChanged { channel: name, topic, by } = event {
            let topic = topic.as_ref().map_or("", |topic| topic.text.as_str());
            self.line(out, by, format_args!("TOPIC {} :{topic}", channel(name)));
        } else if let Event::ModesChanged { channel: name, changes, by, .. } = event {
            self.modes(name, changes, by, out);
        } else if let Event::RoleChanged { channel: name, user, before, after, by } = event {
            self.role(name, user, (*before, *after), by, out);
        } else if let Event::Kicked { channel: name, user, by, reason, .. } = event {
            self.kick(name, (&user.nickname, by), reason.as_ref(), out);
        } else if let Event::Invited { channel: name, user, by } = event {
            let (nickname, name) = (user.nickname.shown(), channel(name));
            self.line(out, by, format_args!("INVITE {nickname} {name}"));
        } else if let Event::AwayChanged { user, message } = event {
            self.away(user, message.as_ref(), out);
        } else if let Event::UserModesChanged { user, before, after } = event {
            if let Some(letters) = user_changes(*before, *after) {
                let nickname = user.nickname.shown();
                self.line(out, &**user, format_args!("MODE {nickname} {letters}"));
            }
        } else if let Event::PresenceChanged { user, change } = event {
            self.presence(user, change, out);
        } else if let Event::MessageChanged(change) = event {
            self.change(change, out);
        } else if let Event::Announced { by, text } = event {
            self.line(out, by, format_args!("WALLOPS :{text}"));
        } else {
            self.list_change(event, out);
        }
    }

    /// Writes the removal of a member.
    pub(crate) fn kick(
        &self,
        name: &ChannelName,
        (nickname, by): (&Nickname, &Actor),
        reason: Option<&Text>,
        out: &mut Frames,
    ) {
        let reason = reason.map_or_else(|| by.name(), Text::as_str);
        let (name, nickname) = (channel(name), nickname.shown());
        self.line(out, by, format_args!("KICK {name} {nickname} :{reason}"));
    }

    /// Writes a message: each line of it as a line, and long lines as several.
    pub(crate) fn message(&self, message: &Message, out: &mut Frames) {
        let (sign, name) = match &message.target {
            Target::Channel(name) => channel_parts(name),
            Target::Members { channel: name, least } => members_parts(name, *least),
            Target::User(nickname) => ("", nickname.shown()),
            _ => return,
        };
        let is_action = message.kind == MessageKind::Action;
        let command = if message.kind == MessageKind::Notice { "NOTICE" } else { "PRIVMSG" };
        let (before, after) = if is_action { (ACTION, "\u{1}") } else { ("", "") };
        let around = if is_action { ACTION.len() + 1 } else { 0 };
        let room = self.room_for_text(&message.sender, command, sign.len() + name.len());
        let room = room.saturating_sub(around).max(LEAST_ROOM);
        let line = |out: &mut Frames, is_first: bool, text: &str| {
            let pieces = [command, " ", sign, name, " :", before, text, after];
            self.line_of_message(out, message, is_first, &pieces);
        };
        let text = message.text.as_str();
        if text.len() <= room && is_one_line(text) {
            return line(out, true, text);
        }
        if self.form.has(Capabilities::MULTILINE.with(Capabilities::BATCH)) {
            let pieces = |line| exact_pieces(line, room).enumerate();
            let lines: Vec<_> = message.text.lines().flat_map(pieces).collect();
            if lines.len() > 1 {
                let id = format!("message-{}", WireId::from(message));
                let begin = ["BATCH +", &id, " draft/multiline ", sign, name];
                self.line_of_message(out, message, true, &begin);
                for (index, piece) in lines {
                    // Further pieces of a line continue it.
                    let concat = if index > 0 { ";draft/multiline-concat" } else { "" };
                    let tags = format_args!("batch={id}{concat}");
                    let rest = format_args!("{command} {sign}{name} :{before}{piece}{after}");
                    self.line_in_batch(out, &message.sender, tags, rest);
                }
                return self.line(out, Source::Server, format_args!("BATCH -{id}"));
            }
        }
        let mut is_first = true;
        for text in message.text.lines() {
            // A line without text is no message.
            let text = if text.is_empty() { " " } else { text };
            for piece in pieces(text, room) {
                line(out, is_first, piece);
                is_first = false;
            }
        }
    }

    /// Writes a signal: a CTCP, or tags, which only those see who read tags.
    pub(crate) fn signal(&self, signal: &Signal, out: &mut Frames) {
        let target = match &signal.target {
            Target::Channel(name) => channel(name),
            Target::Members { channel: name, least } => members(name, *least).into(),
            Target::User(nickname) => nickname.shown().into(),
            _ => return,
        };
        if let Some(ctcp) = Ctcp::of_data(&signal.data) {
            let command = ctcp.command();
            let room = self.room_for_text(&signal.sender, command, target.len()).saturating_sub(2);
            let text = cut(ctcp.text, room.max(LEAST_ROOM));
            let rest = format_args!("{command} {target} :{DELIMITER}{text}{DELIMITER}");
            return self.line_of_signal(out, signal, rest);
        }
        if !self.form.has(Capabilities::MESSAGE_TAGS) {
            return;
        }
        // Of a signal of another dialect, nothing may be left.
        if signal.data.iter().any(|(key, _)| key.starts_with('+')) {
            self.line_of_signal(out, signal, format_args!("TAGMSG {target}"));
        }
    }

    fn away(&self, user: &UserInfo, message: Option<&Text>, out: &mut Frames) {
        if self.form.has(Capabilities::AWAY_NOTIFY) {
            match message {
                Some(message) => self.line(out, user, format_args!("AWAY :{message}")),
                None => self.line(out, user, format_args!("AWAY")),
            }
        }
    }

    /// Writes the change of a monitored user. The numerics name no reader, so that all share them.
    fn presence(&self, user: &UserInfo, change: &PresenceChange, out: &mut Frames) {
        if matches!(change, PresenceChange::Online) {
            self.line(out, Source::Server, format_args!("730 * :{}", Mask(user)));
        } else if matches!(change, PresenceChange::Offline) {
            self.line(out, Source::Server, format_args!("731 * :{}", user.nickname.shown()));
        } else if self.form.has(Capabilities::EXTENDED_MONITOR) {
            if let PresenceChange::Away(message) = change {
                self.away(user, message.as_ref(), out);
            } else if let PresenceChange::Info(before) = change {
                self.user_info(before, user, out);
            }
        }
    }

    /// Writes that a user joined a channel, and is away.
    pub(crate) fn joined(
        &self,
        name: &ChannelName,
        user: &UserInfo,
        away: Option<&Text>,
        out: &mut Frames,
    ) {
        let name = channel(name);
        if self.form.has(Capabilities::EXTENDED_JOIN) {
            let account = user.account.as_ref().map_or("*", |account| account.as_str());
            let (account, real_name) = (Word(account), real_name(user));
            self.line(out, user, format_args!("JOIN {name} {account} :{real_name}"));
        } else {
            self.line(out, user, format_args!("JOIN {name}"));
        }
        if away.is_some() {
            self.without_id().away(user, away, out);
        }
    }

    fn user_info(&self, before: &UserInfo, after: &UserInfo, out: &mut Frames) {
        if before.account != after.account && self.form.has(Capabilities::ACCOUNT_NOTIFY) {
            let account = after.account.as_ref().map_or("*", |account| account.as_str());
            self.line(out, before, format_args!("ACCOUNT {}", Word(account)));
        }
        let is_moved = Mask(before).to_string() != Mask(after).to_string();
        if is_moved && self.form.has(Capabilities::CHGHOST) {
            self.line(out, before, format_args!("CHGHOST {} {}", username(after), host(after)));
        }
        if real_name(before) != real_name(after) && self.form.has(Capabilities::SETNAME) {
            self.line(out, after, format_args!("SETNAME :{}", real_name(after)));
        }
    }

    fn modes(&self, name: &ChannelName, changes: &[ModeChange], by: &Actor, out: &mut Frames) {
        let name = channel(name);
        let mut letters = Changes::default();
        letters.add_all(changes);
        if let Some(letters) = letters.finish() {
            self.line(out, by, format_args!("MODE {name} {letters}"));
        }
        // This mode has no letter, because it has no counterpart in IRC.
        for change in changes {
            if let ModeChange::Keep(keep) = change {
                let modes = chat_core::Modes { keep: *keep, ..chat_core::Modes::default() };
                let time = modes.written_keep();
                let time = time.as_deref().unwrap_or("as long as the server keeps them");
                let rest = format_args!("NOTICE {name} :Messages are kept: {time} (by {by})");
                self.without_id().line(out, Source::Server, rest);
            }
        }
    }

    fn role(
        &self,
        name: &ChannelName,
        user: &UserInfo,
        (before, after): (StatusSet, StatusSet),
        by: &Actor,
        out: &mut Frames,
    ) {
        let mut letters = Changes::default();
        for (from, to, on) in [(after, before, true), (before, after, false)] {
            for status in from.iter().filter(|status| !to.contains(*status)) {
                if let Some(letter) = status_letter(status) {
                    letters.add(on, letter, Some(user.nickname.shown()));
                }
            }
        }
        if let Some(letters) = letters.finish() {
            self.line(out, by, format_args!("MODE {} {letters}", channel(name)));
        }
    }

    /// Writes a change of a list of a channel.
    fn list_change(&self, event: &Event, out: &mut Frames) {
        if let Event::MaskChanged(change) = event {
            // Nothing has changed if the mask was on the list already.
            if change.changed {
                let (on, mask) = (change.listed, change.mask.as_str());
                self.list_mode(&change.channel, (on, change.list, mask), &change.by, out);
            }
            return;
        }
        let (name, nickname, by, on, list) =
            if let Event::Banned { channel, nickname, by, .. } = event {
                (channel, nickname, by, true, List::Bans)
            } else if let Event::Unbanned { channel, nickname, by } = event {
                (channel, nickname, by, false, List::Bans)
            } else if let Event::Exempted { channel, nickname, by, .. } = event {
                (channel, nickname, by, true, List::Exceptions)
            } else if let Event::Unexempted { channel, nickname, by } = event {
                (channel, nickname, by, false, List::Exceptions)
            } else if let Event::Muted { channel, nickname, by, .. } = event {
                (channel, nickname, by, true, List::Mutes)
            } else if let Event::Unmuted { channel, nickname, by } = event {
                (channel, nickname, by, false, List::Mutes)
            } else {
                return;
            };
        let mask = format!("{}!*@*", nickname.shown());
        self.list_mode(name, (on, list, &mask), by, out);
    }

    fn list_mode(
        &self,
        name: &ChannelName,
        (on, list, mask): (bool, List, &str),
        by: &Actor,
        out: &mut Frames,
    ) {
        let sign = if on { '+' } else { '-' };
        let ((letter, kind), name) = (list_letter(list), channel(name));
        self.line(out, by, format_args!("MODE {name} {sign}{letter} {kind}{mask}"));
    }
}

/// The beginning of a text that is an action.
const ACTION: &str = "\u{1}ACTION ";
/// The least room for the text of a message in a line, whatever the lengths of names.
const LEAST_ROOM: usize = 64;
