//! Commands of sessions.

use crate::{
    AccountCommand, AppData, Credential, DataChange, HistoryRange, List, MessageCommand, MessageId,
    MessageKind, ModeChange, OperatorCommand, Profile, ProfileChange, Query, Recipient,
    ReportTarget, Secret, StatusChange, Timestamp, Unchecked, UserCommand, Words,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The point from which a client that has lost its connection continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ResumePoint {
    /// The epoch of the ids that the client has seen: that of its last
    /// [welcome](crate::Event::Welcomed).
    pub epoch: Timestamp,
    /// The highest id of a message that the client has received, also as an acknowledgement.
    pub id: MessageId,
}

/// A command. A plain `Command` has names and texts as the client sent them, so that the engine can
/// answer every error in them. The engine parses the names and cleans the texts; a
/// [`Policy`](crate::Policy) sees the result, a `Command<Checked>`.
///
/// Exactly one [`Effect::Reply`](crate::Effect::Reply) answers each command. The documentation of a
/// variant names the event of that reply if the command is not refused. The reply is among the
/// command's effects, unless the host has to [authenticate](crate::Effect::Ask) the session first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Command<W: Words = Unchecked> {
    /// Takes a nickname, which all other commands need. Answer:
    /// [`Welcomed`](crate::Event::Welcomed).
    Identify {
        /// The nickname; `None` for the next free one of `user1`, `user2`, …. Ignored if the host
        /// has [decided](crate::Peer::nickname) it.
        nickname: Option<W::Nickname>,
        /// True to join the lobby in the same step.
        lobby: bool,
        /// The proof that the session belongs to an account, if it does.
        credential: Option<Credential>,
        /// A key with which the client can come back as the same user after it has lost its
        /// connection. See [`Config::reconnect_period`](crate::Config::reconnect_period).
        reconnect_key: Option<Secret>,
        /// Further properties of the user, if the client gives some. Ignored if the user is online
        /// already.
        profile: Option<Box<Profile<W::Text>>>,
        /// The last message that the client has received. The session then enters the channels that
        /// the user's account is in, and is sent the messages [after it](crate::Event::Missed).
        /// `None`: the client keeps no messages, and joins channels itself.
        resume: Option<ResumePoint>,
    },
    /// Takes another nickname. Answer: [`Renamed`](crate::Event::Renamed).
    Rename {
        /// The new nickname.
        nickname: W::Nickname,
    },
    /// Changes the user's profile, in order. Answer:
    /// [`UserInfoChanged`](crate::Event::UserInfoChanged).
    SetProfile {
        /// The changes.
        changes: Vec<ProfileChange<W::Text>>,
    },
    /// Sets and removes entries of the application data of the user itself, or of a channel that
    /// the user operates, in order: those that [everybody may
    /// set](crate::Config::public_data_keys). Answer:
    /// [`UserInfoChanged`](crate::Event::UserInfoChanged) or
    /// [`ChannelDataChanged`](crate::Event::ChannelDataChanged).
    SetData {
        /// The channel; `None` for the user itself.
        channel: Option<W::Channel>,
        /// The changes.
        changes: Vec<DataChange<W::Text>>,
    },
    /// Joins a channel, and creates it if there is none. Answer:
    /// [`Entered`](crate::Event::Entered), also for a member.
    Join {
        /// The channel.
        channel: W::Channel,
        /// The channel's key, if it has one.
        key: Option<String>,
    },
    /// Joins several channels, each as [`Join`](Self::Join) would. The refusal of one does not
    /// prevent the others. Answer: [`EnteredMany`](crate::Event::EnteredMany).
    ///
    /// At most [`Config::channels_per_user`](crate::Config::channels_per_user) at once. Against the
    /// rate limit five of them count as one command, but never more than a whole burst.
    JoinMany {
        /// The channels, in the order in which they are joined.
        channels: Vec<JoinTarget<W::Channel>>,
    },
    /// Leaves a channel. Answer: [`Left`](crate::Event::Left).
    Leave {
        /// The channel.
        channel: W::Channel,
        /// The reason, which the members who stay are told.
        reason: Option<W::Text>,
    },
    /// Says something. Answer: [`Sent`](crate::Event::Sent).
    Say {
        /// The channel or user.
        to: W::Recipient,
        /// The kind of message.
        kind: MessageKind,
        /// The text.
        text: W::Text,
        /// The client's own name for the message, unique among the messages of its account, or of
        /// its user if that has no account.
        ///
        /// If one of them was accepted with this nonce within
        /// [`Config::nonce_window`](crate::Config::nonce_window), the answer is the acknowledgement
        /// of that message, and nothing is delivered: the first message counts, even if this one
        /// has another recipient or text, or would be refused by now. So after a lost connection, a
        /// client can send messages again that were not acknowledged.
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "W::Nonce: serde::Serialize",
                deserialize = "W::Nonce: serde::Deserialize<'de>"
            ))
        )]
        nonce: Option<W::Nonce>,
        /// The application data of the message.
        data: AppData,
        /// The message that this one replies to. The user has to be able to read it, in the same
        /// channel or private conversation. It may have been deleted meanwhile.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        reply_to: Option<MessageId>,
    },
    /// Sends application data to those who are there now, such as that the user is
    /// [typing](AppData::TYPING), which is limited by
    /// [`Config::typing_up_to`](crate::Config::typing_up_to) and
    /// [`Config::typing_interval`](crate::Config::typing_interval). Nothing
    /// of it is stored, and sessions that read too slowly do not get it. Whoever may
    /// [say](Self::Say) something may send a signal. Answer:
    /// [`Signalled`](crate::Event::Signalled).
    Signal {
        /// The channel or user.
        to: W::Recipient,
        /// The application data, of which there has to be some.
        data: AppData,
    },
    /// Marks the messages of a channel that the user is in, or its private messages with a user, as
    /// read up to one. The mark is kept for accounts; it never moves back. The user's other
    /// sessions are told. Answer: [`ReadMarked`](crate::Event::ReadMarked).
    MarkRead {
        /// The channel, or the other user.
        of: W::Recipient,
        /// The last message that the user has read.
        id: MessageId,
    },
    /// Reads a topic: short for [`Query::Topic`].
    ShowTopic {
        /// The channel.
        channel: W::Channel,
    },
    /// Sets or removes a topic. Answer: [`TopicChanged`](crate::Event::TopicChanged).
    SetTopic {
        /// The channel.
        channel: W::Channel,
        /// The topic; `None` removes it, which is not the same as an empty topic.
        topic: Option<W::Text>,
    },
    /// Reads a channel's modes: short for [`Query::Modes`].
    ShowModes {
        /// The channel.
        channel: W::Channel,
    },
    /// Changes a channel's modes, all or none. Answer:
    /// [`ModesChanged`](crate::Event::ModesChanged).
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
    /// Removes a member from a channel. Answer: [`Kicked`](crate::Event::Kicked).
    Kick {
        /// The channel.
        channel: W::Channel,
        /// The member.
        nickname: W::Nickname,
        /// The reason, if any.
        reason: Option<W::Text>,
    },
    /// Forbids a user to join a channel, and removes them from it. Answer:
    /// [`Banned`](crate::Event::Banned).
    Ban {
        /// The channel.
        channel: W::Channel,
        /// The nickname; it need not be in use.
        nickname: W::Nickname,
        /// The reason, if any.
        reason: Option<W::Text>,
    },
    /// Removes a ban. Answer: [`Unbanned`](crate::Event::Unbanned).
    Unban {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Forbids a user to speak in a channel. Answer: [`Muted`](crate::Event::Muted).
    Mute {
        /// The channel.
        channel: W::Channel,
        /// The nickname; it need not be in use.
        nickname: W::Nickname,
        /// The reason, if any.
        reason: Option<W::Text>,
    },
    /// Removes a mute. Answer: [`Unmuted`](crate::Event::Unmuted).
    Unmute {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Exempts a user from bans and mutes of a channel. Answer:
    /// [`Exempted`](crate::Event::Exempted).
    Exempt {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Removes an exception. Answer: [`Unexempted`](crate::Event::Unexempted).
    Unexempt {
        /// The channel.
        channel: W::Channel,
        /// The name.
        nickname: W::Nickname,
    },
    /// Adds a mask to a list of a channel, or removes it. Answer:
    /// [`MaskChanged`](crate::Event::MaskChanged).
    ///
    /// A ban removes nobody from the channel, and does not apply to the accounts of its operators
    /// and owners. A mask `nick!*@*` is about a single user: for bans, mutes and
    /// exceptions, the command is that for the nickname, such as [`Ban`](Self::Ban).
    SetMask {
        /// The channel.
        channel: W::Channel,
        /// The list.
        list: List,
        /// The mask.
        mask: W::Mask,
        /// True to add the mask, false to remove it.
        listed: bool,
        /// The reason, if any.
        reason: Option<W::Text>,
    },
    /// Invites a user into a channel. Answer: [`Invited`](crate::Event::Invited).
    Invite {
        /// The channel.
        channel: W::Channel,
        /// The user.
        nickname: W::Nickname,
    },
    /// Lists the first users by name: short for [`Query::Users`].
    ListUsers {
        /// The channel whose members are listed; `None` for all users.
        channel: Option<W::Channel>,
    },
    /// Lists the first channels by name: short for [`Query::Channels`].
    ListChannels,
    /// Reads the history of a channel that the user is in: short for [`Query::History`].
    ReadHistory {
        /// The channel.
        channel: W::Channel,
        /// The part of the history.
        range: HistoryRange,
        /// The largest number of messages in the answer; at most
        /// [`Config::history_page`](crate::Config::history_page).
        limit: usize,
    },
    /// Looks something up. The answer depends on the [`Query`]. A [`Policy`](crate::Policy) sees
    /// every look-up in this form.
    Query(
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "Query<W>: serde::Serialize",
                deserialize = "Query<W>: serde::Deserialize<'de>"
            ))
        )]
        Query<W>,
    ),
    /// Does something with an account that the engine keeps. The answer depends on the
    /// [`AccountCommand`].
    Account(AccountCommand),
    /// Changes something about the user itself. The answer depends on the [`UserCommand`].
    User(
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "UserCommand<W>: serde::Serialize",
                deserialize = "UserCommand<W>: serde::Deserialize<'de>"
            ))
        )]
        UserCommand<W>,
    ),
    /// Does something that only [server operators](crate::UserModes::operator) may. The answer
    /// depends on the [`OperatorCommand`].
    Operator(
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "OperatorCommand<W>: serde::Serialize",
                deserialize = "OperatorCommand<W>: serde::Deserialize<'de>"
            ))
        )]
        OperatorCommand<W>,
    ),
    /// Does something with a message that was said before, such as deleting it. Answer:
    /// [`MessageChanged`](crate::Event::MessageChanged).
    Message(
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "MessageCommand<W>: serde::Serialize",
                deserialize = "MessageCommand<W>: serde::Deserialize<'de>"
            ))
        )]
        MessageCommand<W>,
    ),
    /// Reports a message or a user to the server operators, who are told if they are online.
    /// Answer: [`Reported`](crate::Event::Reported).
    Report {
        /// The message or the user.
        about: ReportTarget<W::Nickname>,
        /// The reason, if any.
        reason: Option<W::Text>,
    },
    /// Marks the user as away, or as back. Answer: [`AwayChanged`](crate::Event::AwayChanged).
    SetAway {
        /// The text for users who write to this one; `None` if the user is back.
        message: Option<W::Text>,
    },
    /// Ends the session. Answer: [`Goodbye`](crate::Event::Goodbye). Never refused.
    Quit {
        /// The reason, which the members who stay are told.
        reason: Option<W::Text>,
    },
}

/// One of several channels to join.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JoinTarget<C = String> {
    /// The channel.
    pub channel: C,
    /// The channel's key, if it has one.
    pub key: Option<String>,
}

impl Command {
    /// Takes a nickname and joins the lobby: [`Identify`](Self::Identify) without a token.
    pub fn identify(nickname: impl Into<String>) -> Self {
        Self::Identify {
            nickname: Some(nickname.into()),
            lobby: true,
            resume: None,
            credential: None,
            reconnect_key: None,
            profile: None,
        }
    }

    /// Joins a channel that has no key: [`Join`](Self::Join).
    pub fn join(channel: impl Into<String>) -> Self {
        Self::Join { channel: channel.into(), key: None }
    }

    /// Says something in a channel: [`Say`](Self::Say) with an ordinary message.
    pub fn say(channel: impl Into<String>, text: impl Into<String>) -> Self {
        let to = Recipient::Channel(channel.into());
        Self::Say {
            to,
            kind: MessageKind::Message,
            text: text.into(),
            nonce: None,
            data: AppData::default(),
            reply_to: None,
        }
    }

    /// Says something to one user: [`Say`](Self::Say) with an ordinary message.
    pub fn tell(nickname: impl Into<String>, text: impl Into<String>) -> Self {
        let to = Recipient::User(nickname.into());
        Self::Say {
            to,
            kind: MessageKind::Message,
            text: text.into(),
            nonce: None,
            data: AppData::default(),
            reply_to: None,
        }
    }

    /// Gives a [`Say`](Self::Say) a nonce, so that it can safely be sent again. Other commands do
    /// not change.
    ///
    /// ```
    /// use chat_core::Command;
    ///
    /// let command = Command::say("lobby", "hi").with_nonce("6c1f2a");
    /// assert!(matches!(command, Command::Say { nonce: Some(nonce), .. } if *nonce == *"6c1f2a"));
    /// ```
    #[must_use]
    pub fn with_nonce(mut self, name: impl Into<Box<str>>) -> Self {
        if let Self::Say { nonce, .. } = &mut self {
            *nonce = Some(name.into());
        }
        self
    }

    /// Gives a [`Say`](Self::Say) application data. Other commands do not change.
    #[must_use]
    pub fn with_data(mut self, new: AppData) -> Self {
        if let Self::Say { data, .. } = &mut self {
            *data = new;
        }
        self
    }

    /// Makes a [`Say`](Self::Say) a reply to a message. Other commands do not change.
    #[must_use]
    pub fn replying_to(mut self, id: MessageId) -> Self {
        if let Self::Say { reply_to, .. } = &mut self {
            *reply_to = Some(id);
        }
        self
    }
}
