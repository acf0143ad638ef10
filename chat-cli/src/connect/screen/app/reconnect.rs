//! Handles that the connection was opened or lost.

use super::{App, ConnectionState, Effect, LOBBY};
use crate::connect::connection::Welcome;
use crate::connect::event::{Kind, Message};
use crate::connect::names::channel_key;
use crate::connect::request::{Request, To};
use crate::connect::screen::room::RoomKind;
use chat_server::engine::Text;
use std::time::Duration;

impl App {
    pub(super) fn connected(&mut self, welcome: Welcome, offline: Duration) {
        let Welcome { nickname, session, epoch, limits, reconnected, account, login } = welcome;
        self.connected_to(account, login);
        // Older servers send none. Their session numbers start again after a restart.
        let is_restarted = match (&self.epoch, &epoch) {
            (Some(before), Some(now)) => before != now,
            _ => self.session.is_some_and(|before| session <= before),
        };
        (self.session, self.epoch) = (Some(session), epoch);
        self.requests.set_limits(limits);
        self.me = nickname;
        self.connection = ConnectionState::Online;
        let line = format!("connected to {} as {}", self.server, self.me);
        self.rooms[0].timeline.push_line(line);
        if let Some(channel) = self.first_channel.clone()
            && channel_key(&channel) != LOBBY
        {
            self.ask(Request::Join { channel, key: None });
        }
        let mut joins = Vec::new();
        for room in &mut self.rooms {
            if is_restarted {
                room.timeline.push_line("the server was restarted");
                room.server_restarted();
            }
            if room.joined {
                room.rejoining = true;
                if channel_key(room.name.as_str()) != LOBBY {
                    let (channel, key) = (room.name.to_string(), room.password.clone());
                    joins.push(Request::Join { channel, key });
                }
            }
        }
        for join in joins {
            self.ask(join);
        }
        if let Some(message) = self.away.clone() {
            self.ask(Request::Away { message: Some(message) });
        }
        self.offline += offline;
        self.send_again(reconnected && self.offline < SEND_AGAIN);
    }

    /// Sends messages again that were not acknowledged when the connection was lost, if the server
    /// recognises those that it has accepted.
    fn send_again(&mut self, is_recognised: bool) {
        for mut request in std::mem::take(&mut self.unsent) {
            if let Request::Chat { nonce: Some(_), again, .. } = &mut request
                && is_recognised
            {
                *again = true;
                self.ask(request);
            } else if let Request::Chat { to, text, .. } = request {
                self.note_in(&to, format!("this may not have been sent: {}", Text::clean(&text)));
            }
        }
    }

    /// Shows a message that was sent again. If the server had accepted it before, it does not send
    /// it itself.
    pub(super) fn acknowledged(&mut self, request: Request, id: u64, at: Text) {
        let Request::Chat { to, kind, text, again: true, .. } = request else { return };
        let (channel, to) = match to {
            To::Channel(name) => (Some(Text::clean(&name)), None),
            To::User(name) => (None, Some(Text::clean(&name))),
        };
        let (nickname, text, kind) = (self.me.clone(), Text::clean(&text), Kind::named(kind));
        self.show_own(Message { id, at, nickname, system: false, channel, to, text, kind });
    }

    /// Shows a line in the room of a recipient.
    fn note_in(&mut self, to: &To, line: String) {
        let (kind, name) = match to {
            To::Channel(name) => (RoomKind::Channel, name),
            To::User(name) => (RoomKind::User, name),
        };
        let index = self.index(kind, name).unwrap_or(0);
        self.rooms[index].timeline.push_line(line);
    }

    pub(super) fn lost(&mut self, why: String, delay: Duration) {
        self.cancel_question();
        if self.quitting {
            self.effects.push(Effect::Exit);
        }
        let was_online = self.connection == ConnectionState::Online;
        for room in &mut self.rooms {
            room.disconnected();
            if was_online && (room.joined || room.kind == RoomKind::Home) {
                room.timeline.push_line(why.clone());
            }
        }
        self.connection = ConnectionState::Waiting { why, delay };
        for request in self.requests.reset() {
            if let Request::Chat { to, text, nonce, .. } = &request {
                if nonce.is_some() {
                    let text = Text::clean(text);
                    self.note_in(to, format!("this is sent again after reconnecting: {text}"));
                }
                self.unsent.push(request);
            }
        }
        // Without random numbers, messages have no nonces.
        if self.unsent.iter().any(|request| matches!(request, Request::Chat { nonce: None, .. })) {
            self.send_again(false);
        }
    }
}

/// The longest time without a connection after which messages are sent again. The server remembers
/// nonces for ten minutes.
const SEND_AGAIN: Duration = Duration::from_secs(5 * 60);
