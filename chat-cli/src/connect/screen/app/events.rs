//! Handles the events of the server.

use super::{App, Effect};
use crate::connect::describe;
use crate::connect::event::{Event, Message};
use crate::connect::names::{nickname_key, same_user};
use crate::connect::request::Request;
use crate::connect::screen::room::{CatchUp, RoomKind, other_side};
use crate::connect::screen::rows;
use crate::connect::screen::timeline::TimelineMessage;
use chat_server::engine::Text;
use jiff::Timestamp;

/// The text in place of a deleted one.
const DELETED: &str = "[deleted]";

impl App {
    pub(super) fn handle_event(&mut self, event: Event) {
        self.handle_event_for(event, None);
    }

    pub(super) fn handle_event_for(&mut self, event: Event, request: Option<Request>) {
        let line = describe::event_line(&event);
        let channel = event.channel().cloned();
        let concerns_me = self.concerns_me(&event);
        match event {
            Event::Chat(message) => return self.chat(message),
            Event::Missed { messages, changed, more } => {
                changed.iter().for_each(|message| self.replace(message.id, &message.text));
                return self.missed(messages, more);
            }
            Event::Edited(message) => self.replace(message.id, &message.text),
            Event::Deleted(deleted) => self.replace(deleted.id, &Text::clean(DELETED)),
            Event::Read { channel, to, id } => return self.read_elsewhere(channel, to, id),
            Event::Roster { channel, topic, count, members, unread } => {
                self.first_channel = None;
                let index = self.open(RoomKind::Channel, &channel);
                let room = &mut self.rooms[index];
                let is_known = room.joined && !room.rejoining;
                let is_back = room.rejoining;
                room.topic = topic;
                room.set_members(members, count);
                if let Some(Request::Join { key: Some(key), .. }) = request {
                    room.password = Some(key);
                }
                if !is_known {
                    let history = room.enter();
                    self.requests_in_background(Some(history));
                    let channel = Some(channel.to_string());
                    self.requests_in_background(Some(Request::Users { channel }));
                }
                if !is_back {
                    self.current = index;
                }
                self.take_unread(index, unread);
                return;
            }
            Event::UserJoined { channel, nickname } => {
                if let Some(room) = self.known_channel(channel.as_str()) {
                    room.joins(nickname);
                }
            }
            Event::UserLeft { channel, nickname, .. } => {
                // The user's own departure is announced if another session of the user has left.
                let is_me = same_user(nickname.as_str(), self.me.as_str());
                if let Some(room) = self.known_channel(channel.as_str()) {
                    if is_me { room.set_left() } else { room.leaves(nickname.as_str()) }
                }
            }
            Event::Renamed { from, to } => return self.renamed(from, to),
            Event::Topic { channel, topic, .. } => {
                if let Some(room) = self.known_channel(channel.as_str()) {
                    room.topic = topic.filter(|topic| !topic.is_empty());
                }
            }
            Event::Role { channel, nickname, role, .. } => {
                let room = self.known_channel(channel.as_str());
                if let Some(person) = room.and_then(|room| room.person(nickname.as_str())) {
                    person.role = role;
                }
            }
            Event::Kicked { channel, nickname, .. } => {
                let is_me = same_user(nickname.as_str(), self.me.as_str());
                if let Some(room) = self.known_channel(channel.as_str()) {
                    if is_me { room.set_left() } else { room.leaves(nickname.as_str()) }
                }
            }
            Event::ChannelClosed { channel, .. } => {
                if let Some(room) = self.known_channel(channel.as_str()) {
                    room.set_left();
                }
            }
            Event::Away { nickname, message } => {
                self.set_away(&nickname, message.is_some());
                if let Some(index) = self.index(RoomKind::User, nickname.as_str()) {
                    self.rooms[index].timeline.push_line(line.unwrap_or_default());
                }
                return;
            }
            Event::Lagged { .. } => {
                self.lagged();
                self.fetch_missed();
            }
            Event::Invited { by, .. } => {
                if !self.ignored.has(by.as_str()) {
                    line.into_iter().for_each(|line| self.note(line));
                    self.alerts += 1;
                    self.alert();
                }
                return;
            }
            Event::Welcome { .. }
            | Event::Registered(_)
            | Event::LoggedIn(_)
            | Event::Sessions { .. }
            | Event::Done
            | Event::Ack { .. }
            | Event::Ping
            | Event::Pong
            | Event::Goodbye
            | Event::Users { .. }
            | Event::Channels { .. }
            | Event::Modes { .. }
            | Event::History { .. }
            | Event::Found { .. }
            | Event::Error { .. }
            | Event::Muted { .. }
            | Event::Unmuted { .. }
            | Event::ShuttingDown
            | Event::Unknown => {}
        }
        let Some(line) = line else { return };
        let index = channel.and_then(|channel| self.index(RoomKind::Channel, channel.as_str()));
        let index = index.unwrap_or(self.current);
        if concerns_me {
            if index == self.current {
                self.alerts += 1;
            } else {
                // On a small screen, the list of channels may not be visible.
                self.rooms[index].mentions += 1;
                self.note(line.clone());
            }
            self.alert();
        }
        self.push_line(index, line);
    }

    /// Alerts the user.
    fn alert(&mut self) {
        self.effects.push(Effect::Bell);
    }

    /// Returns true if another user has acted on this user.
    fn concerns_me(&self, event: &Event) -> bool {
        let (Event::Kicked { nickname, by, .. }
        | Event::Muted { nickname, by, .. }
        | Event::Unmuted { nickname, by, .. }
        | Event::Role { nickname, by, .. }) = event
        else {
            return false;
        };
        let me = self.me.as_str();
        same_user(nickname.as_str(), me) && !same_user(by.as_str(), me)
    }

    fn push_line(&mut self, index: usize, line: String) {
        self.rooms[index].timeline.push_line(line);
        self.hold_scrolled(index);
    }

    /// Replaces the text of a message, wherever it is shown.
    pub(super) fn replace(&mut self, id: u64, text: &Text) {
        for room in &mut self.rooms {
            room.timeline.replace(id, text);
        }
    }

    fn chat(&mut self, message: Message) {
        self.received.arrived(message.id);
        self.hear(message, true);
    }

    /// Shows a message. If `is_live` is false, the server may have counted it as unread already.
    pub(super) fn hear(&mut self, message: Message, is_live: bool) {
        let id = message.id;
        // The user may have another name on another device.
        let is_mine = same_user(message.nickname.as_str(), self.me.as_str())
            || self.account.is_some() && message.account == self.account;
        let is_private = message.channel.is_none();
        if is_private && self.ignored.has(message.nickname.as_str()) {
            return;
        }
        let index = match &message.channel {
            Some(channel) => self.open(RoomKind::Channel, channel),
            None => self.open(RoomKind::User, other_side(&message, is_mine)),
        };
        let said = self.said(message);
        if is_private && self.rooms[index].timeline.has(&said) {
            return;
        }
        let is_shown = !said.hidden;
        let mentions = !is_mine && (is_private || said.mentions);
        let is_new = if is_private {
            self.rooms[index].timeline.insert_new(said)
        } else {
            self.rooms[index].receive(said)
        };
        if is_mine && is_private && is_live {
            self.current = index;
        }
        if !is_new || !is_shown {
            return;
        }
        let room = &mut self.rooms[index];
        let is_seen = index == self.current && room.scroll == 0;
        let is_read = id <= room.last_read || !is_live && (room.is_counted || is_mine);
        if is_seen {
            self.alerts += usize::from(mentions && is_live);
        } else if !is_read {
            room.unread += 1;
            room.mentions += usize::from(mentions);
        }
        if mentions && is_live {
            self.alert();
        }
        self.hold_scrolled(index);
    }

    /// Shows a message of the user, unless it is shown already.
    pub(super) fn show_own(&mut self, message: Message) {
        let index = match (&message.channel, &message.to) {
            (Some(channel), _) => self.open(RoomKind::Channel, channel),
            (None, Some(user)) => self.open(RoomKind::User, user),
            (None, None) => return,
        };
        let is_private = message.channel.is_none();
        let said = self.said(message);
        if is_private && self.rooms[index].timeline.has(&said) {
            return;
        }
        let is_new = if is_private {
            self.rooms[index].timeline.insert_new(said)
        } else {
            self.rooms[index].receive(said)
        };
        if is_new {
            self.hold_scrolled(index);
        }
    }

    /// Keeps the visible rows in place if a row was added below them.
    fn hold_scrolled(&mut self, index: usize) {
        let width = usize::from(self.areas().middle.width);
        let room = &mut self.rooms[index];
        if room.scroll > 0
            && let Some((newest, day)) = room.timeline.shown().next()
        {
            room.scroll += rows::entry(newest, day, width).len();
        }
    }

    pub(super) fn said(&self, message: Message) -> TimelineMessage {
        let at = message.at.as_str().parse::<Timestamp>();
        let time = at.ok().map(|at| at.to_zoned(self.zone.clone()).datetime());
        let is_mine = same_user(message.nickname.as_str(), self.me.as_str());
        let (text, me) = (message.text.as_str().to_lowercase(), nickname_key(self.me.as_str()));
        let mut said = TimelineMessage::new(message, time);
        said.mentions = !is_mine
            && text.split(|c: char| !c.is_alphanumeric() && !me.contains(c)).any(|word| word == me);
        said.hidden = self.ignored.has(said.nickname.as_str());
        said
    }

    pub(super) fn renamed(&mut self, from: Text, to: Text) {
        if same_user(from.as_str(), self.me.as_str()) {
            self.me = to.clone();
        }
        self.ignored.rename(from.as_str(), &to);
        let line = format!("* {from} is now known as {to}");
        for index in 0..self.rooms.len() {
            let room = &mut self.rooms[index];
            if room.has(from.as_str()) {
                room.renames(from.as_str(), &to);
            } else if room.is(RoomKind::User, from.as_str()) {
                room.rename(to.clone());
            } else {
                continue;
            }
            self.push_line(index, line.clone());
        }
    }

    pub(super) fn set_away(&mut self, nickname: &Text, away: bool) {
        for room in &mut self.rooms {
            if let Some(person) = room.person(nickname.as_str()) {
                person.away = away;
            }
        }
    }

    /// Handles that the server has dropped events: fetches the missing messages and the members.
    pub(super) fn lagged(&mut self) {
        let joined = self.rooms.iter_mut().filter(|room| room.joined);
        let requests: Vec<Request> = joined
            .filter(|room| room.catch_up == CatchUp::Done)
            .flat_map(|room| {
                let channel = Some(room.name.to_string());
                [room.catch_up(), Request::Users { channel }]
            })
            .collect();
        self.requests_in_background(requests);
    }
}
