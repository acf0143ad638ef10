//! Handles that the connection was opened or lost.

use super::{App, ConnectionState, Effect, LOBBY};
use crate::connect::connection::Welcome;
use crate::connect::event::{Kind, Message, ReplyTo};
use crate::connect::names::channel_key;
use crate::connect::request::{Parent, Request, To};
use crate::connect::screen::room::RoomKind;
use chat_server::engine::Text;
use std::time::Duration;

impl App {
    pub(super) fn connected(&mut self, welcome: Welcome, offline: Duration) {
        let Welcome { nickname, session, epoch, limits, reconnected, account, login, .. } = welcome;
        self.connected_to(account, login);
        self.received.welcomed(epoch.as_ref(), welcome.resumed);
        // Older servers send none. Their session numbers start again after a restart.
        let is_restarted = match (&self.epoch, &epoch) {
            (Some(before), Some(now)) => before != now,
            _ => self.session.is_some_and(|before| session <= before),
        };
        (self.session, self.epoch) = (Some(session), epoch);
        self.requests.set_limits(limits);
        self.me = nickname;
        (self.connection, self.reentering) = (ConnectionState::Online, false);
        let line = format!("connected to {} as {}", self.server, self.me);
        self.rooms[0].timeline.push_line(line);
        if let Some(channel) = self.first_channel.clone()
            && channel_key(&channel) != LOBBY
        {
            self.ask(Request::Join { channel, key: None });
        }
        // The server sends the rosters of the channels that the user is still in.
        let kept = welcome.channels.map(|channels| self.kept(&channels));
        let mut joins = Vec::new();
        for room in &mut self.rooms {
            if is_restarted {
                room.timeline.push_line("the server was restarted");
                room.server_restarted();
            }
            if let Some(kept) = &kept
                && room.joined
                && !kept.contains(&channel_key(room.name.as_str()))
            {
                room.set_left();
                room.timeline.push_line("you are not in this channel any more");
            }
            if room.joined {
                room.rejoining = true;
                if kept.is_none() && channel_key(room.name.as_str()) != LOBBY {
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
        self.take_conversations(welcome.conversations, welcome.resumed == Some(true));
        self.offline += offline;
        self.is_recognised = reconnected && self.offline < SEND_AGAIN;
        if !self.received.is_catching_up() {
            self.send_waiting();
        }
    }

    /// Prepares the rooms of the channels that the user is still in, except for the one that is to
    /// be shown first. Returns the keys of all of them.
    fn kept(&mut self, channels: &[Text]) -> Vec<String> {
        let first = self.first_channel.as_deref().map(channel_key);
        let mut keys = Vec::new();
        for channel in channels {
            let key = channel_key(channel.as_str());
            if first.as_ref() != Some(&key) {
                let index = self.open(RoomKind::Channel, channel);
                self.rooms[index].rejoining = true;
            }
            keys.push(key);
        }
        keys
    }

    /// Sends the messages again that wait until the missed messages have been received.
    pub(super) fn send_waiting(&mut self) {
        let is_recognised = std::mem::take(&mut self.is_recognised);
        self.send_again(is_recognised);
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
        self.received.arrived(id);
        let Request::Chat { to, kind, text, reply_to, again: true, .. } = request else { return };
        let (channel, to) = match to {
            To::Channel(name) => (Some(Text::clean(&name)), None),
            To::User(name) => (None, Some(Text::clean(&name))),
        };
        let (nickname, text, kind) = (self.me.clone(), Text::clean(&text), Kind::named(kind));
        let account = self.account.clone();
        let (system, reply_to) =
            (false, reply_to.map(|Parent { nickname, .. }| ReplyTo { nickname }));
        self.show_own(Message {
            id,
            at,
            nickname,
            account,
            system,
            channel,
            to,
            text,
            kind,
            reply_to,
        });
    }

    /// Shows a line in the room of a recipient.
    fn note_in(&mut self, to: &To, line: String) {
        let index = self.index_of(to).unwrap_or(0);
        self.rooms[index].timeline.push_line(line);
    }

    pub(super) fn lost(&mut self, why: String, delay: Duration) {
        self.cancel_question();
        self.reentering = false;
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
