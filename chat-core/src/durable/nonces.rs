//! The nonces of recent messages, and the acknowledgements that they got.

use crate::{Config, Message, Nonce, Text, Timestamp};
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use core::time::Duration;

/// The acknowledgements of messages that were sent with a nonce, by sender and nonce. A sender is
/// an account, or a user without one.
///
/// An entry is valid for a limited time after its message. Expired entries are never found, and are
/// removed in the order of their times, a few with each call of [`prune`](Self::prune). It holds
/// nothing for a sender without entries. Its contents follow from the calls alone, so it can be
/// rebuilt from the records of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "K: Ord + serde::Deserialize<'de>")))]
pub(crate) struct Nonces<K> {
    senders: BTreeMap<K, SenderNonces>,
    /// The time of the oldest entry of each sender.
    oldest: BTreeSet<(Timestamp, K)>,
}

/// The acknowledgement of a message: the fields of [`Event::Sent`](crate::Event::Sent).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Acknowledgement {
    pub(crate) message: Arc<Message>,
    pub(crate) away: Option<Text>,
}

/// The limits of [`Nonces`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct NonceLimits {
    /// The time for which an entry is valid.
    pub(crate) window: Duration,
    /// The most entries of a sender.
    pub(crate) per_sender: usize,
}

/// The nonces of one sender; never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct SenderNonces {
    acknowledgements: BTreeMap<Nonce, Acknowledgement>,
    /// The keys of `acknowledgements`, with the times of the messages, oldest first.
    order: VecDeque<(Timestamp, Nonce)>,
}

/// The most entries that one call of [`Nonces::prune`] removes. More than one, so that pruning
/// before each addition catches up with the additions.
const PRUNED_AT_ONCE: usize = 8;

impl NonceLimits {
    pub(crate) fn of(config: &Config) -> Self {
        let Config { nonce_window: window, nonces_per_user: per_sender, .. } = *config;
        Self { window, per_sender }
    }
}

impl<K> Default for Nonces<K> {
    fn default() -> Self {
        Self { senders: BTreeMap::new(), oldest: BTreeSet::new() }
    }
}

impl<K: Clone + Ord> Nonces<K> {
    /// Adds the acknowledgement of a message. If the sender has too many, the oldest one is removed
    /// first. A nonce that the sender has used before gets the new acknowledgement.
    pub(crate) fn insert(
        &mut self,
        owner: K,
        nonce: Nonce,
        acknowledgement: Acknowledgement,
        limits: NonceLimits,
    ) {
        if limits.per_sender == 0 {
            return;
        }
        let sender = self.senders.entry(owner.clone()).or_default();
        let before = sender.oldest();
        if sender.acknowledgements.contains_key(&nonce) {
            sender.order.retain(|(_, known)| *known != nonce);
        }
        let at = acknowledgement.message.at;
        sender.acknowledgements.insert(nonce.clone(), acknowledgement);
        sender.order.push_back((at, nonce));
        while sender.order.len() > limits.per_sender {
            sender.pop_oldest();
        }
        let after = sender.oldest();
        self.reorder(owner, before, after);
    }

    /// Returns the acknowledgement of an earlier message of a sender, if it is still valid.
    pub(crate) fn find(
        &self,
        owner: &K,
        nonce: &Nonce,
        now: Timestamp,
        limits: NonceLimits,
    ) -> Option<&Acknowledgement> {
        let known = self.senders.get(owner)?.acknowledgements.get(nonce)?;
        (known.message.at + limits.window > now).then_some(known)
    }

    /// Removes expired entries, at most [`PRUNED_AT_ONCE`].
    pub(crate) fn prune(&mut self, now: Timestamp, limits: NonceLimits) {
        for _ in 0..PRUNED_AT_ONCE {
            let Some((at, owner)) = self.oldest.first() else { return };
            if *at + limits.window > now {
                return;
            }
            let (before, owner) = (Some(*at), owner.clone());
            let Some(sender) = self.senders.get_mut(&owner) else { return };
            sender.pop_oldest();
            let after = sender.oldest();
            self.reorder(owner, before, after);
        }
    }

    /// Replaces the message of an acknowledgement of a sender.
    pub(crate) fn replace(&mut self, owner: &K, message: &Arc<Message>) {
        let Some(sender) = self.senders.get_mut(owner) else { return };
        for known in sender.acknowledgements.values_mut() {
            if known.message.id == message.id {
                known.message.clone_from(message);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.oldest.is_empty()
    }

    /// Removes all entries of a sender.
    pub(crate) fn forget(&mut self, owner: &K) {
        if let Some(sender) = self.senders.remove(owner)
            && let Some(at) = sender.oldest()
        {
            self.oldest.remove(&(at, owner.clone()));
        }
    }

    /// Updates the time of the oldest entry of a sender, and removes a sender without entries.
    fn reorder(&mut self, owner: K, before: Option<Timestamp>, after: Option<Timestamp>) {
        if before == after {
            return;
        }
        let mut entry = (before.unwrap_or_default(), owner);
        if before.is_some() {
            self.oldest.remove(&entry);
        }
        match after {
            Some(at) => {
                entry.0 = at;
                self.oldest.insert(entry);
            }
            None => {
                self.senders.remove(&entry.1);
            }
        }
    }
}

impl SenderNonces {
    fn oldest(&self) -> Option<Timestamp> {
        self.order.front().map(|&(at, _)| at)
    }

    fn pop_oldest(&mut self) {
        if let Some((_, nonce)) = self.order.pop_front() {
            self.acknowledgements.remove(&nonce);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelName, MessageId, Nickname, Target, UserId, UserInfo};

    const LIMITS: NonceLimits = NonceLimits { window: Duration::from_secs(60), per_sender: 3 };

    fn guest(number: u64) -> UserId {
        UserId(number)
    }

    fn nonce(text: &str) -> Nonce {
        Nonce::parse(text).expect("a nonce")
    }

    /// An acknowledgement of a message with the time as its id.
    fn sent(second: u64) -> Acknowledgement {
        let sender = Arc::new(UserInfo::guest(Nickname::parse("alice").expect("a nickname")));
        let target = Target::Channel(ChannelName::lobby());
        let (id, at) = (MessageId(second), Timestamp::from_millis(second * 1_000));
        let message = Message::new(id, at, sender, target, Text::clean("hi"));
        Acknowledgement { message: Arc::new(message), away: None }
    }

    fn insert(nonces: &mut Nonces<UserId>, owner: &UserId, text: &str, second: u64) {
        nonces.insert(*owner, nonce(text), sent(second), LIMITS);
    }

    /// Returns the id of the message that is found.
    fn find(nonces: &Nonces<UserId>, owner: &UserId, text: &str, second: u64) -> Option<u64> {
        let now = Timestamp::from_millis(second * 1_000);
        nonces.find(owner, &nonce(text), now, LIMITS).map(|found| found.message.id.0)
    }

    fn prune(nonces: &mut Nonces<UserId>, second: u64) {
        nonces.prune(Timestamp::from_millis(second * 1_000), LIMITS);
    }

    #[test]
    fn nonce_is_found_by_its_sender_until_it_expires() {
        let mut nonces = Nonces::default();
        insert(&mut nonces, &guest(1), "a", 10);
        assert_eq!(find(&nonces, &guest(1), "a", 10), Some(10));
        assert_eq!(find(&nonces, &guest(1), "a", 69), Some(10));
        assert_eq!(find(&nonces, &guest(1), "a", 70), None);
        assert_eq!(find(&nonces, &guest(1), "b", 10), None);
        assert_eq!(find(&nonces, &guest(2), "a", 10), None);
    }

    #[test]
    fn oldest_nonce_of_a_sender_is_forgotten_first() {
        let mut nonces = Nonces::default();
        insert(&mut nonces, &guest(2), "0", 1);
        for (second, text) in (1..).zip(["1", "2", "3", "4"]) {
            insert(&mut nonces, &guest(1), text, second);
        }
        assert_eq!(find(&nonces, &guest(1), "1", 4), None);
        assert_eq!(find(&nonces, &guest(1), "2", 4), Some(2));
        assert_eq!(find(&nonces, &guest(2), "0", 4), Some(1));
        assert_eq!(nonces.oldest.len(), 2);
    }

    #[test]
    fn repeated_nonce_counts_once() {
        let mut nonces = Nonces::default();
        for (second, text) in (1..).zip(["1", "2", "1", "3"]) {
            insert(&mut nonces, &guest(1), text, second);
        }
        let found = ["1", "2", "3"].map(|text| find(&nonces, &guest(1), text, 4));
        assert_eq!(found, [Some(3), Some(2), Some(4)]);
    }

    #[test]
    fn memory_of_expired_nonces_and_of_their_senders_is_freed() {
        let mut nonces = Nonces::default();
        for number in 0..100 {
            insert(&mut nonces, &guest(number), "a", number);
            insert(&mut nonces, &guest(number), "b", number + 1);
        }
        prune(&mut nonces, 59);
        assert_eq!(nonces.senders.len(), 100);
        let limit = 200 / PRUNED_AT_ONCE + 1;
        (0..limit).for_each(|_| prune(&mut nonces, 159));
        // Only the last message has not expired.
        assert_eq!((nonces.senders.len(), nonces.oldest.len()), (1, 1));
        prune(&mut nonces, 160);
        assert_eq!((nonces.senders.len(), nonces.oldest.len()), (0, 0));
    }

    #[test]
    fn forgotten_sender_leaves_nothing() {
        let mut nonces = Nonces::default();
        insert(&mut nonces, &guest(1), "a", 1);
        nonces.forget(&guest(1));
        nonces.forget(&guest(2));
        assert_eq!((nonces.senders.len(), nonces.oldest.len()), (0, 0));
    }

    #[test]
    fn limit_of_zero_remembers_nothing() {
        let mut nonces = Nonces::default();
        let limits = NonceLimits { per_sender: 0, ..LIMITS };
        nonces.insert(guest(1), nonce("a"), sent(1), limits);
        assert_eq!((nonces.senders.len(), nonces.oldest.len()), (0, 0));
    }
}
