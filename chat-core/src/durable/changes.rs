//! The newest changes of messages, for clients that come back, and for pages of a store that were
//! read before a change.

use crate::{AccountName, ChannelName, Message, MessageId};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The newest changes of messages, at most [`MOST`](Self::MOST), one for each message.
///
/// A change is placed by the newest message at that moment: a client that has received that one may
/// lack the change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Changes {
    /// In the order of the newest message at the moment of the change, then of the changed message.
    entries: Vec<Change>,
    /// The newest message at the moment of the last change of each changed message.
    after: BTreeMap<MessageId, MessageId>,
    /// The newest message at the moment of the last change that was dropped.
    lost: Option<MessageId>,
}

/// A change of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Change {
    /// The newest message at that moment.
    after: MessageId,
    /// The message after the change.
    pub(crate) message: Arc<Message>,
    /// The accounts in whose mailboxes a private message is.
    pub(crate) accounts: Vec<AccountName>,
}

impl Changes {
    /// The most changes that are kept.
    pub(crate) const MOST: usize = 1_000;

    /// Adds a change, in place of an earlier one of the same message.
    pub(crate) fn push(
        &mut self,
        after: MessageId,
        message: Arc<Message>,
        accounts: Vec<AccountName>,
    ) {
        let key = (after, message.id);
        if let Some(before) = self.after.insert(message.id, after)
            && let Ok(place) = self.place((before, message.id))
        {
            self.entries.remove(place);
        }
        if let Err(place) = self.place(key) {
            self.entries.insert(place, Change { after, message, accounts });
        }
        if self.entries.len() > Self::MOST {
            let oldest = self.entries.remove(0);
            self.after.remove(&oldest.message.id);
            self.lost = self.lost.max(Some(oldest.after));
        }
    }

    /// Notes that changes up to this message were dropped.
    pub(crate) fn lose(&mut self, after: MessageId) {
        self.lost = self.lost.max(Some(after));
    }

    /// Returns a message as it is after its last change, if that is known.
    pub(crate) fn current(&self, id: MessageId) -> Option<&Arc<Message>> {
        let after = self.after.get(&id)?;
        let place = self.place((*after, id)).ok()?;
        self.entries.get(place).map(|change| &change.message)
    }

    /// Returns true if every change is known that a client may lack that has received the messages
    /// up to this one.
    pub(crate) fn reach(&self, received: MessageId) -> bool {
        self.lost.is_none_or(|lost| lost < received)
    }

    /// Returns the changes that a client may lack that has received the messages up to this one.
    pub(crate) fn since(&self, received: MessageId) -> impl Iterator<Item = &Change> {
        let start = self.entries.partition_point(|change| change.after < received);
        self.entries[start..].iter().filter(move |change| change.message.id <= received)
    }

    /// Forgets the changes of a channel.
    pub(crate) fn forget_channel(&mut self, name: &ChannelName) {
        self.retain(|change| change.message.target.channel() != Some(name));
    }

    /// Forgets the changes that only this account may see.
    pub(crate) fn forget_account(&mut self, account: &AccountName) {
        for change in &mut self.entries {
            change.accounts.retain(|known| known != account);
        }
        self.retain(|change| {
            change.message.target.channel().is_some() || !change.accounts.is_empty()
        });
    }

    fn retain(&mut self, keep: impl Fn(&Change) -> bool) {
        let after = &mut self.after;
        self.entries.retain(|change| {
            let keeps = keep(change);
            if !keeps {
                after.remove(&change.message.id);
            }
            keeps
        });
    }

    /// Finds the entry of a change, or the place for it.
    fn place(&self, key: (MessageId, MessageId)) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&key, |change| (change.after, change.message.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deletion, Nickname, Target, Text, Timestamp, UserInfo};

    fn message(id: u64, text: &str) -> Arc<Message> {
        let sender = Arc::new(UserInfo::guest(Nickname::parse("alice").expect("a nickname")));
        let target = Target::Channel(ChannelName::lobby());
        let at = Timestamp::from_millis(id);
        Arc::new(Message::new(MessageId(id), at, sender, target, Text::clean(text)))
    }

    fn since(changes: &Changes, received: u64) -> Vec<u64> {
        changes.since(MessageId(received)).map(|change| change.message.id.0).collect()
    }

    #[test]
    fn client_lacks_the_changes_since_its_last_message() {
        let mut changes = Changes::default();
        for (after, id) in [(3, 1), (3, 2), (5, 1), (6, 6)] {
            changes.push(MessageId(after), message(id, "hi"), Vec::new());
        }
        assert_eq!(since(&changes, 3), [2, 1]);
        assert_eq!(since(&changes, 4), [1]);
        // It will receive that message as it is.
        assert_eq!(since(&changes, 5), [1]);
        assert_eq!(since(&changes, 6), [6]);
        assert_eq!(since(&changes, 7), [] as [u64; 0]);
    }

    #[test]
    fn only_the_last_change_of_a_message_is_kept() {
        let mut changes = Changes::default();
        let first = message(1, "secret");
        changes.push(MessageId(1), first.clone(), Vec::new());
        let deletion = Deletion { by: first.sender.clone(), at: first.at, reason: None };
        let deleted = Arc::new(first.deleted(deletion));
        changes.push(MessageId(1), deleted.clone(), Vec::new());
        assert_eq!(changes.entries.len(), 1);
        assert_eq!(changes.current(MessageId(1)), Some(&deleted));
        assert_eq!(changes.current(MessageId(2)), None);
    }

    #[test]
    fn dropped_changes_are_not_within_reach() {
        let mut changes = Changes::default();
        let last = Changes::MOST as u64 + 2;
        for id in 1..=last {
            changes.push(MessageId(id), message(id, "hi"), Vec::new());
        }
        assert_eq!(changes.entries.len(), Changes::MOST);
        assert_eq!(changes.after.len(), Changes::MOST);
        assert!(!changes.reach(MessageId(2)));
        assert!(changes.reach(MessageId(3)));
        changes.forget_channel(&ChannelName::lobby());
        assert_eq!((changes.entries.len(), changes.after.len()), (0, 0));
    }
}
