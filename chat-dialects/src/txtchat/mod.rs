//! The dialect of an older kind of server, whose users find each other by address: fields with `$`
//! between them.

mod conversation;
mod request;
mod settings;

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::TxtChatConversation;
use settings::Settings;

/// txt-chat. A user is on a channel that has the user's own address for a name, and on no other,
/// until they join one.
#[derive(Clone, Copy, Debug)]
pub struct TxtChatDialect {
    settings: Settings,
}

impl TxtChatDialect {
    /// txt-chat that makes the names of channels out of a secret: they cannot be guessed if it
    /// cannot.
    pub fn new(secret: u128) -> Self {
        Self { settings: Settings { secret, names: false } }
    }

    /// Sets whether messages are shown with the name of their sender in front: `alice: hello`.
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
