//! Settings of txt-chat, and the frame of a message, which depends on them.

use crate::Frames;
use chat_core::{Message, Target};

/// Settings of one [`TxtChatDialect`](super::TxtChatDialect), which apply to each of its
/// conversations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// The secret from which the names of channels are derived.
    pub(super) secret: u128,
    /// Messages begin with the name of their sender.
    pub(super) names: bool,
}

impl Settings {
    /// Writes the frame of a message.
    pub(super) fn write_message(self, message: &Message, out: &mut Frames) {
        match &message.target {
            Target::Channel(_) if !self.names => out.push(message.text.as_str()),
            Target::Channel(_) => out.push(format!("{}: {}", message.sender, message.text)),
            // Without the sender's name, the recipient could not reply.
            Target::User(_) => out.push(format!("{} (private): {}", message.sender, message.text)),
            _ => out.push(format!("{}: {}", message.sender, message.text)),
        }
    }
}
