//! Metadata of users and channels (IRCv3 draft/metadata-3): application data that everybody may
//! set and see, by keys to which clients subscribe.

use chat_core::AppData;
use std::collections::BTreeSet;

/// The keys whose changes a client is told of.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(BTreeSet<Box<str>>);

/// A `METADATA` in progress.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The channel or the user, as the client wrote it.
    pub(crate) target: Box<str>,
    pub(crate) action: MetadataAction,
}

/// The subcommand of a `METADATA` in progress.
#[derive(Debug)]
pub(crate) enum MetadataAction {
    Get(Vec<Box<str>>),
    List,
    /// `SET` of a key.
    Set(Box<str>),
    /// `CLEAR` of a channel, whose keys are looked up first.
    FindKeys,
    /// `CLEAR` of these keys.
    Clear(Vec<String>),
    /// `SET` by a client that had no nickname yet.
    SetEarly,
    Sync,
    /// `SYNC` of the members of a channel, in an open batch.
    SyncMembers(Box<str>),
}

impl Subscriptions {
    /// The most keys.
    pub(crate) const MOST: usize = 20;

    /// Adds a key. Returns false if there are too many.
    pub(crate) fn add(&mut self, key: &str) -> bool {
        self.has(key) || self.0.len() < Self::MOST && self.0.insert(key.into())
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains(key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Returns the entries of the keys.
    pub(crate) fn of_data<'a>(
        &'a self,
        data: &'a AppData,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        data.iter().filter(|(key, _)| is_key(key) && self.has(key))
    }

    /// Returns the entries of the keys that have changed; `None` for those that were removed.
    pub(crate) fn of_change<'a>(
        &'a self,
        before: &'a AppData,
        after: &'a AppData,
    ) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let changes = self.keys().map(|key| (key, before.get(key), after.get(key)));
        changes.filter(|(_, before, after)| before != after).map(|(key, _, after)| (key, after))
    }
}

/// Returns true for a key of metadata. Other keys of application data are not shown in IRC.
pub(crate) fn is_key(key: &str) -> bool {
    let is_valid = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_./-".contains(&c);
    !key.is_empty() && key.len() <= AppData::LONGEST_KEY && key.bytes().all(is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_bounded() {
        let mut keys = Subscriptions::default();
        assert!(keys.is_empty());
        for index in 0..Subscriptions::MOST {
            assert!(keys.add(&index.to_string()));
        }
        assert!(keys.add("3"));
        assert!(!keys.add("status"));
        for index in 0..Subscriptions::MOST {
            keys.remove(&index.to_string());
        }
        assert!(keys.is_empty() && keys.keys().next().is_none());
    }

    #[test]
    fn keys_are_lowercase() {
        for key in ["status", "display-name", "example.org/a_b", "0"] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", "Status", "a:b", "+draft/react", "a b", "é", &"a".repeat(65)] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn changes_of_subscribed_keys_are_found() {
        let data = |entries: &[(&str, &str)]| AppData::new(entries.iter().copied()).expect("valid");
        let mut keys = Subscriptions::default();
        for key in ["a", "b", "c", "d"] {
            keys.add(key);
        }
        let before = data(&[("a", "1"), ("b", "1"), ("c", "1"), ("x", "1")]);
        let after = data(&[("a", "1"), ("b", "2"), ("d", "1"), ("x", "2")]);
        let changes: Vec<_> = keys.of_change(&before, &after).collect();
        assert_eq!(changes, [("b", Some("2")), ("c", None), ("d", Some("1"))]);
        let entries: Vec<_> = keys.of_data(&after).collect();
        assert_eq!(entries, [("a", "1"), ("b", "2"), ("d", "1")]);
    }
}
