//! What the engine asks its host, and what may come back: questions, not callbacks.

use crate::{Text, Timestamp};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A question of the engine's. Its answer bears the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuestionId(pub u64);

/// Who somebody is, as far as the host can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Answer {
    /// The one who has this account.
    Account(Identity),
    /// Somebody without an account, who may take any name that is free.
    Guest,
    /// Nobody who may come in; the reason is for people.
    Refused(Text),
    /// It cannot be told at the moment.
    Unavailable,
}

/// An account that the host has checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Identity {
    /// The account. Sessions of one account are one user.
    pub account: Arc<str>,
    /// The names that the user is to have, the best first: the first that is a valid nickname and free is theirs, and cannot
    /// be changed. If none is, the user has the name that the client asks for, if that is one, or else the next of `user1`,
    /// `user2`, …, and may change it. If there are none here, the client chooses.
    pub nicknames: Vec<Arc<str>>,
    /// When the session ends at the latest.
    pub expires: Option<Timestamp>,
}
