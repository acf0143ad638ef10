//! The list of ignored users.

use super::names::nickname_key;
use chat_server::engine::{Nickname, NicknameError, Text};
use std::collections::BTreeMap;

/// The users whose messages are hidden, for as long as the client runs.
#[derive(Debug, Default)]
pub(super) struct IgnoreList {
    /// The names as they are shown, by their folded form.
    users: BTreeMap<String, String>,
}

/// The reason for which a user cannot be ignored.
#[derive(Debug, thiserror::Error)]
pub(super) enum IgnoreError {
    #[error(transparent)]
    Nickname(#[from] NicknameError),
    #[error("{MOST} users are ignored already; remove one with /unignore <user>")]
    TooMany,
}

/// The most users in the list.
const MOST: usize = 100;

impl IgnoreList {
    /// Adds a user, who need not be online.
    pub(super) fn add(&mut self, name: &str) -> Result<(), IgnoreError> {
        let name = Nickname::parse(name)?;
        if self.users.len() >= MOST && !self.users.contains_key(name.folded()) {
            return Err(IgnoreError::TooMany);
        }
        self.users.insert(name.folded().to_owned(), name.shown().to_owned());
        Ok(())
    }

    /// Removes a user. Returns false if the user is not in the list.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.users.remove(&nickname_key(name)).is_some()
    }

    /// Follows the rename of a user in the list.
    pub(super) fn rename(&mut self, from: &str, to: &Text) {
        if self.remove(from) {
            self.users.insert(nickname_key(to.as_str()), to.to_string());
        }
    }

    /// Returns true if a user is in the list.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.users.is_empty() && self.users.contains_key(&nickname_key(name))
    }

    /// Returns the names of the users in the list.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.users.values().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_stays_ignored_under_every_spelling_and_after_renames() {
        let mut ignored = IgnoreList::default();
        ignored.add("Bob").expect("a nickname");
        assert!(ignored.has("bob") && ignored.has("ＢＯＢ") && !ignored.has("alice"));
        ignored.rename("alice", &Text::clean("carol"));
        ignored.rename("bob", &Text::clean("robert"));
        assert!(ignored.has("Robert") && !ignored.has("bob") && !ignored.has("carol"));
        assert_eq!(ignored.names().collect::<Vec<_>>(), ["robert"]);
        assert!(ignored.remove("ROBERT") && !ignored.remove("robert"));
    }

    #[test]
    fn list_is_bounded() {
        let mut ignored = IgnoreList::default();
        (0..MOST).for_each(|n| ignored.add(&format!("user{n}")).expect("there is room"));
        assert!(matches!(ignored.add("user"), Err(IgnoreError::TooMany)));
        ignored.add("USER1").expect("it is known already");
        assert!(ignored.add("two words").is_err());
    }
}
