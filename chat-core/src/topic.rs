//! Topics of channels.

use crate::{Actor, Text, Timestamp};

/// A channel's topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Topic {
    /// The text; may be empty.
    pub text: Text,
    /// The user who set it.
    pub by: Actor,
    /// The time at which it was set.
    pub at: Timestamp,
}
