//! Settings of txt-chat, and the frames of a message, which depend on them.

use crate::Frames;
use crate::lines::for_each_line;
use chat_core::{Message, Target};
use std::fmt;

/// Settings of one [`TxtChatDialect`](super::TxtChatDialect), which apply to each of its
/// conversations.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    /// The secret from which the names of channels are derived.
    pub(super) secret: u128,
    /// Messages begin with the name of their sender.
    pub(super) names: bool,
}

impl Settings {
    /// Writes a message: a frame for each of its lines.
    pub(super) fn write_message(self, message: &Message, out: &mut Frames) {
        for_each_line(&message.text, |text| match &message.target {
            Target::Channel(_) if !self.names && message.sender.user().is_some() => out.push(text),
            Target::Channel(_) => out.push(format!("{}: {text}", message.sender)),
            Target::Members { .. } => {
                out.push(format!("{} {}: {text}", message.sender, "(to some members)"));
            }
            // Without the sender's name, the recipient could not reply.
            Target::User(_) => out.push(format!("{} (private): {text}", message.sender)),
            _ => out.push(format!("{}: {text}", message.sender)),
        });
    }
}

/// Leaves the secret out, because debug output may end in a log.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret: _, names } = self;
        f.debug_struct("Settings").field("names", names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TxtChatDialect;

    #[test]
    fn debug_output_does_not_show_the_secret() {
        let debug = format!("{:?}", TxtChatDialect::new(31_415_926_535).names(true));
        assert_eq!(debug, "TxtChatDialect { settings: Settings { names: true, .. } }");
    }
}
