//! The users who have given up a nickname, by quitting or by a rename.

use crate::{Nickname, Timestamp, UserInfo, WasHere};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The users who gave up a nickname last, by the nickname. When there are too many, the oldest
/// entry of all is dropped.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct PastUsers {
    /// The entries of each nickname, oldest first; never empty.
    by_name: BTreeMap<Nickname, VecDeque<WasHere>>,
    /// The nicknames of all entries, oldest first.
    order: VecDeque<Nickname>,
}

impl PastUsers {
    /// Adds an entry, and drops the oldest ones above `limit`.
    pub(super) fn push(&mut self, user: Arc<UserInfo>, until: Timestamp, limit: usize) {
        if limit == 0 {
            return;
        }
        while self.order.len() >= limit {
            self.drop_oldest();
        }
        let nickname = user.nickname.clone();
        self.order.push_back(nickname.clone());
        self.by_name.entry(nickname).or_default().push_back(WasHere { user, until });
    }

    /// Returns the newest entries of a nickname, newest first, and whether there are more.
    pub(crate) fn page(&self, nickname: &Nickname, limit: usize) -> (Vec<WasHere>, bool) {
        let Some(entries) = self.by_name.get(nickname) else { return (Vec::new(), false) };
        (entries.iter().rev().take(limit).cloned().collect(), entries.len() > limit)
    }

    fn drop_oldest(&mut self) {
        let Some(nickname) = self.order.pop_front() else { return };
        // The oldest entry of all is also the oldest of its nickname.
        if let Some(entries) = self.by_name.get_mut(&nickname) {
            entries.pop_front();
            if entries.is_empty() {
                self.by_name.remove(&nickname);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn oldest_entry_of_all_is_dropped_first() {
        let name = |name: &str| Nickname::parse(name).expect("a nickname");
        let mut past_users = PastUsers::default();
        for (at, nickname) in (1..).zip(["al", "bo", "Al", "bo", "al"]) {
            let user = Arc::new(UserInfo::guest(name(nickname)));
            past_users.push(user, Timestamp::from_millis(at), 3);
        }
        let times = |nickname: &str, limit| {
            let (entries, more) = past_users.page(&name(nickname), limit);
            (entries.iter().map(|entry| entry.until.as_millis()).collect::<Vec<_>>(), more)
        };
        assert_eq!(times("AL", 9), (vec![5, 3], false));
        assert_eq!(times("al", 1), (vec![5], true));
        assert_eq!(times("bo", 9), (vec![4], false));
        assert_eq!(times("cy", 9), (vec![], false));
    }
}
