//! The dialect of txt-chat, an older server, whose users find each other by address. Its frames
//! have fields separated by `$`.

mod conversation;
mod request;
mod settings;

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::TxtChatConversation;
use settings::Settings;

/// txt-chat. A new user is in one channel only, whose name is the user's own address.
#[derive(Clone, Copy, Debug)]
pub struct TxtChatDialect {
    settings: Settings,
}

impl TxtChatDialect {
    /// Makes the dialect. The names of new channels are derived from the secret, and cannot be
    /// guessed without it.
    pub fn new(secret: u128) -> Self {
        Self { settings: Settings { secret, names: false } }
    }

    /// Sets whether messages begin with the name of their sender: `alice: hello`.
    #[must_use]
    pub fn names(mut self, shown: bool) -> Self {
        self.settings.names = shown;
        self
    }
}

impl Dialect for TxtChatDialect {
    fn name(&self) -> &str {
        "txtchat"
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        Box::new(TxtChatConversation::new(self.settings, session, peer))
    }

    fn encode(&self, _: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        if let Event::Said(message) = event {
            self.settings.write_message(message, out);
        } else if let Event::Joined { channel, .. } = event {
            out.push(format!("$$joined: {}", channel.shown()));
        }
    }
}
