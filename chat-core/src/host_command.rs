//! Commands of the host, which act without a user.

use crate::{
    AccountName, AddressRange, AppData, List, MessageKind, ModeChange, Nickname, Recipient, Secret,
    StatusChange, Timestamp,
};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// A command of the program that embeds the engine ([`Input::Host`](crate::Input::Host)).
///
/// The host needs no user and no membership, has no rate limit, and outranks everybody. The limits
/// of texts and of collections apply. Names and texts are checked when the command is carried out,
/// as those of a [`Command`](crate::Command); the answer is
/// [`Effect::HostReply`](crate::Effect::HostReply). A [`Policy`](crate::Policy) does not review
/// these commands. The cause of their events is [`Actor::Server`](crate::Actor::Server).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum HostCommand {
    /// Says something in a channel or to one user, as the server. The answer is
    /// [`Event::Sent`](crate::Event::Sent).
    Say {
        /// The channel, or the user, who has to be online.
        to: Recipient,
        /// The kind of message.
        kind: MessageKind,
        /// The text.
        text: String,
        /// The application data of the message.
        data: AppData,
    },
    /// Creates a channel, which is kept without members until the host
    /// [closes](Self::CloseChannel) it. The answer is
    /// [`Event::ChannelCreated`](crate::Event::ChannelCreated).
    ///
    /// Of the limits on channels only [`Config::channels`](crate::Config::channels) applies.
    CreateChannel {
        /// The channel, which must not exist.
        channel: String,
        /// The changes to [`Config::new_channel_modes`](crate::Config::new_channel_modes).
        modes: Vec<ModeChange>,
        /// The topic, if it has one.
        topic: Option<String>,
        /// The account that gets [`Config::creator_status`](crate::Config::creator_status) in it.
        owner: Option<AccountName>,
    },
    /// Closes a channel other than the lobby: its members are told, and the channel is forgotten
    /// with everything in it. The answer is
    /// [`Event::ChannelClosed`](crate::Event::ChannelClosed).
    CloseChannel {
        /// The channel.
        channel: String,
        /// The reason, for its members.
        reason: Option<String>,
    },
    /// Sets or removes a channel's topic.
    SetTopic {
        /// The channel.
        channel: String,
        /// The topic; `None` removes it.
        topic: Option<String>,
    },
    /// Changes a channel's modes.
    SetModes {
        /// The channel.
        channel: String,
        /// The changes.
        changes: Vec<ModeChange>,
    },
    /// Replaces a channel's application data. The answer is
    /// [`Event::ChannelDataChanged`](crate::Event::ChannelDataChanged).
    SetChannelData {
        /// The channel.
        channel: String,
        /// The data; empty data removes it.
        data: AppData,
    },
    /// Changes a member's statuses, also in the lobby. Those of an account outlast its user.
    SetRole {
        /// The channel.
        channel: String,
        /// The member.
        nickname: String,
        /// The change.
        change: StatusChange,
    },
    /// Removes a member from a channel.
    Kick {
        /// The channel.
        channel: String,
        /// The member.
        nickname: String,
        /// The reason.
        reason: Option<String>,
    },
    /// Forbids a user to join a channel, and removes it if it is a member.
    Ban {
        /// The channel.
        channel: String,
        /// The user, online or not.
        nickname: String,
        /// The reason.
        reason: Option<String>,
    },
    /// Lifts a ban from a channel.
    Unban {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
    },
    /// Forbids a user to speak in a channel.
    Mute {
        /// The channel.
        channel: String,
        /// The user, online or not.
        nickname: String,
        /// The reason.
        reason: Option<String>,
    },
    /// Lifts a mute.
    Unmute {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
    },
    /// Exempts a user from a channel's bans and mutes.
    Exempt {
        /// The channel.
        channel: String,
        /// The user, online or not.
        nickname: String,
    },
    /// Ends an exemption.
    Unexempt {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
    },
    /// Adds a mask to a list of a channel, or removes it, as
    /// [`Command::SetMask`](crate::Command::SetMask) does.
    SetMask {
        /// The channel.
        channel: String,
        /// The list.
        list: List,
        /// The mask.
        mask: String,
        /// True to add the mask, false to remove it.
        listed: bool,
        /// The reason.
        reason: Option<String>,
    },
    /// Invites a user into a channel.
    Invite {
        /// The channel.
        channel: String,
        /// The user, who has to be online.
        nickname: String,
    },
    /// Lets a user join an existing channel, whatever its modes and bans are. The limits of the
    /// [channel](crate::Config::members_per_channel) and of the
    /// [user](crate::Config::channels_per_user) apply. The answer is
    /// [`Event::Joined`](crate::Event::Joined), also if the user is a member already.
    Join {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
    },
    /// Lets a user leave a channel. The answer is [`Event::Left`](crate::Event::Left).
    Leave {
        /// The channel.
        channel: String,
        /// The user.
        nickname: String,
        /// The reason, which its members see as that of the user.
        reason: Option<String>,
    },
    /// Ends all sessions of a user, with
    /// [`CloseReason::Removed`](crate::CloseReason::Removed). The answer is
    /// [`Event::Disconnected`](crate::Event::Disconnected).
    Disconnect {
        /// The user.
        nickname: String,
        /// The reason.
        reason: Option<String>,
    },
    /// Bans an account, a nickname or a range of network addresses from the whole server, instead
    /// of an earlier ban of the same. The user or the sessions that it applies to are disconnected.
    /// The answer is [`Event::ServerBanned`](crate::Event::ServerBanned).
    BanServer {
        /// The account, the nickname or the addresses.
        target: BanTarget<String>,
        /// The duration of the ban; `None`: until it is lifted.
        duration: Option<Duration>,
        /// The reason, which is in the [refusal](crate::Refusal::ServerBanned).
        reason: Option<String>,
    },
    /// Lifts a ban from the whole server. The answer is
    /// [`Event::ServerUnbanned`](crate::Event::ServerUnbanned).
    UnbanServer {
        /// The account, the nickname or the addresses.
        target: BanTarget<String>,
    },
    /// Changes the identity of a user. Nickname and account stay. The answer is
    /// [`Event::UserInfoChanged`](crate::Event::UserInfoChanged).
    ChangeUser {
        /// The user.
        nickname: String,
        /// The changes.
        changes: Vec<UserChange>,
    },
    /// Logs somebody in whom the host has authenticated by other means than a password, and issues
    /// a session token. The account is the one with these credentials; if there is none, the first
    /// of the names that is valid and free is registered with them, also without
    /// [`Config::registration`](crate::Config::registration). The limit of
    /// [accounts](crate::Config::registered_accounts) applies. The answer is
    /// [`Event::LoggedIn`](crate::Event::LoggedIn), without a user.
    LogIn {
        /// The names for a new account, the best first. At most
        /// [`MOST_NAMES`](Self::MOST_NAMES) are looked at.
        names: Vec<String>,
        /// The credentials: a text that only the host understands, and that it gives to nobody
        /// else. They must name the person, and nothing that can change.
        credentials: Secret,
        /// The session token, chosen at random.
        token: Secret,
        /// The description of the device, as in [`PasswordLogin`](crate::PasswordLogin).
        device: Option<String>,
    },
    /// Removes an account: its user is disconnected, and its statuses, invitations and private
    /// messages are forgotten. Where it was the only owner, the account that has been an operator
    /// for the longest time becomes owner. Bans of the account stay. The answer is
    /// [`Event::AccountRemoved`](crate::Event::AccountRemoved).
    RemoveAccount {
        /// The account.
        account: AccountName,
    },
}

/// An account, a nickname or a range of addresses that is banned from the whole server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum BanTarget<N = Nickname> {
    /// An account.
    Account(AccountName),
    /// A nickname, which nobody may take.
    Nickname(N),
    /// The network addresses of clients, as far as [`Peer::address`](crate::Peer::address) has
    /// them.
    Addresses(AddressRange),
}

/// A ban from the whole server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ServerBan {
    /// The account, the nickname or the addresses.
    pub target: BanTarget,
    /// The time at which the ban ends; `None`: when it is lifted.
    pub until: Option<Timestamp>,
    /// The reason, if one was given.
    pub reason: Option<crate::Text>,
}

/// A change of a user's identity by the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UserChange {
    /// Sets or removes the [host name](crate::UserInfo::host).
    Host(Option<String>),
    /// Sets or removes the [real name](crate::UserInfo::real_name).
    RealName(Option<String>),
    /// Sets the mark as a [program](crate::UserInfo::bot).
    Bot(bool),
    /// Replaces the [application data](crate::UserInfo::data); empty data removes it.
    Data(AppData),
}

impl HostCommand {
    /// Most names for a new account that are looked at.
    pub const MOST_NAMES: usize = 32;

    /// Longest host name of a user, in bytes: that of a name in DNS (RFC 1035 §2.3.4).
    pub const LONGEST_HOST: usize = 255;

    /// Says something in a channel: [`Say`](Self::Say) with an ordinary message.
    pub fn say(channel: impl Into<String>, text: impl Into<String>) -> Self {
        let to = Recipient::Channel(channel.into());
        Self::Say { to, kind: MessageKind::Message, text: text.into(), data: AppData::default() }
    }

    /// Says something to one user: [`Say`](Self::Say) with an ordinary message.
    pub fn tell(nickname: impl Into<String>, text: impl Into<String>) -> Self {
        let to = Recipient::User(nickname.into());
        Self::Say { to, kind: MessageKind::Message, text: text.into(), data: AppData::default() }
    }

    /// Creates a channel with the modes of a new one and no topic:
    /// [`CreateChannel`](Self::CreateChannel).
    pub fn create_channel(channel: impl Into<String>) -> Self {
        let channel = channel.into();
        Self::CreateChannel { channel, modes: Vec::new(), topic: None, owner: None }
    }
}

impl ServerBan {
    /// Returns true if the ban is in force.
    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Shows `account NAME`, the nickname, or the range of addresses.
impl<N: fmt::Display> fmt::Display for BanTarget<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "account {account}"),
            Self::Nickname(nickname) => nickname.fmt(f),
            Self::Addresses(range) => range.fmt(f),
        }
    }
}
