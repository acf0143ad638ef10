//! What a session can ask for.

use crate::{MessageId, MessageKind, ModeChange, Secret, StatusChange};
use alloc::string::String;

/// A command, with its words as somebody typed them: the engine parses names and cleans texts, so that nothing in here
/// can be wrong in a way that is not answered.
///
/// Each is answered by exactly one [`Effect::Reply`](crate::Effect::Reply); the variant says which event that is if the
/// command is not refused. The answer is among the command's effects, unless the host has to be
/// [asked](crate::Effect::Ask) first who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Command {
    /// Takes a name; everything else needs one. Answer: [`Welcomed`](crate::Event::Welcomed).
    Identify {
        /// The name, or the next free one of `user1`, `user2`, … if there is none. Of no account if the host has
        /// [decided](crate::Peer::nickname) it.
        nickname: Option<String>,
        /// Whether to join the lobby in the same step.
        lobby: bool,
        /// What proves who it is, if the host [asks for that](crate::Config::authenticate).
        token: Option<Secret>,
    },
    /// Takes another name. Answer: [`Renamed`](crate::Event::Renamed).
    Rename {
        /// The new name.
        nickname: String,
    },
    /// Joins a channel, which is made if there is none. Answer: [`Entered`](crate::Event::Entered), also for a member.
    Join {
        /// The channel.
        channel: String,
        /// What one must know to join, if the channel has a key.
        key: Option<String>,
    },
    /// Leaves a channel. Answer: [`Left`](crate::Event::Left).
    Leave {
        /// The channel.
        channel: String,
        /// Why, for those who stay.
        reason: Option<String>,
    },
    /// Says something. Answer: [`Sent`](crate::Event::Sent).
    Say {
        /// Where or to whom.
        to: Recipient,
        /// How it is meant.
        kind: MessageKind,
        /// The words.
        text: String,
    },
    /// Reads a topic. Answer: [`TopicShown`](crate::Event::TopicShown).
    ShowTopic {
        /// The channel.
        channel: String,
    },
    /// Sets or removes a topic. Answer: [`TopicChanged`](crate::Event::TopicChanged).
    SetTopic {
        /// The channel.
        channel: String,
        /// The topic; none is not the same as an empty one.
        topic: Option<String>,
    },
    /// Reads a channel's modes. Answer: [`ModesShown`](crate::Event::ModesShown).
    ShowModes {
        /// The channel.
        channel: String,
    },
    /// Changes a channel's modes, all or none. Answer: [`ModesChanged`](crate::Event::ModesChanged).
    SetModes {
        /// The channel.
        channel: String,
        /// The changes, in order.
        changes: alloc::vec::Vec<ModeChange>,
    },
    /// Changes a member's statuses. Answer: [`RoleChanged`](crate::Event::RoleChanged).
    SetRole {
        /// The channel.
        channel: String,
        /// The member.
        nickname: String,
        /// The change.
        change: StatusChange,
    },
    /// Puts a member out of a channel. Answer: [`Kicked`](crate::Event::Kicked).
    Kick {
        /// The channel.
        channel: String,
        /// The member.
        nickname: String,
        /// Why.
        reason: Option<String>,
    },
    /// Keeps somebody out of a channel, and puts them out of it. Answer: [`Banned`](crate::Event::Banned).
    Ban {
        /// The channel.
        channel: String,
        /// The name; nobody needs to have it now.
        nickname: String,
        /// Why.
        reason: Option<String>,
    },
    /// Takes a ban back. Answer: [`Unbanned`](crate::Event::Unbanned).
    Unban {
        /// The channel.
        channel: String,
        /// The name.
        nickname: String,
    },
    /// Keeps somebody from speaking in a channel. Answer: [`Muted`](crate::Event::Muted).
    Mute {
        /// The channel.
        channel: String,
        /// The name; nobody needs to have it now.
        nickname: String,
        /// Why.
        reason: Option<String>,
    },
    /// Takes a mute back. Answer: [`Unmuted`](crate::Event::Unmuted).
    Unmute {
        /// The channel.
        channel: String,
        /// The name.
        nickname: String,
    },
    /// Frees somebody from bans and mutes of a channel. Answer: [`Exempted`](crate::Event::Exempted).
    Exempt {
        /// The channel.
        channel: String,
        /// The name.
        nickname: String,
    },
    /// Takes an exception back. Answer: [`Unexempted`](crate::Event::Unexempted).
    Unexempt {
        /// The channel.
        channel: String,
        /// The name.
        nickname: String,
    },
    /// Asks somebody into a channel. Answer: [`Invited`](crate::Event::Invited).
    Invite {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
    },
    /// Lists users, sorted by name. Answer: [`Users`](crate::Event::Users).
    ListUsers {
        /// Those of one channel; everybody who is online if there is none.
        channel: Option<String>,
    },
    /// Lists the channels that are not secret, and those one is in, sorted by name. Answer: [`Channels`](crate::Event::Channels).
    ListChannels,
    /// Reads what was said in a channel that one is in. Answer: [`History`](crate::Event::History).
    ReadHistory {
        /// The channel.
        channel: String,
        /// Which part of it.
        range: HistoryRange,
        /// Most messages to answer with; at most [`Config::history_page`](crate::Config::history_page).
        limit: usize,
    },
    /// Says that one is away, or back. Answer: [`AwayChanged`](crate::Event::AwayChanged).
    SetAway {
        /// What those who write to one are told; none: back.
        message: Option<String>,
    },
    /// Ends the session. Answer: [`Goodbye`](crate::Event::Goodbye). Never refused.
    Quit {
        /// Why, for those who stay.
        reason: Option<String>,
    },
}

/// Where or to whom something is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Recipient {
    /// To everybody in the channel of this name.
    Channel(String),
    /// To the user of this name, privately.
    User(String),
}

/// Which part of a history is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HistoryRange {
    /// The newest messages.
    Latest,
    /// The newest of those before a message.
    Before(MessageId),
    /// The oldest of those after a message.
    After(MessageId),
}
