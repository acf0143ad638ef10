//! Application data of messages, channels and users.

use crate::Text;
use alloc::collections::BTreeMap;
#[cfg(feature = "serde")]
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// Application data of a message, a channel or a user: texts by short keys.
///
/// The engine stores the data and passes it on; it gives it no meaning. Keys that begin with `+`
/// are the client-only tags of IRC. The entries are sorted by key.
/// [`Config::data_bytes`](crate::Config::data_bytes) limits their size. Cloning shares.
///
/// ```
/// use chat_core::AppData;
///
/// let data = AppData::new([("score", "12"), ("example.org/team", "red")])?;
/// assert_eq!(data.get("score"), Some("12"));
/// assert_eq!(data.to_string(), "{example.org/team: red, score: 12}");
/// # Ok::<(), chat_core::AppDataError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct AppData(Option<Arc<BTreeMap<Arc<str>, Text>>>);

/// The error of entries that cannot be [`AppData`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppDataError {
    /// A key is empty or too long, or contains another character.
    #[error(
        "a key of application data has 1 to {} letters, digits and characters of '.', '_', '-' and \
         '/', all of ASCII, perhaps after a '+'",
        AppData::LONGEST_KEY
    )]
    Key,
    /// There are too many entries.
    #[error("application data has at most {} entries", AppData::MOST_ENTRIES)]
    TooManyEntries,
}

impl AppData {
    /// The largest number of bytes of a key.
    pub const LONGEST_KEY: usize = 64;
    /// The largest number of entries.
    pub const MOST_ENTRIES: usize = 32;

    /// Checks the keys, and cleans the texts, which may have [several lines](Text::clean_lines). Of
    /// entries with the same key the last one counts.
    ///
    /// # Errors
    ///
    /// [`AppDataError`] for the first entry that is one too many, or whose key is not valid.
    pub fn new<K: AsRef<str>, V: AsRef<str>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, AppDataError> {
        let mut data = BTreeMap::new();
        for (key, text) in entries {
            let key = key.as_ref();
            if !is_key(key) {
                return Err(AppDataError::Key);
            }
            data.insert(Arc::from(key), Text::clean_lines(text.as_ref()));
            if data.len() > Self::MOST_ENTRIES {
                return Err(AppDataError::TooManyEntries);
            }
        }
        Ok(Self((!data.is_empty()).then(|| Arc::new(data))))
    }

    /// Returns the data with another text of a key, or without it.
    ///
    /// # Errors
    ///
    /// As those of [`new`](Self::new).
    pub fn with(&self, key: &str, text: Option<Text>) -> Result<Self, AppDataError> {
        let mut data = self.0.as_deref().cloned().unwrap_or_default();
        match text {
            Some(text) if is_key(key) => drop(data.insert(Arc::from(key), text)),
            Some(_) => return Err(AppDataError::Key),
            None => drop(data.remove(key)),
        }
        if data.len() > Self::MOST_ENTRIES {
            return Err(AppDataError::TooManyEntries);
        }
        Ok(Self((!data.is_empty()).then(|| Arc::new(data))))
    }

    /// Returns the text of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.as_ref()?.get(key).map(Text::as_str)
    }

    /// The key that says whether a user is typing: `active`, `paused` or `done`. It is that of IRC.
    pub const TYPING: &'static str = "+typing";

    /// The key of a CTCP request of IRC, such as `VERSION`, which the program of a recipient
    /// answers.
    pub const CTCP: &'static str = "ctcp";
    /// The key of the reply to a CTCP request.
    pub const CTCP_REPLY: &'static str = "ctcp-reply";

    /// The key of a signal that is kept with the events of a channel, and with the private messages
    /// of both accounts, so that it can be [read](crate::Query::Playback) later. It is that of IRC.
    pub const PERSIST: &'static str = "+draft/persist";

    /// Returns true if a signal with the data is kept.
    pub fn is_kept(&self) -> bool {
        self.get(Self::PERSIST).is_some()
    }

    /// Returns true if the data has a CTCP request or reply.
    pub fn is_ctcp(&self) -> bool {
        [Self::CTCP, Self::CTCP_REPLY].into_iter().any(|key| self.get(key).is_some())
    }

    /// Returns true if the data says only whether a user is typing.
    pub fn is_typing(&self) -> bool {
        self.0.as_ref().is_some_and(|data| data.len() == 1) && self.get(Self::TYPING).is_some()
    }

    /// Returns the keys and texts, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.0.iter().flat_map(|data| data.iter());
        entries.map(|(key, text)| (&**key, text.as_str()))
    }

    /// Returns true if there is no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the size in bytes: that of all keys and texts together.
    #[inline]
    pub fn bytes(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        self.iter().map(|(key, text)| key.len() + text.len()).sum()
    }
}

/// Shows the entries on one line.
impl fmt::Display for AppData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (key, text)) in self.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{key}: {}", text.escape_debug())?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for AppData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for AppData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for AppData {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = BTreeMap::<String, String>::deserialize(deserializer)?;
        Self::new(entries).map_err(serde::de::Error::custom)
    }
}

fn is_key(key: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let name = key.strip_prefix('+').unwrap_or(key);
    !name.is_empty() && key.len() <= AppData::LONGEST_KEY && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn keys_are_short_words_of_ascii() {
        let longest = "k".repeat(AppData::LONGEST_KEY);
        for key in ["a", "0", "Score", "example.org/team_1-x", "+draft/reply", &longest] {
            assert!(AppData::new([(key, "")]).is_ok(), "{key:?}");
        }
        for key in ["", "+", "++a", "a+", "a b", "a=b", "é", "a\n", &format!("{longest}k")] {
            assert_eq!(AppData::new([(key, "")]), Err(AppDataError::Key), "{key:?}");
        }
    }

    #[test]
    fn number_of_entries_is_limited() {
        let entries = |count| (0..count).map(|index: usize| (index.to_string(), "x"));
        assert!(AppData::new(entries(AppData::MOST_ENTRIES)).is_ok());
        let error = AppData::new(entries(AppData::MOST_ENTRIES + 1));
        assert_eq!(error, Err(AppDataError::TooManyEntries));
        // The same key again is no further entry.
        let again = AppData::new([("a", "1"); 100]).expect("one entry");
        assert_eq!((again.get("a"), again.bytes()), (Some("1"), 2));
    }

    #[test]
    fn texts_are_cleaned_and_may_have_several_lines() {
        let data = AppData::new([("a", "one\r\n two\x1b[m\u{202e}"), ("b", "")]).expect("valid");
        assert_eq!(data.get("a"), Some("one\n two[m"));
        assert_eq!(data.get("b"), Some(""));
        assert_eq!(data.to_string(), "{a: one\\n two[m, b: }");
    }
}
