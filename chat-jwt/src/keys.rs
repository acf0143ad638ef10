//! The sources of keys that an authenticator has.

use crate::{JwtKey, KeySet, RemoteKeys};
use jsonwebtoken::Algorithm;
use std::sync::Arc;

/// Keys that verify tokens: one [key](JwtKey), a [key set](KeySet), or a set that is
/// [fetched](RemoteKeys).
#[derive(Clone, Debug)]
pub struct Keys(Source);

#[derive(Clone, Debug)]
enum Source {
    One(Box<JwtKey>),
    Set(Arc<KeySet>),
    Remote(RemoteKeys),
}

impl Keys {
    /// Returns the keys with this id.
    pub(crate) fn named(&self, kid: &str) -> Vec<JwtKey> {
        let is_named = |key: &&JwtKey| key.id.as_deref() == Some(kid);
        match &self.0 {
            Source::One(key) => [&**key].into_iter().filter(is_named).cloned().collect(),
            Source::Set(_) | Source::Remote(_) => match self.set() {
                Some(set) => set.keys().iter().filter(is_named).cloned().collect(),
                None => Vec::new(),
            },
        }
    }

    /// Returns the keys that may be meant by a token whose `kid` is that of no key.
    pub(crate) fn unnamed(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<JwtKey> {
        match &self.0 {
            Source::One(key) => Some((**key).clone()),
            Source::Set(_) | Source::Remote(_) => self.set()?.only_key(algorithm, kid).cloned(),
        }
    }

    /// Returns the source of keys that are fetched.
    pub(crate) fn remote(&self) -> Option<&RemoteKeys> {
        match &self.0 {
            Source::Remote(remote) => Some(remote),
            Source::One(_) | Source::Set(_) => None,
        }
    }

    fn set(&self) -> Option<Arc<KeySet>> {
        match &self.0 {
            Source::One(_) => None,
            Source::Set(set) => Some(set.clone()),
            Source::Remote(remote) => remote.current(),
        }
    }
}

impl From<JwtKey> for Keys {
    fn from(key: JwtKey) -> Self {
        Self(Source::One(Box::new(key)))
    }
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        Self(Source::Set(Arc::new(set)))
    }
}

impl From<RemoteKeys> for Keys {
    fn from(remote: RemoteKeys) -> Self {
        Self(Source::Remote(remote))
    }
}
