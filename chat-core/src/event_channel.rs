//! The channel that an event is about.

use crate::{ChannelName, Event};

impl Event {
    /// The channel that the event is about, if it is about exactly one.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Entered(roster) => Some(&roster.channel),
            Self::Sent { message, .. } | Self::Said(message) => message.target.channel(),
            Self::MessageChanged(change) => change.message.target.channel(),
            Self::Signalled(signal) => signal.target.channel(),
            Self::ReadMarked { target, .. } => target.channel(),
            Self::Playback(playback) => playback.target.channel(),
            Self::Users { channel, .. } => channel.as_ref(),
            Self::MaskChanged(change) => Some(&change.channel),
            Self::Joined { channel, .. }
            | Self::Left { channel, .. }
            | Self::TopicShown { channel, .. }
            | Self::TopicChanged { channel, .. }
            | Self::ModesShown { channel, .. }
            | Self::ModesChanged { channel, .. }
            | Self::RoleChanged { channel, .. }
            | Self::Kicked { channel, .. }
            | Self::Banned { channel, .. }
            | Self::Unbanned { channel, .. }
            | Self::Muted { channel, .. }
            | Self::Unmuted { channel, .. }
            | Self::Exempted { channel, .. }
            | Self::Unexempted { channel, .. }
            | Self::Invited { channel, .. }
            | Self::ListShown { channel, .. }
            | Self::ChannelCreated { channel, .. }
            | Self::ChannelClosed { channel, .. }
            | Self::ChannelDataChanged { channel, .. }
            | Self::PinsShown { channel, .. }
            | Self::History { channel, .. } => Some(channel),
            Self::Welcomed { .. }
            | Self::EnteredMany { .. }
            | Self::Quit { .. }
            | Self::Goodbye { .. }
            | Self::Renamed { .. }
            | Self::UserInfoChanged { .. }
            | Self::UserModesChanged { .. }
            | Self::PresenceChanged { .. }
            | Self::WatchedShown { .. }
            | Self::Announced { .. }
            | Self::CountsShown(_)
            | Self::Channels { .. }
            | Self::PrivateHistory { .. }
            | Self::Missed { .. }
            | Self::Targets { .. }
            | Self::Found { .. }
            | Self::Invitations { .. }
            | Self::UserShown(_)
            | Self::WasHereShown { .. }
            | Self::AwayChanged { .. }
            | Self::ServerBanned(_)
            | Self::ServerUnbanned { .. }
            | Self::ServerBansShown { .. }
            | Self::AuditLogShown { .. }
            | Self::Reported(_)
            | Self::ReportClosed { .. }
            | Self::ReportsShown { .. }
            | Self::Disconnected { .. }
            | Self::AccountRemoved { .. }
            | Self::LoggedIn(_)
            | Self::LoggedOut
            | Self::PasswordChanged { .. }
            | Self::LoginChallenged { .. }
            | Self::SessionRevoked { .. }
            | Self::Sessions { .. }
            | Self::Rejected(_) => None,
        }
    }
}
