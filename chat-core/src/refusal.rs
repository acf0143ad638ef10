//! Why a command was refused: one cause, one variant.

use crate::{ChannelName, ChannelNameError, Nickname, NicknameError, Role, Text};
use core::fmt;
use core::time::Duration;

/// Why a command was refused. Its `Display` is a sentence for people, in lower case and without a full stop;
/// [`code`](Self::code) is for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Refusal {
    /// The command needs a name.
    #[error("take a nickname first")]
    NotIdentified,
    /// The session has a name already; renaming is another command.
    #[error("already connected")]
    AlreadyIdentified,
    /// The host has decided the user's name.
    #[error("your nickname is given by your login and cannot be changed")]
    NicknameGiven,
    /// It is being found out who one is.
    #[error("it is being checked who you are; wait for the answer")]
    Identifying,
    /// The host does not let one in.
    #[error("{0}")]
    AuthenticationFailed(Text),
    /// The host cannot tell at the moment who one is.
    #[error("it cannot be checked at the moment who you are; try again")]
    TryAgain,
    /// That cannot be a nickname.
    #[error("{0}")]
    NicknameInvalid(NicknameError),
    /// Somebody has that nickname, or one that looks the same.
    #[error("nickname '{0}' is already in use")]
    NicknameInUse(Nickname),
    /// That cannot be the name of a channel.
    #[error("{0}")]
    ChannelNameInvalid(ChannelNameError),
    /// There is no such channel, or it is secret.
    #[error("there is no channel {0}")]
    NoSuchChannel(ChannelName),
    /// Nobody is online under that name.
    #[error("there is no user '{0}'")]
    NoSuchUser(Nickname),
    /// The user has lost the connection, and may be back in a moment: what is sent now would be lost.
    #[error("'{0}' has lost the connection, and may be back in a few seconds; try again then")]
    UserDisconnected(Nickname),
    /// A reconnect key is so short that others could guess it, or too long.
    #[error("a reconnect key must have {least} to {most} bytes, chosen at random")]
    ReconnectKeyInvalid {
        /// Fewest bytes.
        least: usize,
        /// Most bytes.
        most: usize,
    },
    /// One has to be in the channel for that.
    #[error("you are not in {0}")]
    NotInChannel(ChannelName),
    /// The other one has to be in the channel for that.
    #[error("'{nickname}' is not in {channel}")]
    UserNotInChannel {
        /// The channel.
        channel: ChannelName,
        /// Who is not in it.
        nickname: Nickname,
    },
    /// Who is invited is in the channel already.
    #[error("'{nickname}' is already in {channel}")]
    UserInChannel {
        /// The channel.
        channel: ChannelName,
        /// Who is in it.
        nickname: Nickname,
    },
    /// One needs a higher role in the channel.
    #[error("only {needed}s may do that in {channel}")]
    NotPermitted {
        /// The channel.
        channel: ChannelName,
        /// The least role that may.
        needed: Role,
    },
    /// Nothing can be done to somebody whose role is higher than one's own.
    #[error("'{nickname}' has a higher role than you in {channel}")]
    Outranked {
        /// The channel.
        channel: ChannelName,
        /// Who has the higher role.
        nickname: Nickname,
    },
    /// One is banned from the channel.
    #[error("you are banned from {0}")]
    Banned(ChannelName),
    /// One is muted in the channel.
    #[error("you are muted in {0}")]
    Muted(ChannelName),
    /// The channel is moderated, and one has no voice.
    #[error("{0} is moderated: only voiced members may speak")]
    Moderated(ChannelName),
    /// The channel is for those who are invited.
    #[error("{0} is by invitation only")]
    InviteOnly(ChannelName),
    /// The channel has a key, and this is not it.
    #[error("{0} needs the right key")]
    WrongKey(ChannelName),
    /// The channel has as many members as it may have.
    #[error("{channel} is full: it has {limit} members")]
    ChannelFull {
        /// The channel.
        channel: ChannelName,
        /// Most members.
        limit: usize,
    },
    /// One's account has as many sessions as it may have.
    #[error("you are connected {limit} times already, and may not connect more often")]
    TooManySessions {
        /// Most sessions of an account.
        limit: usize,
    },
    /// One is in as many channels as one may be.
    #[error("you are in {limit} channels already, and may not join more")]
    TooManyChannelsJoined {
        /// Most channels of a user.
        limit: usize,
    },
    /// One command names more channels than one may be in.
    #[error("at most {limit} channels can be joined at once")]
    TooManyTargets {
        /// Most channels of one command.
        limit: usize,
    },
    /// There are as many channels as there may be.
    #[error("there are {limit} channels already, and no more can be made")]
    TooManyChannels {
        /// Most channels.
        limit: usize,
    },
    /// The channel has as many bans, mutes or exceptions as it may have.
    #[error("the list of {channel} is full: it has {limit} entries")]
    ListFull {
        /// The channel.
        channel: ChannelName,
        /// Most entries.
        limit: usize,
    },
    /// The channel's list has no such entry.
    #[error("'{nickname}' is not on that list of {channel}")]
    NotListed {
        /// The channel.
        channel: ChannelName,
        /// Who is not on the list.
        nickname: Nickname,
    },
    /// The invited one has as many invitations waiting as one may have.
    #[error("'{nickname}' has {limit} invitations waiting already")]
    TooManyInvitations {
        /// Who.
        nickname: Nickname,
        /// Most invitations.
        limit: usize,
    },
    /// Nothing is left of the message without white space and control characters.
    #[error("message cannot be empty")]
    MessageEmpty,
    /// The message is too long.
    #[error("message is longer than {limit} bytes")]
    MessageTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// The topic is too long.
    #[error("topic is longer than {limit} bytes")]
    TopicTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// The reason is too long.
    #[error("reason is longer than {limit} bytes")]
    ReasonTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// The away text is too long.
    #[error("away text is longer than {limit} bytes")]
    AwayTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// The key is empty, too long, or has white space or control characters in it.
    #[error("key must have 1 to {limit} bytes and no white space")]
    KeyInvalid {
        /// Most bytes.
        limit: usize,
    },
    /// A member limit of none is a channel that nobody can join.
    #[error("member limit must be at least 1")]
    MemberLimitInvalid,
    /// Too many commands in too short a time.
    #[error("too many commands: wait {} seconds", Tenths(*retry_after))]
    RateLimited {
        /// When the next command will be taken.
        retry_after: Duration,
    },
    /// The host's [`Policy`](crate::Policy) does not allow it.
    #[error("{0}")]
    Forbidden(Text),
}

impl Refusal {
    /// Every [`code`](Self::code) that there is.
    pub const CODES: &'static [&'static str] = &[
        "not_identified",
        "already_identified",
        "identifying",
        "authentication_failed",
        "try_again",
        "nickname_given",
        "nickname_invalid",
        "nickname_in_use",
        "channel_name_invalid",
        "no_such_channel",
        "no_such_user",
        "user_disconnected",
        "reconnect_key_invalid",
        "not_in_channel",
        "user_not_in_channel",
        "user_in_channel",
        "not_permitted",
        "banned",
        "muted",
        "moderated",
        "invite_only",
        "wrong_key",
        "channel_full",
        "too_many_sessions",
        "too_many_channels_joined",
        "too_many_channels",
        "too_many_targets",
        "list_full",
        "not_listed",
        "too_many_invitations",
        "message_empty",
        "message_too_long",
        "topic_too_long",
        "reason_too_long",
        "away_too_long",
        "key_invalid",
        "member_limit_invalid",
        "rate_limited",
        "forbidden",
    ];

    /// A name for programs: `snake_case`, and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotIdentified => "not_identified",
            Self::AlreadyIdentified => "already_identified",
            Self::Identifying => "identifying",
            Self::AuthenticationFailed(_) => "authentication_failed",
            Self::TryAgain => "try_again",
            Self::NicknameGiven => "nickname_given",
            Self::NicknameInvalid(_) => "nickname_invalid",
            Self::NicknameInUse(_) => "nickname_in_use",
            Self::ChannelNameInvalid(_) => "channel_name_invalid",
            Self::NoSuchChannel(_) => "no_such_channel",
            Self::NoSuchUser(_) => "no_such_user",
            Self::UserDisconnected(_) => "user_disconnected",
            Self::ReconnectKeyInvalid { .. } => "reconnect_key_invalid",
            Self::NotInChannel(_) => "not_in_channel",
            Self::UserNotInChannel { .. } => "user_not_in_channel",
            Self::UserInChannel { .. } => "user_in_channel",
            Self::NotPermitted { .. } | Self::Outranked { .. } => "not_permitted",
            Self::Banned(_) => "banned",
            Self::Muted(_) => "muted",
            Self::Moderated(_) => "moderated",
            Self::InviteOnly(_) => "invite_only",
            Self::WrongKey(_) => "wrong_key",
            Self::ChannelFull { .. } => "channel_full",
            Self::TooManySessions { .. } => "too_many_sessions",
            Self::TooManyChannelsJoined { .. } => "too_many_channels_joined",
            Self::TooManyTargets { .. } => "too_many_targets",
            Self::TooManyChannels { .. } => "too_many_channels",
            Self::ListFull { .. } => "list_full",
            Self::NotListed { .. } => "not_listed",
            Self::TooManyInvitations { .. } => "too_many_invitations",
            Self::MessageEmpty => "message_empty",
            Self::MessageTooLong { .. } => "message_too_long",
            Self::TopicTooLong { .. } => "topic_too_long",
            Self::ReasonTooLong { .. } => "reason_too_long",
            Self::AwayTooLong { .. } => "away_too_long",
            Self::KeyInvalid { .. } => "key_invalid",
            Self::MemberLimitInvalid => "member_limit_invalid",
            Self::RateLimited { .. } => "rate_limited",
            Self::Forbidden(_) => "forbidden",
        }
    }
}

/// A duration in seconds with one decimal, rounded up: who waits that long has waited long enough.
struct Tenths(Duration);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.as_millis().div_ceil(100);
        write!(f, "{}.{}", tenths / 10, tenths % 10)
    }
}
