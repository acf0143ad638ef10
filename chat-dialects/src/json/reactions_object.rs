//! The reactions to a message as an object.

use chat_core::{Message, Nickname, Text};
use serde::{Serialize, Serializer};

/// The reactions to a message: the nicknames of the users by emoji.
#[derive(Debug)]
pub(super) struct ReactionsObject<'a>(Vec<(&'a Text, Vec<&'a Nickname>)>);

impl ReactionsObject<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a Message> for ReactionsObject<'a> {
    fn from(message: &'a Message) -> Self {
        Self(message.reactions_by_emoji())
    }
}

impl Serialize for ReactionsObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(emoji, users)| {
            let users: Vec<_> = users.iter().map(|nickname| nickname.shown()).collect();
            (emoji.as_str(), users)
        }))
    }
}
