//! The audit log: what server operators and the host have done.

use crate::{
    AccountName, Actor, BanTarget, ChannelName, ReportId, ServerBan, StatusSet, Text, Timestamp,
    UserInfo,
};
use alloc::sync::Arc;

/// The number of an entry of the audit log. Numbers only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AuditId(pub u64);

/// An entry of the audit log: something that a server operator or the host has done to others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AuditEntry {
    /// The number.
    pub id: AuditId,
    /// The time.
    pub at: Timestamp,
    /// The server operator, as it was at that moment, or the host.
    pub by: Actor,
    /// The action.
    pub action: AuditAction,
}

impl AuditEntry {
    /// Makes an entry. The engine makes its own entries; this is for tools that change a store
    /// without an engine, and for tests of stores.
    pub fn new(id: AuditId, at: Timestamp, by: Actor, action: AuditAction) -> Self {
        Self { id, at, by, action }
    }
}

/// An action in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum AuditAction {
    /// An account, a nickname or a range of addresses was banned from the whole server.
    ServerBanned(ServerBan),
    /// A ban from the whole server was lifted.
    ServerUnbanned {
        /// The account, the nickname or the addresses.
        target: BanTarget,
    },
    /// All sessions of a user were ended.
    Disconnected {
        /// The user.
        user: Arc<UserInfo>,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// An account was removed.
    AccountRemoved {
        /// The account.
        account: AccountName,
    },
    /// The host has made an account with a password. The engine makes no such entry.
    AccountAdded {
        /// The account.
        account: AccountName,
    },
    /// The host has set a new password for an account, and ended its logins. The engine makes no
    /// such entry.
    PasswordReset {
        /// The account.
        account: AccountName,
    },
    /// A channel was closed.
    ChannelClosed {
        /// The channel.
        channel: ChannelName,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// A server operator has changed the statuses of a member of a channel.
    RoleChanged {
        /// The channel.
        channel: ChannelName,
        /// The member.
        user: Arc<UserInfo>,
        /// All statuses now.
        statuses: StatusSet,
    },
    /// A report was closed.
    ReportClosed {
        /// The report.
        report: ReportId,
        /// The user who has reported.
        by: Arc<UserInfo>,
        /// The reported user.
        user: Arc<UserInfo>,
        /// The reason, or what was done, if that was said.
        reason: Option<Text>,
    },
}
