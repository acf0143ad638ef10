//! Accounts.

use crate::{Nickname, Text};
use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt;

/// The name of an account that the host has authenticated, such as the subject of a token.
///
/// The engine compares it exactly, with regard to case, and gives it no other meaning. `Display`
/// [cleans](Text::clean) it; [`as_str`](Self::as_str) returns it as the host has given it. Cloning
/// shares.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AccountName(Arc<str>);

impl AccountName {
    /// Returns the name as the host has given it. It may contain any character.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if the name is a nickname, and the same as this one.
    pub(crate) fn is_same_as(&self, nickname: &Nickname) -> bool {
        Nickname::parse(&self.0).is_ok_and(|name| name == *nickname)
    }
}

impl From<Arc<str>> for AccountName {
    fn from(name: Arc<str>) -> Self {
        Self(name)
    }
}

impl From<&str> for AccountName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for AccountName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl AsRef<str> for AccountName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for AccountName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::clean(&self.0).as_str())
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
