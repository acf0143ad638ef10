//! The dialect of an older kind of server, whose users find each other by address: fields with `$`
//! between them.

mod conversation;
mod request;

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Message, Peer, SessionId, Target, Timestamp};
use conversation::TxtChatConversation;

/// txt-chat. A user is on a channel that has the user's own address for a name, and on no other,
/// until they join one.
#[derive(Clone, Copy, Debug)]
pub struct TxtChatDialect {
    secret: u128,
    names: bool,
}

impl TxtChatDialect {
    /// txt-chat that makes the names of channels out of a secret: they cannot be guessed if it
    /// cannot.
    pub fn new(secret: u128) -> Self {
        Self { secret, names: false }
    }

    /// Sets whether messages are shown with the name of their sender in front: `alice: hello`.
    #[must_use]
    pub fn names(mut self, shown: bool) -> Self {
        self.names = shown;
        self
    }

    fn write_message(self, message: &Message, out: &mut Frames) {
        match &message.target {
            Target::Channel(_) if !self.names => out.push(message.text.as_str()),
            Target::Channel(_) => out.push(format!("{}: {}", message.sender, message.text)),
            // Without the name, nobody could answer.
            Target::User(_) => out.push(format!("{} (private): {}", message.sender, message.text)),
        }
    }
}

impl Dialect for TxtChatDialect {
    fn name(&self) -> &str {
        "txtchat"
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        Box::new(TxtChatConversation::new(*self, session, peer))
    }

    fn encode(&self, _: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        if let Event::Said(message) = event {
            self.write_message(message, out);
        } else if let Event::Joined { channel, .. } = event {
            out.push(format!("$$joined: {}", channel.shown()));
        }
    }
}
