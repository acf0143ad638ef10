//! What a session can ask for.

use crate::{
    ChannelName, MessageId, MessageKind, ModeChange, Nickname, Secret, StatusChange, Target, Text,
};
use alloc::string::String;
use alloc::vec::Vec;

/// A command. A plain `Command` has its words as somebody typed them, so that nothing in it can be wrong in a way that is
/// not answered. The engine parses its names and cleans its texts; a [`Policy`](crate::Policy) sees the result, a
/// `Command<Checked>`.
///
/// Each is answered by exactly one [`Effect::Reply`](crate::Effect::Reply); the variant says which event that is if the
/// command is not refused. The answer is among the command's effects, unless the host has to be
/// [asked](crate::Effect::Ask) first who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Command<W: Words = Unchecked> {
    /// Takes a name; everything else needs one. Answer: [`Welcomed`](crate::Event::Welcomed).
    Identify {
        /// The name, or the next free one of `user1`, `user2`, … if there is none. Of no account if the host has
        /// [decided](crate::Peer::nickname) it.
        nickname: Option<W::Nickname>,
        /// Whether to join the lobby in the same step.
        lobby: bool,
        /// What proves who it is, if the host [asks for that](crate::Config::authenticate).
        token: Option<Secret>,
        /// A key with which the client can come back as the same user after it has lost its
        /// connection. See [`Config::reconnect_period`](crate::Config::reconnect_period).
        reconnect_key: Option<Secret>,
    },
    /// Takes another name. Answer: [`Renamed`](crate::Event::Renamed).
    Rename {
        /// The new name.
        nickname: W::Nickname,
    },
    /// Joins a channel, which is made if there is none. Answer: [`Entered`](crate::Event::Entered), also for a member.
    Join {
        /// The channel.
        channel: W::Channel,
        /// What one must know to join, if the channel has a key.
        key: Option<String>,
    },
    /// Joins several channels, each as [`Join`](Self::Join) would: one that is refused does not keep the session out of the
    /// others. Answer: [`EnteredMany`](crate::Event::EnteredMany).
    ///
    /// At most [`Config::channels_per_user`](crate::Config::channels_per_user) at once. Against the rate limit five of
    /// them count as one command, but never more than a whole burst.
    JoinMany {
        /// The channels, in the order in which they are joined.
        channels: Vec<JoinTarget<W::Channel>>,
    },
    /// Leaves a channel. Answer: [`Left`](crate::Event::Left).
    Leave {
        /// The channel.
        channel: W::Channel,
        /// Why, for those who stay.
        reason: Option<W::Text>,
    },
    /// Says something. Answer: [`Sent`](crate::Event::Sent).
    Say {
        /// Where or to whom.
        to: W::Recipient,
        /// How it is meant.
        kind: MessageKind,
        /// The words.
        text: W::Text,
    },
    /// Reads a topic. Answer: [`TopicShown`](crate::Event::TopicShown).
    ShowTopic {
        /// The channel.
        channel: W::Channel,
    },
    /// Sets or removes a topic. Answer: [`TopicChanged`](crate::Event::TopicChanged).
    SetTopic {
        /// The channel.
        channel: W::Channel,
        /// The topic; none is not the same as an empty one.
        topic: Option<W::Text>,
    },
    /// Reads a channel's modes. Answer: [`ModesShown`](crate::Event::ModesShown).
    ShowModes {
        /// The channel.
        channel: W::Channel,
    },
    /// Changes a channel's modes, all or none. Answer: [`ModesChanged`](crate::Event::ModesChanged).
    SetModes {
        /// The channel.
        channel: W::Channel,
        /// The changes, in order.
        changes: Vec<ModeChange>,
    },
    /// Changes a member's statuses. Answer: [`RoleChanged`](crate::Event::RoleChanged).
    SetRole {
        /// The channel.
        channel: W::Channel,
        /// The member.
        nickname: W::Nickname,
        /// The change.
        change: StatusChange,
    },
    /// Puts a member out of a channel. Answer: [`Kicked`](crate::Event::Kicked).
    Kick {
        /// The channel.
        channel: W::Channel,
        /// The member.
        nickname: W::Nickname,
        /// Why.
        reason: Option<W::Text>,
    },
    /// Keeps somebody out of a channel, and puts them out of it. Answer: [`Banned`](crate::Event::Banned).
    Ban {
        /// The channel.
        channel: W::Channel,
        /// The name; nobody needs to have it now.
        nickname: W::Nickname,
        /// Why.
        reason: Option<W::Text>,
    },
    /// Takes a ban back. Answer: [`Unbanned`](crate::Event::Unbanned).
    Unban {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Keeps somebody from speaking in a channel. Answer: [`Muted`](crate::Event::Muted).
    Mute {
        /// The channel.
        channel: W::Channel,
        /// The name; nobody needs to have it now.
        nickname: W::Nickname,
        /// Why.
        reason: Option<W::Text>,
    },
    /// Takes a mute back. Answer: [`Unmuted`](crate::Event::Unmuted).
    Unmute {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Frees somebody from bans and mutes of a channel. Answer: [`Exempted`](crate::Event::Exempted).
    Exempt {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Takes an exception back. Answer: [`Unexempted`](crate::Event::Unexempted).
    Unexempt {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Asks somebody into a channel. Answer: [`Invited`](crate::Event::Invited).
    Invite {
        /// The channel.
        channel: W::Channel,
        /// The user.
        nickname: W::Nickname,
    },
    /// Lists users, sorted by name. Answer: [`Users`](crate::Event::Users).
    ListUsers {
        /// Those of one channel; everybody who is online if there is none.
        channel: Option<W::Channel>,
    },
    /// Lists the channels that are not secret, and those one is in, sorted by name. Answer: [`Channels`](crate::Event::Channels).
    ListChannels,
    /// Reads what was said in a channel that one is in. Answer: [`History`](crate::Event::History).
    ReadHistory {
        /// The channel.
        channel: W::Channel,
        /// Which part of it.
        range: HistoryRange,
        /// Most messages to answer with; at most [`Config::history_page`](crate::Config::history_page).
        limit: usize,
    },
    /// Says that one is away, or back. Answer: [`AwayChanged`](crate::Event::AwayChanged).
    SetAway {
        /// What those who write to one are told; none: back.
        message: Option<W::Text>,
    },
    /// Ends the session. Answer: [`Goodbye`](crate::Event::Goodbye). Never refused.
    Quit {
        /// Why, for those who stay.
        reason: Option<W::Text>,
    },
}

/// Whether the words of a [`Command`] have been checked, which decides what types they are of.
pub trait Words {
    /// The name of a channel.
    type Channel;
    /// The name of a user.
    type Nickname;
    /// A message, a topic, a reason, an away text.
    type Text;
    /// Where or to whom something is said.
    type Recipient;
}

/// Names and texts as somebody typed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchecked {}

/// Valid names and clean texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {}

impl Words for Unchecked {
    type Channel = String;
    type Nickname = String;
    type Text = String;
    type Recipient = Recipient;
}

impl Words for Checked {
    type Channel = ChannelName;
    type Nickname = Nickname;
    type Text = Text;
    type Recipient = Target;
}

/// One of several channels to join.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JoinTarget<C = String> {
    /// The channel.
    pub channel: C,
    /// What one must know to join, if the channel has a key.
    pub key: Option<String>,
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

impl<W: Words> Command<W> {
    /// The texts that others are shown if the command is carried out, to read or to rewrite: messages, topics, reasons
    /// and away texts. Names and keys are not among them.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut W::Text> {
        let text = match self {
            Self::Say { text, .. } => Some(text),
            Self::Leave { reason, .. }
            | Self::Kick { reason, .. }
            | Self::Ban { reason, .. }
            | Self::Mute { reason, .. }
            | Self::Quit { reason } => reason.as_mut(),
            Self::SetTopic { topic, .. } => topic.as_mut(),
            Self::SetAway { message } => message.as_mut(),
            Self::Identify { .. }
            | Self::Rename { .. }
            | Self::Join { .. }
            | Self::JoinMany { .. }
            | Self::ShowTopic { .. }
            | Self::ShowModes { .. }
            | Self::SetModes { .. }
            | Self::SetRole { .. }
            | Self::Unban { .. }
            | Self::Unmute { .. }
            | Self::Exempt { .. }
            | Self::Unexempt { .. }
            | Self::Invite { .. }
            | Self::ListUsers { .. }
            | Self::ListChannels
            | Self::ReadHistory { .. } => None,
        };
        text.into_iter()
    }
}

impl Command<Checked> {
    /// The channels that the command names. They compare without regard to case, width and a leading `#`.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelName> {
        let mut many = [].as_slice();
        let channel = match self {
            Self::JoinMany { channels } => {
                many = channels;
                None
            }
            Self::Say { to: Target::Channel(channel), .. }
            | Self::Join { channel, .. }
            | Self::Leave { channel, .. }
            | Self::ShowTopic { channel }
            | Self::SetTopic { channel, .. }
            | Self::ShowModes { channel }
            | Self::SetModes { channel, .. }
            | Self::SetRole { channel, .. }
            | Self::Kick { channel, .. }
            | Self::Ban { channel, .. }
            | Self::Unban { channel, .. }
            | Self::Mute { channel, .. }
            | Self::Unmute { channel, .. }
            | Self::Exempt { channel, .. }
            | Self::Unexempt { channel, .. }
            | Self::Invite { channel, .. }
            | Self::ReadHistory { channel, .. } => Some(channel),
            Self::ListUsers { channel } => channel.as_ref(),
            Self::Say { to: Target::User(_), .. }
            | Self::Identify { .. }
            | Self::Rename { .. }
            | Self::ListChannels
            | Self::SetAway { .. }
            | Self::Quit { .. } => None,
        };
        channel.into_iter().chain(many.iter().map(|target| &target.channel))
    }

    /// The names of users that the command mentions, or that it asks for. They compare without regard to case and width.
    pub fn nicknames(&self) -> impl Iterator<Item = &Nickname> {
        let nickname = match self {
            Self::Say { to: Target::User(nickname), .. }
            | Self::Rename { nickname }
            | Self::SetRole { nickname, .. }
            | Self::Kick { nickname, .. }
            | Self::Ban { nickname, .. }
            | Self::Unban { nickname, .. }
            | Self::Mute { nickname, .. }
            | Self::Unmute { nickname, .. }
            | Self::Exempt { nickname, .. }
            | Self::Unexempt { nickname, .. }
            | Self::Invite { nickname, .. } => Some(nickname),
            Self::Identify { nickname, .. } => nickname.as_ref(),
            Self::Say { to: Target::Channel(_), .. }
            | Self::Join { .. }
            | Self::JoinMany { .. }
            | Self::Leave { .. }
            | Self::ShowTopic { .. }
            | Self::SetTopic { .. }
            | Self::ShowModes { .. }
            | Self::SetModes { .. }
            | Self::ListUsers { .. }
            | Self::ListChannels
            | Self::ReadHistory { .. }
            | Self::SetAway { .. }
            | Self::Quit { .. } => None,
        };
        nickname.into_iter()
    }
}
