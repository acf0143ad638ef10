//! The causes for which commands are refused.

use crate::modes::KeptTime;
use crate::{
    AccountName, BanTarget, ChannelName, ChannelNameError, MaskError, MessageId, Nickname,
    NicknameError, NonceError, ReportId, Role, Text, Timestamp, TokenId, UserMask,
};
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

/// The cause for which a command was refused. Its `Display` is a sentence for people, in lower case
/// and without a full stop; [`code`](Self::code) is for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Refusal {
    /// The command needs a nickname, and the session has none.
    #[error("take a nickname first")]
    NotIdentified,
    /// The session has a nickname already; [`Rename`](crate::Command::Rename) changes it.
    #[error("already connected")]
    AlreadyIdentified,
    /// The host has decided the user's nickname.
    #[error("your nickname is given by your login and cannot be changed")]
    NicknameGiven,
    /// The host is authenticating the session.
    #[error("it is being checked who you are; wait for the answer")]
    Identifying,
    /// The host refuses the session.
    #[error("{0}")]
    AuthenticationFailed(Text),
    /// The host cannot authenticate the session at the moment.
    #[error("it cannot be checked at the moment who you are; try again")]
    TryAgain,
    /// The host has not answered the [question](crate::Effect::Ask) for older messages, or the
    /// session has such a question already.
    #[error("earlier messages cannot be read at the moment; try again")]
    HistoryUnavailable,
    /// The host cannot store messages at the moment. The host gives this refusal, not the engine.
    #[error("the server cannot store messages at the moment, because its disk is full; try again")]
    StoreFull,
    /// The server cannot order commands at the moment, because it does not reach the other nodes of
    /// its cluster. The host gives this refusal, not the engine.
    #[error("the server cannot reach its cluster at the moment; try again, or connect again")]
    Isolated,
    /// The command is for users with an account, and the user has none.
    #[error("only users with an account can do that; log in first")]
    AccountNeeded,
    /// The account does not exist, or has another password. Both have the same answer, so that
    /// clients cannot find out which accounts exist.
    #[error("there is no account with that name and password")]
    LoginFailed,
    /// The password is not that of the user's account.
    #[error("that is not the password of your account")]
    PasswordWrong,
    /// The session token is unknown, was revoked, or has expired.
    #[error("the session has ended; log in again with your password")]
    SessionEnded,
    /// The session has an account already.
    #[error("you are logged in as '{0}' already; log out first")]
    AlreadyLoggedIn(AccountName),
    /// The engine keeps no accounts: [`Config::accounts`](crate::Config::accounts).
    #[error("this server keeps no accounts with passwords")]
    NoAccounts,
    /// Clients cannot register ([`Config::registration`](crate::Config::registration)), or there
    /// are as many accounts as there may be
    /// ([`Config::registered_accounts`](crate::Config::registered_accounts)).
    #[error("new accounts cannot be made here; ask the operator for one")]
    RegistrationClosed,
    /// The code for registering is missing or wrong.
    #[error("to register here, you need the code from the operator")]
    CodeInvalid,
    /// The name cannot be that of an account, because it is no valid nickname.
    #[error("{0}")]
    AccountInvalid(NicknameError),
    /// There is an account of this name, or one that looks the same, or another user has the
    /// nickname.
    #[error("the name '{0}' is taken; choose another")]
    AccountTaken(Nickname),
    /// The host does not accept the new password; the reason is for people.
    #[error("{0}")]
    PasswordTooWeak(Text),
    /// The nickname belongs to an account:
    /// [`Config::reserve_nicknames`](crate::Config::reserve_nicknames).
    #[error("nickname '{0}' belongs to an account; log in to use it, or choose another")]
    NicknameRegistered(Nickname),
    /// No login of the account has this token.
    #[error("there is no session {0}")]
    NoSuchSession(TokenId),
    /// The name is not a valid nickname.
    #[error("{0}")]
    NicknameInvalid(NicknameError),
    /// Another user has that nickname, or one that looks the same.
    #[error("nickname '{0}' is already in use")]
    NicknameInUse(Nickname),
    /// The nickname is one of [`Config::reserved_names`](crate::Config::reserved_names), or looks
    /// like one.
    #[error("nickname '{0}' is reserved for services; choose another")]
    NicknameReserved(Nickname),
    /// The name is not a valid name of a channel.
    #[error("{0}")]
    ChannelNameInvalid(ChannelNameError),
    /// There is no such channel, or it is secret and the user is not in it.
    #[error("there is no channel {0}")]
    NoSuchChannel(ChannelName),
    /// No user has that nickname.
    #[error("there is no user '{0}'")]
    NoSuchUser(Nickname),
    /// The user has lost the connection and [may come back](crate::Config::reconnect_period). A
    /// message that is sent now would be lost.
    #[error("'{0}' has lost the connection, and may be back in a few seconds; try again then")]
    UserDisconnected(Nickname),
    /// A reconnect key is so short that others could guess it, or too long.
    #[error("a reconnect key must have {least} to {most} bytes, chosen at random")]
    ReconnectKeyInvalid {
        /// The smallest number of bytes.
        least: usize,
        /// The largest number of bytes.
        most: usize,
    },
    /// The command is for members of the channel, and the user is not in it.
    #[error("you are not in {0}")]
    NotInChannel(ChannelName),
    /// The other user is not in the channel.
    #[error("'{nickname}' is not in {channel}")]
    UserNotInChannel {
        /// The channel.
        channel: ChannelName,
        /// The user who is not in it.
        nickname: Nickname,
    },
    /// The invited user is in the channel already.
    #[error("'{nickname}' is already in {channel}")]
    UserInChannel {
        /// The channel.
        channel: ChannelName,
        /// The user who is in it.
        nickname: Nickname,
    },
    /// The user needs a higher role in the channel.
    #[error("only {needed}s may do that in {channel}")]
    NotPermitted {
        /// The channel.
        channel: ChannelName,
        /// The lowest role that may give the command.
        needed: Role,
    },
    /// The other user has a higher role than the one who gave the command.
    #[error("'{nickname}' has a higher role than you in {channel}")]
    Outranked {
        /// The channel.
        channel: ChannelName,
        /// The user with the higher role.
        nickname: Nickname,
    },
    /// The user is banned from the channel.
    #[error("you are banned from {0}")]
    Banned(ChannelName),
    /// The user is muted in the channel.
    #[error("you are muted in {0}")]
    Muted(ChannelName),
    /// The channel is moderated, and the user has no voice.
    #[error("{0} is moderated: only voiced members may speak")]
    Moderated(ChannelName),
    /// The channel refuses CTCP requests and replies.
    #[error("{0} has the mode no_ctcp: CTCP requests and replies are not allowed")]
    NoCtcp(ChannelName),
    /// The channel is for invited users only.
    #[error("{0} is by invitation only")]
    InviteOnly(ChannelName),
    /// The channel has a key, and the command has another or none.
    #[error("{0} needs the right key")]
    WrongKey(ChannelName),
    /// The channel has as many members as it may have.
    #[error("{channel} is full: it has {limit} members")]
    ChannelFull {
        /// The channel.
        channel: ChannelName,
        /// The largest number of members.
        limit: usize,
    },
    /// The account has as many sessions as it may have.
    #[error("you are connected {limit} times already, and may not connect more often")]
    TooManySessions {
        /// The largest number of sessions of an account.
        limit: usize,
    },
    /// The user is in as many channels as a user may be.
    #[error("you are in {limit} channels already, and may not join more")]
    TooManyChannelsJoined {
        /// The largest number of channels of a user.
        limit: usize,
    },
    /// The command names more channels than a user may be in.
    #[error("at most {limit} channels can be joined at once")]
    TooManyTargets {
        /// The largest number of channels of one command.
        limit: usize,
    },
    /// There are as many channels as there may be.
    #[error("there are {limit} channels already, and no more can be made")]
    TooManyChannels {
        /// The largest number of channels.
        limit: usize,
    },
    /// The channel has as many bans, mutes or exceptions as it may have.
    #[error("the list of {channel} is full: it has {limit} entries")]
    ListFull {
        /// The channel.
        channel: ChannelName,
        /// The largest number of entries.
        limit: usize,
    },
    /// The channel's list has no such entry.
    #[error("'{nickname}' is not on that list of {channel}")]
    NotListed {
        /// The channel.
        channel: ChannelName,
        /// The user who is not on the list.
        nickname: Nickname,
    },
    /// The channel's list does not have this mask.
    #[error("{mask} is not on that list of {channel}")]
    MaskNotListed {
        /// The channel.
        channel: ChannelName,
        /// The mask.
        mask: UserMask,
    },
    /// The mask is not valid.
    #[error(transparent)]
    MaskInvalid(MaskError),
    /// The invited user has as many invitations waiting as a user may have.
    #[error("'{nickname}' has {limit} invitations waiting already")]
    TooManyInvitations {
        /// The invited user.
        nickname: Nickname,
        /// The largest number of invitations.
        limit: usize,
    },
    /// The message is empty after white space and control characters were removed.
    #[error("message cannot be empty")]
    MessageEmpty,
    /// The message is too long.
    #[error("message is longer than {limit} bytes")]
    MessageTooLong {
        /// The largest number of bytes.
        limit: usize,
    },
    /// The message has too many lines.
    #[error("message has more than {limit} {}", if *limit == 1 { "line" } else { "lines" })]
    TooManyLines {
        /// The largest number of lines.
        limit: usize,
    },
    /// The nonce of the message is empty or too long.
    #[error("{0}")]
    NonceInvalid(NonceError),
    /// The topic is too long.
    #[error("topic is longer than {limit} bytes")]
    TopicTooLong {
        /// The largest number of bytes.
        limit: usize,
    },
    /// The reason is too long.
    #[error("reason is longer than {limit} bytes")]
    ReasonTooLong {
        /// The largest number of bytes.
        limit: usize,
    },
    /// The away text is too long.
    #[error("away text is longer than {limit} bytes")]
    AwayTooLong {
        /// The largest number of bytes.
        limit: usize,
    },
    /// The text of a search contains no letter, digit, punctuation mark or symbol.
    #[error("a search needs a word, a number or a sign to look for")]
    SearchEmpty,
    /// The text of a search is too long.
    #[error("the text of a search is longer than {limit} bytes")]
    SearchTooLong {
        /// [`Config::search_bytes`](crate::Config::search_bytes).
        limit: usize,
    },
    /// The key is empty, too long, or has white space or control characters in it.
    #[error("key must have 1 to {limit} bytes and no white space")]
    KeyInvalid {
        /// The largest number of bytes.
        limit: usize,
    },
    /// The member limit is 0, so that nobody could join the channel.
    #[error("member limit must be at least 1")]
    MemberLimitInvalid,
    /// The time for which a channel keeps messages is not within the limits of the server.
    #[error("{}", kept_times(*least, *most))]
    KeepInvalid {
        /// The shortest time: [`Config::shortest_keep`](crate::Config::shortest_keep).
        least: Duration,
        /// The longest time: [`Config::message_age`](crate::Config::message_age), or ten years.
        most: Duration,
    },
    /// The user name is too long, or contains white space, `!` or `@`.
    #[error("a user name has at most {limit} bytes, without white space, '!' and '@'")]
    UsernameInvalid {
        /// [`Config::username_bytes`](crate::Config::username_bytes).
        limit: usize,
    },
    /// The real name is too long.
    #[error("real name is longer than {limit} bytes")]
    RealNameTooLong {
        /// [`Config::real_name_bytes`](crate::Config::real_name_bytes).
        limit: usize,
    },
    /// The user's account owns as many channels as it may.
    #[error("you own {limit} channels already, and may not own more")]
    TooManyChannelsOwned {
        /// [`Config::channels_per_owner`](crate::Config::channels_per_owner).
        limit: usize,
    },
    /// The session gave more commands than its rate limit allows.
    #[error("too many commands: wait {} seconds", Tenths(*retry_after))]
    RateLimited {
        /// The time after which the next command is accepted.
        retry_after: Duration,
    },
    /// There were too many attempts to log in or to register, from the client's network or for the
    /// account: [`Config::login_burst`](crate::Config::login_burst).
    #[error("too many attempts to log in: wait {} seconds", Tenths(*retry_after))]
    TooManyLogins {
        /// The time after which the next attempt is accepted.
        retry_after: Duration,
    },
    /// The host has banned the account or the nickname from the whole server.
    #[error("you are banned from this server{}", because(reason.as_ref()))]
    ServerBanned {
        /// The time at which the ban ends; `None`: when it is lifted.
        until: Option<Timestamp>,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// Only [server operators](crate::UserModes::operator) may do it.
    #[error("only server operators may do that")]
    NotServerOperator,
    /// The command would ban or disconnect a server operator, or remove its account. Only the host
    /// can. One who has no account is named by its nickname.
    #[error("that would affect the server operator {0}")]
    AffectsServerOperator(AccountName),
    /// There is no such message that the user can read, or it cannot be used in this way: a deleted
    /// message, or, for a report, one of the user itself or one that is not in memory.
    #[error("there is no message {} for that", .0.0)]
    NoSuchMessage(MessageId),
    /// The message is not the user's own, and the user is no operator of its channel.
    #[error("message {} is not yours", .0.0)]
    NotYourMessage(MessageId),
    /// The message is older than [`Config::edit_window`](crate::Config::edit_window).
    #[error("message {} is too old to be edited", .0.0)]
    TooOldToEdit(MessageId),
    /// The emoji of a reaction is empty or too long, or has white space.
    #[error("a reaction has 1 to {limit} bytes and no white space")]
    EmojiInvalid {
        /// [`MessageReaction::LONGEST_EMOJI`](crate::MessageReaction::LONGEST_EMOJI).
        limit: usize,
    },
    /// The message has as many reactions, or as many different ones, as it may have.
    #[error("there are {limit} reactions to the message already")]
    TooManyReactions {
        /// [`MessageReaction::MOST`](crate::MessageReaction::MOST), or
        /// [`MOST_EMOJI`](crate::MessageReaction::MOST_EMOJI).
        limit: usize,
    },
    /// The channel has as many pinned messages as it may have.
    #[error("there are {limit} pinned messages already: unpin one first")]
    TooManyPins {
        /// [`Pin::MOST`](crate::Pin::MOST).
        limit: usize,
    },
    /// There are as many open reports as there may be.
    #[error("there are {limit} open reports already, and no more can be made")]
    TooManyReports {
        /// [`Config::open_reports`](crate::Config::open_reports).
        limit: usize,
    },
    /// There were too many reports from the client's network:
    /// [`Config::report_burst`](crate::Config::report_burst).
    #[error("too many reports: wait {} seconds", Tenths(*retry_after))]
    ReportsLimited {
        /// The time after which the next report is accepted.
        retry_after: Duration,
    },
    /// For server operators only: there is no such open report.
    #[error("there is no open report {}", .0.0)]
    NoSuchReport(ReportId),
    /// The session would watch more nicknames than it may.
    #[error("you can watch at most {limit} nicknames")]
    TooManyWatched {
        /// [`Config::watched_nicknames`](crate::Config::watched_nicknames).
        limit: usize,
    },
    /// The application data is too long.
    #[error("application data has at most {limit} bytes, keys and texts together")]
    DataTooLong {
        /// [`Config::data_bytes`](crate::Config::data_bytes).
        limit: usize,
    },
    /// The command sets application data that users cannot set.
    #[error("users cannot set application data of this key")]
    DataKeyNotPublic,
    /// A text of application data that users set is too long.
    #[error("a text of application data that users set has at most {limit} bytes")]
    DataTextTooLong {
        /// [`DataChange::LONGEST_TEXT`](crate::DataChange::LONGEST_TEXT).
        limit: usize,
    },
    /// The user or the channel has as much application data as possible.
    #[error("there are at most {limit} entries of application data")]
    TooManyDataEntries {
        /// [`AppData::MOST_ENTRIES`](crate::AppData::MOST_ENTRIES).
        limit: usize,
    },
    /// For the host only: there is such a channel already.
    #[error("there is a channel {0} already")]
    ChannelExists(ChannelName),
    /// For server operators and the host: the lobby cannot be closed.
    #[error("the lobby cannot be closed")]
    LobbyKept,
    /// For server operators and the host: the account has never logged in, or was removed.
    #[error("there is no account '{0}'")]
    NoSuchAccount(AccountName),
    /// For server operators and the host: there are as many bans from the whole server as there may
    /// be.
    #[error("there are {limit} bans from the server already, and no more can be made")]
    TooManyServerBans {
        /// [`Config::server_bans`](crate::Config::server_bans).
        limit: usize,
    },
    /// For server operators and the host: there is no such ban from the whole server.
    #[error("{0} is not banned from the server")]
    NotServerBanned(BanTarget),
    /// For the host only: the host name is too long, or contains white space, `!` or `@`.
    #[error("a host name has at most {limit} bytes, without white space, '!' and '@'")]
    HostInvalid {
        /// [`HostCommand::LONGEST_HOST`](crate::HostCommand::LONGEST_HOST).
        limit: usize,
    },
    /// The host's [`Policy`](crate::Policy) does not allow it.
    #[error("{0}")]
    Forbidden(Text),
}

fn kept_times(least: Duration, most: Duration) -> String {
    if least > most {
        return "this server does not let channels limit for how long messages are kept".into();
    }
    format!("messages can be kept for {} to {}", KeptTime(least), KeptTime(most))
}

fn because(reason: Option<&Text>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// A duration in seconds with one decimal, rounded up, so that waiting that long is enough.
struct Tenths(Duration);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.as_millis().div_ceil(100);
        write!(f, "{}.{}", tenths / 10, tenths % 10)
    }
}
