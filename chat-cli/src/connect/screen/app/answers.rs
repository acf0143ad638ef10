//! Handles the answers of the server.

use super::{App, Effect, NOTHING_OLDER};
use crate::connect::describe;
use crate::connect::event::{Event, Incoming, Role};
use crate::connect::names::same_user;
use crate::connect::request::{Range, Request, RoleChange, To};
use crate::connect::requests::Answer;
use crate::connect::screen::room::{CatchUp, Older, RoomKind};
use chat_server::engine::{Message, Text};
use std::time::Duration;

impl App {
    pub(super) fn frame(&mut self, frame: Incoming) {
        let answer = self.requests.answered(&frame);
        self.settle(answer, frame.event);
    }

    /// Handles an event by its relation to the requests.
    pub(super) fn settle(&mut self, answer: Answer, event: Event) {
        match answer {
            Answer::To(request) => {
                // Requests are sent one by one, so that none of the others has been sent before.
                self.offline = Duration::ZERO;
                self.answered(request, event);
            }
            Answer::ToBackground(request) => self.background_answered(request, event),
            Answer::RetryIn(wait) => self.effects.push(Effect::RetryIn(wait)),
            Answer::Unrelated => self.handle_event(event),
        }
    }

    /// Handles the answer to a request of the user.
    fn answered(&mut self, request: Request, mut event: Event) {
        if let Event::Found { messages, .. } = &mut event {
            messages.retain(|said| !self.ignored.has(said.nickname.as_str()));
        }
        let lines = describe::answer_lines(&request, &event, self.me.as_str());
        match event {
            Event::Roster { .. } => return self.handle_event_for(event, Some(request)),
            Event::Error { .. } => return self.refused(request, lines),
            Event::Goodbye => self.effects.push(Effect::Exit),
            Event::Channels { channels, .. } => {
                self.listed = channels.into_iter().map(|channel| channel.name).collect();
            }
            Event::Users { channel: Some(channel), count, users } => {
                if let Some(room) = self.known_channel(channel.as_str()) {
                    room.set_users(users, count);
                }
            }
            Event::Topic { channel, topic, .. } => {
                if let Some(room) = self.known_channel(channel.as_str()) {
                    room.topic = topic;
                }
            }
            Event::Done => return self.done(request, lines),
            Event::Registered(login) => self.logged_in(login),
            Event::LoggedIn(login) => {
                self.logged_in(login);
                self.reenter();
            }
            Event::Ack { id: Some(id), at: Some(at), .. } => self.acknowledged(request, id, at),
            Event::Users { channel: None, .. }
            | Event::Sessions { .. }
            | Event::Welcome { .. }
            | Event::Ack { .. }
            | Event::Ping
            | Event::Pong
            | Event::Modes { .. }
            | Event::History { .. }
            | Event::Missed { .. }
            | Event::Read { .. }
            | Event::Found { .. }
            | Event::Chat(_)
            | Event::UserJoined { .. }
            | Event::UserLeft { .. }
            | Event::Renamed { .. }
            | Event::Role { .. }
            | Event::Kicked { .. }
            | Event::ChannelClosed { .. }
            | Event::Deleted(_)
            | Event::Edited(_)
            | Event::Muted { .. }
            | Event::Unmuted { .. }
            | Event::Invited { .. }
            | Event::Away { .. }
            | Event::Lagged { .. }
            | Event::ShuttingDown
            | Event::Unknown => {}
        }
        lines.into_iter().for_each(|line| self.note(line));
    }

    fn refused(&mut self, request: Request, lines: Vec<String>) {
        if let Request::Join { .. } = &request {
            self.first_channel = None;
        }
        if let Request::Join { channel, .. } = &request
            && let Some(index) = self.index(RoomKind::Channel, channel)
            && self.rooms[index].rejoining
        {
            let room = &mut self.rooms[index];
            room.set_left();
            lines.into_iter().for_each(|line| room.timeline.push_line(line));
            return;
        }
        if let Request::Quit { .. } = &request {
            self.quitting = false;
            self.effects.push(Effect::Stay);
        }
        lines.into_iter().for_each(|line| self.note(line));
    }

    /// Handles an `ok`: the server does not send the event itself to the user who caused it.
    fn done(&mut self, request: Request, lines: Vec<String>) {
        match request {
            Request::Rename { nickname } => {
                let from = self.me.clone();
                return self.renamed(from, Text::clean(&nickname));
            }
            Request::Leave { channel } => {
                if let Some(index) = self.index(RoomKind::Channel, &channel) {
                    self.close(index);
                }
            }
            Request::Topic { channel, topic } => {
                if let Some(room) = self.known_channel(&channel) {
                    room.topic = topic.map(|topic| Text::clean(&topic));
                }
            }
            Request::Kick(member) | Request::Ban(member) => {
                let is_me = same_user(&member.nickname, self.me.as_str());
                if let Some(room) = self.known_channel(&member.channel) {
                    match (is_me, room.has(&member.nickname)) {
                        (true, _) => room.set_left(),
                        (false, true) => room.leaves(&member.nickname),
                        (false, false) => {}
                    }
                }
            }
            Request::Role { channel, nickname, change } => match change {
                RoleChange::Grant("operator") | RoleChange::Role("owner") => {
                    let operator = change == RoleChange::Grant("operator");
                    let role = if operator { Role::Operator } else { Role::Owner };
                    let room = self.known_channel(&channel);
                    if let Some(person) = room.and_then(|room| room.person(&nickname)) {
                        person.role = person.role.min(role);
                    }
                }
                // Only the server knows the role that the user has now. A join returns the roster.
                RoleChange::Grant(_) | RoleChange::Revoke(_) | RoleChange::Role(_) => {
                    self.requests.push_background(Request::Join { channel, key: None });
                }
            },
            Request::Away { message } => {
                let me = self.me.clone();
                self.set_away(&me, message.is_some());
                self.away = message;
            }
            Request::Edit { id, text } => self.replace(id, &Text::clean_lines(&text)),
            Request::Delete { id, .. } => self.replace(id, &Text::clean(Message::DELETED)),
            Request::LogOut | Request::DeleteAccount { .. } => return self.logged_out(),
            Request::Register { .. }
            | Request::LogIn(_)
            | Request::Password { .. }
            | Request::Sessions
            | Request::Revoke { .. }
            | Request::Hello { .. }
            | Request::Join { .. }
            | Request::Chat { .. }
            | Request::Users { .. }
            | Request::Channels
            | Request::History { .. }
            | Request::Search { .. }
            | Request::Missed { .. }
            | Request::Read { .. }
            | Request::Unban(_)
            | Request::Mute(_)
            | Request::Unmute(_)
            | Request::Invite(_)
            | Request::Modes { .. }
            | Request::Ping
            | Request::Quit { .. } => {}
        }
        lines.into_iter().for_each(|line| self.note(line));
    }

    /// Handles the answer to a background request.
    fn background_answered(&mut self, request: Request, event: Event) {
        if let Request::History { of, range, .. } = request {
            return self.add_history(&of, range, event);
        }
        if let Request::Missed { .. } = request {
            return self.missed_answered(event);
        }
        if let Event::Users { channel: Some(channel), count, users } = event {
            if let Some(room) = self.known_channel(channel.as_str()) {
                room.set_users(users, count);
            }
        } else if let Event::Roster { channel, topic, count, members, unread } = event
            && let Some(index) = self.index(RoomKind::Channel, channel.as_str())
        {
            let room = &mut self.rooms[index];
            room.topic = topic;
            room.set_members(members, count);
            self.take_unread(index, unread);
        }
    }

    /// Handles a page of history, or an error in its place.
    fn add_history(&mut self, of: &To, range: Range, event: Event) {
        let Some(index) = self.index_of(of) else { return };
        let Event::History { messages, more, .. } = event else {
            return self.rooms[index].no_history();
        };
        for message in &messages {
            self.received.arrived(message.id);
        }
        let page = messages.into_iter().map(|message| self.said(message)).collect();
        let is_new = match self.rooms[index].catch_up {
            CatchUp::Checking | CatchUp::After => true,
            CatchUp::Newest { all } => all,
            CatchUp::Done => false,
        };
        let requested = self.rooms[index].older == Older::Requested;
        let (news, next) = self.rooms[index].add_history(range, page, more);
        // The server has counted them already.
        let is_counted = self.rooms[index].is_counted;
        if is_new && index != self.current && !is_counted {
            let room = &mut self.rooms[index];
            room.unread += news.unread;
            room.mentions += news.mentions;
        }
        if requested && news.messages == 0 && index == self.current {
            self.note(NOTHING_OLDER);
        }
        if let Some(next) = next {
            self.requests.continue_background(next);
        }
    }
}
