//! Handles that the connection was opened or lost.

use super::{App, ConnectionState, Effect, LOBBY};
use crate::connect::connection::Welcome;
use crate::connect::names::channel_key;
use crate::connect::request::{Request, To};
use crate::connect::screen::room::RoomKind;
use chat_server::engine::Text;
use std::time::Duration;

impl App {
    pub(super) fn connected(&mut self, welcome: Welcome) {
        let Welcome { nickname, session, boot, limits } = welcome;
        // Older servers send no boot id. Their session numbers start again after a restart.
        let is_restarted = match (&self.boot, &boot) {
            (Some(before), Some(now)) => before != now,
            _ => self.session.is_some_and(|before| session <= before),
        };
        (self.session, self.boot) = (Some(session), boot);
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
    }

    pub(super) fn lost(&mut self, why: String, delay: Duration) {
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
            if let Request::Chat { to, text, .. } = request {
                let (kind, name) = match &to {
                    To::Channel(name) => (RoomKind::Channel, name),
                    To::User(name) => (RoomKind::User, name),
                };
                let index = self.index(kind, name).unwrap_or(0);
                let line = format!("this may not have been sent: {}", Text::clean(&text));
                self.rooms[index].timeline.push_line(line);
            }
        }
    }
}
