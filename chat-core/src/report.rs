//! Reports: users tell server operators about messages and users.

use crate::{Message, MessageId, Text, Timestamp, UserInfo};
use alloc::string::String;
use alloc::sync::Arc;

/// The number of a report. The engine uses no number twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReportId(pub u64);

/// A report that is open: no server operator has closed it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Report {
    /// The number.
    pub id: ReportId,
    /// The time.
    pub at: Timestamp,
    /// The user who reports, as it was at that moment.
    pub by: Arc<UserInfo>,
    /// The reported user, as it was at that moment, or the sender of the message.
    pub user: Arc<UserInfo>,
    /// A copy of the reported message, which may be deleted later.
    pub message: Option<Arc<Message>>,
    /// The reason, if one was given.
    pub reason: Option<Text>,
}

/// The message or the user that a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ReportTarget<N = String> {
    /// A message of another user that the user can read, and that is still in memory.
    Message(MessageId),
    /// A user who is online.
    User(N),
}

impl Report {
    /// Makes a report. The engine makes its own reports; this is for tests of stores.
    pub fn new(id: ReportId, at: Timestamp, by: Arc<UserInfo>, user: Arc<UserInfo>) -> Self {
        Self { id, at, by, user, message: None, reason: None }
    }
}
