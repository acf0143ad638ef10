//! The nicknames that a user has had.

use crate::{MessageId, Nickname};
use alloc::vec::Vec;

/// The nicknames that a user has had, each up to a message.
///
/// A nickname belongs to one user at a time, so that it tells the messages of a user without an
/// account from those of others, who have had the same nickname before or after.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct HeldNames {
    /// The newest message before those that are known to be the user's.
    since: MessageId,
    /// The earlier nicknames, with the newest message when the user gave each up. In order.
    earlier: Vec<(Nickname, MessageId)>,
}

impl HeldNames {
    /// The most earlier nicknames of a user that are known.
    const MOST: usize = 16;

    pub(super) fn since(since: MessageId) -> Self {
        Self { since, earlier: Vec::new() }
    }

    /// Notes that the user has given up a nickname.
    pub(super) fn give_up(&mut self, nickname: Nickname, newest: MessageId) {
        if self.earlier.len() == Self::MOST {
            self.since = self.earlier.remove(0).1;
        }
        self.earlier.push((nickname, newest));
    }

    /// Returns true if the user had this nickname at the time of a message. `current` is the one
    /// that it has now.
    pub(super) fn had(&self, nickname: &Nickname, current: &Nickname, message: MessageId) -> bool {
        let earlier = self.earlier.iter().find(|(_, up_to)| message <= *up_to);
        message > self.since && earlier.map_or(current, |(earlier, _)| earlier) == nickname
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Nickname {
        Nickname::parse(text).expect("a nickname")
    }

    #[test]
    fn names_are_those_at_the_time_of_a_message() {
        let [alice, bob] = ["alice", "bob"].map(name);
        let mut held = HeldNames::since(MessageId(10));
        assert!(!held.had(&alice, &alice, MessageId(10)));
        assert!(held.had(&alice, &alice, MessageId(11)));
        held.give_up(alice.clone(), MessageId(20));
        assert!(held.had(&alice, &bob, MessageId(20)));
        assert!(!held.had(&bob, &bob, MessageId(20)));
        assert!(held.had(&bob, &bob, MessageId(21)));
        assert!(!held.had(&alice, &bob, MessageId(21)));
    }

    #[test]
    fn number_of_names_is_limited() {
        let [alice, bob] = ["alice", "bob"].map(name);
        let mut held = HeldNames::since(MessageId(0));
        for id in 1..=HeldNames::MOST as u64 + 1 {
            held.give_up(alice.clone(), MessageId(id));
        }
        assert_eq!(held.earlier.len(), HeldNames::MOST);
        assert!(!held.had(&alice, &bob, MessageId(1)));
        assert!(held.had(&alice, &bob, MessageId(2)));
    }
}
