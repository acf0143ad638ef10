//! What people are told: past facts, with names as they were at that moment.

use crate::{ChannelName, Message, Modes, Nickname, Refusal, Role, Target, Text, Timestamp};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A fact. The same variant tells the one who asked ([`Effect::Reply`](crate::Effect::Reply)) and the others
/// ([`Effect::Deliver`](crate::Effect::Deliver)), where both are told. Cloning is cheap: what is long is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Event {
    /// The session has a name now.
    Welcomed {
        /// The name.
        nickname: Nickname,
        /// Who is in the lobby, oneself included, if it was joined in the same step.
        lobby: Option<Box<Roster>>,
        /// When the engine started. It is the same for all sessions of one engine, so a client that sees another value
        /// after it has come back knows that the server was restarted, and that ids of messages count from one again.
        boot: Timestamp,
        /// The channels that the user is in, sorted, if the session is that of a user who had lost the
        /// [connection](crate::Config::reconnect_period). The roster of each follows; together they
        /// have at most four times [`Config::listing`](crate::Config::listing) members.
        reconnected: Option<Vec<ChannelName>>,
    },
    /// The session is in a channel now.
    Entered(Roster),
    /// The session is in several channels now, which it has asked for in one command.
    EnteredMany {
        /// Who is in the channels, in the order in which they were joined. Together they have at most four times
        /// [`Config::listing`](crate::Config::listing) members: those that come last may show nobody but oneself.
        entered: Vec<Roster>,
        /// Which channels could not be joined, and why.
        refused: Vec<JoinRefusal>,
    },
    /// Somebody joined a channel.
    Joined {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
    },
    /// Somebody left a channel.
    Left {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// Why, if they said so.
        reason: Option<Text>,
    },
    /// Somebody is gone altogether. Told once to each, with the channels that they shared with the one who is gone.
    Quit {
        /// Who.
        nickname: Nickname,
        /// Why, if there is more to say.
        reason: Option<Text>,
        /// The channels that each of those who are told was in together with them, sorted; without those with so many
        /// members that departures are [not announced](crate::Config::announce_up_to).
        channels: Vec<ChannelName>,
    },
    /// The session ends because it asked to.
    Goodbye {
        /// Why, if they said so.
        reason: Option<Text>,
    },
    /// One's own message has been taken.
    Sent {
        /// The message.
        message: Arc<Message>,
        /// What the one it was sent to has said about being away.
        away: Option<Text>,
    },
    /// Somebody said something.
    Said(Arc<Message>),
    /// Somebody has another name now, perhaps only in another case.
    Renamed {
        /// The name before.
        from: Nickname,
        /// The name now.
        to: Nickname,
    },
    /// What the topic is.
    TopicShown {
        /// The channel.
        channel: ChannelName,
        /// Its topic.
        topic: Option<Topic>,
    },
    /// Somebody set or removed the topic.
    TopicChanged {
        /// The channel.
        channel: ChannelName,
        /// Its topic now.
        topic: Option<Topic>,
        /// Who changed it.
        by: Nickname,
    },
    /// What the modes are. Only members are shown the key.
    ModesShown {
        /// The channel.
        channel: ChannelName,
        /// Its modes.
        modes: Modes,
    },
    /// Somebody changed the modes.
    ModesChanged {
        /// The channel.
        channel: ChannelName,
        /// Its modes now.
        modes: Modes,
        /// Who changed them.
        by: Nickname,
    },
    /// Somebody's statuses were changed.
    RoleChanged {
        /// The channel.
        channel: ChannelName,
        /// Whose.
        nickname: Nickname,
        /// The role now.
        role: Role,
        /// Who changed it.
        by: Nickname,
    },
    /// Somebody was put out of a channel.
    Kicked {
        /// The channel.
        channel: ChannelName,
        /// Who was put out.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
        /// Why.
        reason: Option<Text>,
        /// True if it was a ban, so that joining again is refused.
        banned: bool,
    },
    /// Somebody may not join a channel any more. Those in the channel are told [`Kicked`](Self::Kicked) if it was a member.
    Banned {
        /// The channel.
        channel: ChannelName,
        /// Who is banned.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
        /// Why.
        reason: Option<Text>,
    },
    /// Somebody may join a channel again.
    Unbanned {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
    },
    /// Somebody may not speak in a channel any more.
    Muted {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
        /// Why.
        reason: Option<Text>,
    },
    /// Somebody may speak in a channel again.
    Unmuted {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
    },
    /// Bans and mutes of a channel do not concern somebody any more.
    Exempted {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
    },
    /// Bans and mutes of a channel concern somebody again.
    Unexempted {
        /// The channel.
        channel: ChannelName,
        /// Who.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
    },
    /// Somebody was asked into a channel.
    Invited {
        /// The channel.
        channel: ChannelName,
        /// Who was asked.
        nickname: Nickname,
        /// By whom.
        by: Nickname,
    },
    /// Who is there.
    Users {
        /// In this channel; online if there is none.
        channel: Option<ChannelName>,
        /// Sorted by name, at most [`Config::listing`](crate::Config::listing) of them.
        users: Vec<UserEntry>,
        /// How many there are.
        count: usize,
    },
    /// Which channels there are.
    Channels {
        /// Sorted by name, at most [`Config::listing`](crate::Config::listing) of them.
        channels: Vec<ChannelEntry>,
        /// How many of those looked at had to be left out.
        omitted: usize,
    },
    /// What was said.
    History {
        /// The channel.
        channel: ChannelName,
        /// The messages, oldest first.
        messages: Vec<Arc<Message>>,
        /// Whether there are more in the direction that was asked for.
        more: bool,
    },
    /// Somebody is away now, or back.
    AwayChanged {
        /// Who.
        nickname: Nickname,
        /// What they say about it; none: back.
        message: Option<Text>,
    },
    /// The command was refused and has changed nothing.
    Rejected(Refusal),
}

impl Event {
    /// The one channel that the event is about, if there is one.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Entered(roster) => Some(&roster.channel),
            Self::Sent { message, .. } | Self::Said(message) => match &message.target {
                Target::Channel(channel) => Some(channel),
                Target::User(_) => None,
            },
            Self::Users { channel, .. } => channel.as_ref(),
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
            | Self::History { channel, .. } => Some(channel),
            Self::Welcomed { .. }
            | Self::EnteredMany { .. }
            | Self::Quit { .. }
            | Self::Goodbye { .. }
            | Self::Renamed { .. }
            | Self::Channels { .. }
            | Self::AwayChanged { .. }
            | Self::Rejected(_) => None,
        }
    }
}

/// Who is in a channel, for one who has just joined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Roster {
    /// The channel.
    pub channel: ChannelName,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Sorted by name, at most [`Config::listing`](crate::Config::listing) of them, oneself among them.
    pub members: Vec<RosterEntry>,
    /// How many members there are.
    pub count: usize,
}

/// One of several channels that could not be joined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JoinRefusal {
    /// Which of the command's channels it was, counted from 0.
    pub index: usize,
    /// The name as it was asked for, cleaned.
    pub channel: Text,
    /// Why.
    pub refusal: Refusal,
}

/// A member in a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RosterEntry {
    /// The member's name.
    pub nickname: Nickname,
    /// The highest status.
    pub role: Role,
}

/// A channel's topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Topic {
    /// The words; may be empty.
    pub text: Text,
    /// Who set it.
    pub by: Nickname,
    /// When.
    pub at: Timestamp,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UserEntry {
    /// The user's name.
    pub nickname: Nickname,
    /// What they say about being away, if they are.
    pub away: Option<Text>,
}

/// A channel in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelEntry {
    /// The channel's name.
    pub name: ChannelName,
    /// Its topic.
    pub topic: Option<Text>,
    /// How many members it has.
    pub members: usize,
}
