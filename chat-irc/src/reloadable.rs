//! The settings that change while the server runs.

use chat_core::Secret;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// The settings that all clones of a dialect share, and that the host may replace.
#[derive(Debug, Default)]
pub(crate) struct Reloadable(RwLock<Current>);

/// Their values at the moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    /// The lines of the message of the day.
    pub(crate) motd: Arc<[String]>,
    /// The password that clients give with `PASS`.
    pub(crate) password: Option<Secret>,
}

impl Reloadable {
    pub(crate) fn new(current: Current) -> Self {
        Self(RwLock::new(current))
    }

    pub(crate) fn get(&self) -> Current {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn replace(&self, current: Current) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = current;
    }
}

/// The host's own function for `REHASH`.
#[derive(Clone)]
pub(crate) struct Rehash(pub(crate) Arc<dyn Fn() + Send + Sync>);

impl fmt::Debug for Rehash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rehash(…)")
    }
}
