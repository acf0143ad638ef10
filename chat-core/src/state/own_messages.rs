//! The messages that users have sent or received themselves.

use super::{State, User};
use crate::{Message, MessageId, Nickname, Target, UserId};

impl User {
    /// Returns true if the user has sent a message: its account has, or the user itself since it is
    /// online.
    pub(crate) fn has_sent(&self, message: &Message) -> bool {
        let Some(sender) = message.sender.user() else { return false };
        match &sender.account {
            Some(account) => self.account() == Some(account),
            None => self.had_name(&sender.nickname, message.id),
        }
    }

    /// Returns true if a private message was sent to the user since it is online.
    pub(crate) fn has_received(&self, message: &Message) -> bool {
        matches!(&message.target, Target::User(to) if self.had_name(to, message.id))
    }

    /// Returns true if the user had this nickname at the time of a message.
    fn had_name(&self, nickname: &Nickname, message: MessageId) -> bool {
        self.held_names.had(nickname, self.nickname(), message)
    }
}

impl State {
    /// Returns the user who has the nickname now that it had at the time of a message.
    pub(crate) fn holder_since(&self, nickname: &Nickname, message: MessageId) -> Option<UserId> {
        let (id, user) = self.user_named(nickname)?;
        user.had_name(nickname, message).then_some(id)
    }
}
