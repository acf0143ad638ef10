//! The request of a search in a host's store.

use super::SearchTerms;
use crate::{
    AccountName, Actor, ChannelId, ChannelName, Message, MessageId, Nickname, Target, Text,
    Timestamp,
};
use alloc::vec::Vec;

/// A search in the messages of a store: those of some channels, and those in the mailbox of an
/// account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SearchRequest {
    /// The text to search for. It has [terms](Self::terms).
    pub text: Text,
    /// The channels to search in, sorted by id.
    pub channels: Vec<SearchedChannel>,
    /// The account whose private messages are searched, too.
    pub account: Option<AccountName>,
    /// The nickname of the sender, at the time of the message; `None` for any sender.
    pub from: Option<Nickname>,
    /// The earliest time of a message.
    pub after: Option<Timestamp>,
    /// The time that messages are earlier than.
    pub before: Option<Timestamp>,
    /// The id that the ids of messages are below.
    pub older_than: Option<MessageId>,
    /// The largest number of messages; at least 1.
    pub limit: usize,
}

/// A channel to search in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SearchedChannel {
    /// The id. Messages of an earlier channel of the same name are not searched.
    pub id: ChannelId,
    /// The name, which becomes the target of the messages.
    pub name: ChannelName,
    /// The earliest time of a message in this channel, if it is later than that of the request.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub after: Option<Timestamp>,
}

impl SearchRequest {
    /// Makes a request for all messages in no channel. The engine makes its own requests; this is
    /// for tests of stores.
    pub fn new(text: Text, limit: usize) -> Self {
        Self {
            text,
            channels: Vec::new(),
            account: None,
            from: None,
            after: None,
            before: None,
            older_than: None,
            limit,
        }
    }

    /// Adds a channel to search in.
    #[must_use]
    pub fn with_channel(mut self, id: ChannelId, name: ChannelName) -> Self {
        self.channels.push(SearchedChannel { id, name, after: None });
        self.channels.sort_by_key(|channel| channel.id);
        self
    }

    /// Returns the terms of the text; `None` if it has no token, so that it finds nothing.
    pub fn terms(&self) -> Option<SearchTerms> {
        SearchTerms::parse(self.text.as_str())
    }

    /// Returns true if a message was not deleted, and has the sender, time and id that are searched
    /// for, considering the earliest time of its channel. This does not look at its text, and does
    /// not check that its channel is searched.
    pub fn admits(&self, message: &Message) -> bool {
        let is_from = |from: &Nickname| match message.sender.user() {
            Some(user) => user.nickname == *from,
            None => from.folded() == Actor::SERVER,
        };
        message.deletion().is_none()
            && self.from.as_ref().is_none_or(is_from)
            && self.after.is_none_or(|after| message.at >= after)
            && self.before.is_none_or(|before| message.at < before)
            && self.older_than.is_none_or(|bound| message.id < bound)
            && self.is_kept(message)
    }

    /// Returns true if a message is not earlier than the messages of its channel that are searched.
    fn is_kept(&self, message: &Message) -> bool {
        let Target::Channel(name) = &message.target else { return true };
        let limited = self.channels.iter().filter_map(|channel| Some((channel, channel.after?)));
        let mut here = limited.filter(|(channel, _)| channel.name == *name);
        here.all(|(_, after)| message.at >= after)
    }

    /// Returns the searched channel of this name.
    pub fn channel(&self, name: &ChannelName) -> Option<&SearchedChannel> {
        self.channels.iter().find(|channel| channel.name == *name)
    }
}
