//! Messages that the user has missed, and has read, here and on other devices.

use super::{App, ConnectionState, Effect};
use crate::connect::event::{Conversation, Event, Message, Unread};
use crate::connect::names::same_user;
use crate::connect::received::{PASSING, ResumePoint};
use crate::connect::request::Request;
use crate::connect::screen::room::RoomKind;
use chat_server::engine::Text;
use std::time::Duration;

impl App {
    /// Returns the place at which the next connection continues.
    pub(in crate::connect::screen) fn resume_point(&self) -> &ResumePoint {
        self.received.point()
    }

    /// Returns the place at which the next client of the account continues. It is before unread
    /// private messages, which this client has received and the user has not seen.
    pub(in crate::connect::screen) fn next_start(&self) -> ResumePoint {
        let mut point = self.received.point().clone();
        for room in self.rooms.iter().filter(|room| room.kind == RoomKind::User) {
            let unread = room.timeline.after(0).take(room.unread).last();
            point.id = unread.map_or(point.id, |said| point.id.min(said.id.saturating_sub(1)));
        }
        point
    }

    /// Shows a page of missed messages, and asks for the next one.
    pub(super) fn missed(&mut self, messages: Vec<Message>, more: bool) {
        let last = messages.last().map(|message| message.id);
        for message in messages {
            self.hear(message, false);
        }
        self.received.page(last, more);
        match (more, last) {
            (true, Some(_)) => self.ask_for_missed(),
            // The server cannot read its store now.
            (true, None) => self.effects.push(Effect::AskAgainIn(ASK_AGAIN)),
            (false, _) => self.send_waiting(),
        }
    }

    /// Handles the answer to a request for missed messages.
    pub(super) fn missed_answered(&mut self, event: Event) {
        if let Event::Missed { messages, more, .. } = event {
            return self.missed(messages, more);
        }
        let mut is_possible = false;
        if let Event::Error { code, message, .. } = event {
            is_possible = PASSING.contains(&code.as_str());
            if !is_possible {
                self.note(format!("missed messages could not be fetched: {message}"));
            }
        }
        self.missed(Vec::new(), is_possible);
    }

    /// Fetches the messages that the server has dropped, if it has them.
    pub(super) fn fetch_missed(&mut self) {
        if self.account.is_some() {
            self.received.begin();
            self.ask_for_missed();
        }
    }

    pub(super) fn ask_for_missed(&mut self) {
        if self.connection == ConnectionState::Online && self.received.is_catching_up() {
            let after = self.received.point().id;
            self.requests.continue_background(Request::Missed { after });
        }
    }

    /// Takes over what the server knows about the unread messages of a channel.
    pub(super) fn take_unread(&mut self, index: usize, unread: Unread) {
        let room = &mut self.rooms[index];
        let Unread { last_read, messages, mentions } = unread;
        // Until the server has received what was read here, its numbers are too high.
        room.is_counted = messages.is_some() && last_read >= room.last_read;
        room.reported = last_read;
        if let Some(messages) = messages.filter(|_| room.is_counted) {
            room.last_read = last_read;
            let is_private = room.kind == RoomKind::User;
            room.unread = messages;
            room.mentions = if is_private { messages } else { mentions };
        }
    }

    /// Takes over what the server knows about private conversations. If the missed messages do not
    /// follow, opens those with unread messages.
    pub(super) fn take_conversations(&mut self, conversations: Vec<Conversation>, resumed: bool) {
        for room in self.rooms.iter_mut().filter(|room| room.kind == RoomKind::User) {
            room.is_counted = false;
        }
        for Conversation { nickname, unread } in conversations {
            let is_unread = unread.messages.is_some_and(|count| count > 0);
            let is_closed = self.index(RoomKind::User, nickname.as_str()).is_none();
            if is_unread && is_closed && !resumed && !self.ignored.has(nickname.as_str()) {
                let index = self.open(RoomKind::User, &nickname);
                let history = self.rooms[index].catch_up();
                self.requests_in_background([history]);
            }
            if let Some(index) = self.index(RoomKind::User, nickname.as_str()) {
                self.take_unread(index, unread);
            }
        }
    }

    /// Handles that the user has read messages on another device.
    pub(super) fn read_elsewhere(&mut self, channel: Option<Text>, to: Option<Text>, id: u64) {
        let index = match (channel, to) {
            (Some(channel), _) => self.index(RoomKind::Channel, channel.as_str()),
            (None, Some(user)) => self.index(RoomKind::User, user.as_str()),
            (None, None) => None,
        };
        let Some(index) = index else { return };
        let me = self.me.clone();
        let room = &mut self.rooms[index];
        if id <= room.last_read {
            return;
        }
        (room.last_read, room.reported) = (id, id);
        let is_private = room.kind == RoomKind::User;
        let others = || {
            let left = room.timeline.after(id);
            left.filter(|said| !same_user(said.nickname.as_str(), me.as_str()))
        };
        let (unread, mentions) =
            (others().count(), others().filter(|said| is_private || said.mentions).count());
        room.unread = room.unread.min(unread);
        room.mentions = room.mentions.min(mentions);
    }

    /// Arranges for a report, if the user has read something in the room that is shown.
    pub(super) fn report_later(&mut self) {
        if !self.reporting && self.unreported().is_some() {
            self.reporting = true;
            self.effects.push(Effect::ReportIn(REPORT));
        }
    }

    /// Tells the server what the user has read, so that it is read on the other devices too.
    pub(super) fn report(&mut self) {
        self.reporting = false;
        if let Some(request) = self.unreported() {
            let room = &mut self.rooms[self.current];
            room.reported = room.last_read;
            self.requests.push_background(request);
        }
    }

    fn unreported(&self) -> Option<Request> {
        let room = self.room();
        let is_due = self.account.is_some()
            && self.connection == ConnectionState::Online
            && room.joined_or_private()
            && room.last_read > room.reported;
        let id = room.last_read;
        room.to().filter(|_| is_due).map(|to| Request::Read { to, id })
    }
}

/// The least time between two reports.
const REPORT: Duration = Duration::from_secs(1);
/// The delay before missed messages are requested again that the server cannot read now.
const ASK_AGAIN: Duration = Duration::from_secs(2);
