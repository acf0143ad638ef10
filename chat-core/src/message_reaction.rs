//! Reactions of users to messages.

use crate::{AccountName, Nickname, Text, UserId};
use alloc::vec::Vec;

/// A reaction of a user to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MessageReaction {
    /// The emoji, or another short text without white space.
    pub emoji: Text,
    /// The user's nickname at that moment.
    pub nickname: Nickname,
    /// The user's account.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub account: Option<AccountName>,
    /// The user, which tells guests of one nickname apart.
    pub user: UserId,
}

impl MessageReaction {
    /// The largest number of bytes of an emoji: the longest sequences of emoji have about 40.
    pub const LONGEST_EMOJI: usize = 64;
    /// The largest number of different emoji at one message.
    pub const MOST_EMOJI: usize = 20;
    /// The largest number of reactions to one message. It bounds the size of the message.
    pub const MOST: usize = 200;

    /// Returns true if both are the same emoji of the same user.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_same_user = match (&self.account, &other.account) {
            (Some(account), Some(other)) => account == other,
            (None, None) => self.user == other.user,
            (Some(_), None) | (None, Some(_)) => false,
        };
        is_same_user && self.emoji == other.emoji
    }
}

/// Returns the different emoji of reactions in the order of their first use, each with the users.
pub(crate) fn by_emoji(reactions: &[MessageReaction]) -> Vec<(&Text, Vec<&Nickname>)> {
    let mut all: Vec<(&Text, Vec<&Nickname>)> = Vec::new();
    for MessageReaction { emoji, nickname, .. } in reactions {
        match all.iter_mut().find(|(known, _)| *known == emoji) {
            Some((_, users)) => users.push(nickname),
            None => all.push((emoji, [nickname].into())),
        }
    }
    all
}

/// Returns false for an emoji of which nothing is visible, that is too long, or has white space.
pub(crate) fn is_emoji(emoji: &Text) -> bool {
    let text = emoji.as_str();
    let is_short = text.len() <= MessageReaction::LONGEST_EMOJI;
    is_short && !emoji.is_empty() && !text.contains(char::is_whitespace)
}
