//! Commands of server operators.

use crate::{AccountName, BanTarget, ReportId, StatusChange, Unchecked, Words};
use core::time::Duration;

/// A command of a server operator: a user whose account is one of
/// [`Config::server_operators`](crate::Config::server_operators), or who has
/// [logged in](crate::UserCommand::BecomeOperator) as an operator. Other users are
/// [refused](crate::Refusal::NotServerOperator).
///
/// A server operator needs no membership and outranks everybody, but can neither ban nor disconnect
/// a server operator, nor remove its account: [`AffectsServerOperator`]. The host has most of these
/// commands, without that limit, in [`HostCommand`](crate::HostCommand).
///
/// [`AffectsServerOperator`]: crate::Refusal::AffectsServerOperator
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "W::Text: serde::Serialize, W::Channel: serde::Serialize, \
                     W::Nickname: serde::Serialize",
        deserialize = "W::Text: serde::Deserialize<'de>, W::Channel: serde::Deserialize<'de>, \
                       W::Nickname: serde::Deserialize<'de>"
    ))
)]
#[non_exhaustive]
pub enum OperatorCommand<W: Words = Unchecked> {
    /// Bans an account, a nickname or a range of network addresses from the whole server, instead
    /// of an earlier ban of the same. The user or the sessions that it applies to are disconnected.
    /// Answer: [`ServerBanned`](crate::Event::ServerBanned).
    BanServer {
        /// The account, the nickname or the addresses.
        target: BanTarget<W::Nickname>,
        /// The duration of the ban; `None`: until it is lifted.
        duration: Option<Duration>,
        /// The reason, which is in the [refusal](crate::Refusal::ServerBanned).
        reason: Option<W::Text>,
    },
    /// Lifts a ban from the whole server. Answer:
    /// [`ServerUnbanned`](crate::Event::ServerUnbanned).
    UnbanServer {
        /// The account, the nickname or the addresses.
        target: BanTarget<W::Nickname>,
    },
    /// Ends all sessions of a user (`KILL` in IRC), with
    /// [`CloseReason::Removed`](crate::CloseReason::Removed). Answer:
    /// [`Disconnected`](crate::Event::Disconnected).
    Disconnect {
        /// The user.
        nickname: W::Nickname,
        /// The reason.
        reason: Option<W::Text>,
    },
    /// Removes an account, as [`HostCommand::RemoveAccount`](crate::HostCommand::RemoveAccount)
    /// does. Answer: [`AccountRemoved`](crate::Event::AccountRemoved).
    RemoveAccount {
        /// The account.
        account: AccountName,
    },
    /// Closes a channel other than the lobby, as
    /// [`HostCommand::CloseChannel`](crate::HostCommand::CloseChannel) does. Answer:
    /// [`ChannelClosed`](crate::Event::ChannelClosed).
    CloseChannel {
        /// The channel, which may be secret.
        channel: W::Channel,
        /// The reason, for its members.
        reason: Option<W::Text>,
    },
    /// Changes a member's statuses in any channel, for example to give it an owner. Answer:
    /// [`RoleChanged`](crate::Event::RoleChanged).
    SetRole {
        /// The channel.
        channel: W::Channel,
        /// The member.
        nickname: W::Nickname,
        /// The change.
        change: StatusChange,
    },
    /// Tells something to the users who [want](crate::UserModes::announcements) to hear it, and to
    /// all server operators (`WALLOPS` in IRC). The text is one line. Answer:
    /// [`Announced`](crate::Event::Announced).
    Announce {
        /// The text.
        text: W::Text,
    },
    /// Closes a report, which is forgotten. Answer: [`ReportClosed`](crate::Event::ReportClosed).
    CloseReport {
        /// The report.
        report: ReportId,
        /// The reason, or what was done, for the audit log.
        reason: Option<W::Text>,
    },
}

impl<W: Words> OperatorCommand<W> {
    /// The reason that others are shown, if the command has one.
    pub(crate) fn reason_mut(&mut self) -> Option<&mut Option<W::Text>> {
        match self {
            Self::BanServer { reason, .. }
            | Self::Disconnect { reason, .. }
            | Self::CloseChannel { reason, .. }
            | Self::CloseReport { reason, .. } => Some(reason),
            Self::UnbanServer { .. }
            | Self::RemoveAccount { .. }
            | Self::Announce { .. }
            | Self::SetRole { .. } => None,
        }
    }

    /// The text that others are shown, if the command has one.
    pub(crate) fn text_mut(&mut self) -> Option<&mut W::Text> {
        match self {
            Self::Announce { text } => Some(text),
            Self::BanServer { .. }
            | Self::UnbanServer { .. }
            | Self::Disconnect { .. }
            | Self::RemoveAccount { .. }
            | Self::CloseChannel { .. }
            | Self::SetRole { .. }
            | Self::CloseReport { .. } => self.reason_mut().and_then(Option::as_mut),
        }
    }

    /// The channel that the command names.
    pub(crate) fn channel(&self) -> Option<&W::Channel> {
        match self {
            Self::CloseChannel { channel, .. } | Self::SetRole { channel, .. } => Some(channel),
            Self::BanServer { .. }
            | Self::UnbanServer { .. }
            | Self::Disconnect { .. }
            | Self::RemoveAccount { .. }
            | Self::Announce { .. }
            | Self::CloseReport { .. } => None,
        }
    }

    /// The nickname that the command names.
    pub(crate) fn nickname(&self) -> Option<&W::Nickname> {
        match self {
            Self::BanServer { target: BanTarget::Nickname(nickname), .. }
            | Self::UnbanServer { target: BanTarget::Nickname(nickname) }
            | Self::Disconnect { nickname, .. }
            | Self::SetRole { nickname, .. } => Some(nickname),
            Self::BanServer { .. }
            | Self::UnbanServer { .. }
            | Self::RemoveAccount { .. }
            | Self::CloseChannel { .. }
            | Self::Announce { .. }
            | Self::CloseReport { .. } => None,
        }
    }
}
