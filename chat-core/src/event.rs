//! Events: past facts, with users as they were at that moment.

use crate::{
    AccountName, ActiveTarget, Actor, AppData, AuditEntry, BanTarget, ChannelEntry, ChannelName,
    Conversation, Counts, JoinRefusal, List, ListEntry, LoggedIn, MaskChange, Message,
    MessageChange, MessageId, ModeChange, Modes, Nickname, Playback, PresenceChange, Refusal,
    Report, Roster, Secret, ServerBan, SessionCard, Signal, StatusSet, Target, Text, Timestamp,
    TokenId, Topic, UserCard, UserEntry, UserInfo, UserModes, WasHere, Watched,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A fact. The same variant answers the session that gave the command
/// ([`Effect::Reply`](crate::Effect::Reply)), or the host
/// ([`Effect::HostReply`](crate::Effect::HostReply)), and informs the others
/// ([`Effect::Deliver`](crate::Effect::Deliver)). Cloning is cheap, because long values are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Event {
    /// The session speaks for a user from now on.
    Welcomed {
        /// The user.
        user: Arc<UserInfo>,
        /// The roster of the lobby, if the session joined it in the same step.
        lobby: Option<Box<Roster>>,
        /// The time at which the engine started. All sessions of one engine get the same value. A
        /// client that gets another value after it has reconnected knows that the server was
        /// restarted, and that ids of messages count from one again.
        boot: Timestamp,
        /// The time since which no id of a message was lost:
        /// [`DurableState::epoch`](crate::DurableState::epoch).
        epoch: Timestamp,
        /// The channels that the user is in, sorted, if the session is that of a user who had lost
        /// the [connection](crate::Config::reconnect_period). The roster of each follows; together
        /// they have at most four times [`Config::listing`](crate::Config::listing) members.
        reconnected: Option<Vec<ChannelName>>,
        /// A new session token, if the client has logged in with a password.
        token: Option<Secret>,
        /// If the client has [resumed](crate::Command::Identify::resume): true if
        /// [`Missed`](Self::Missed) follows, with every message that the client has not received.
        /// False if messages may be lost, so that the client has to read its histories anew.
        resumed: Option<bool>,
        /// The private conversations of the user's account, the one with the newest message first,
        /// at most [`Config::conversations`](crate::Config::conversations).
        conversations: Box<[Conversation]>,
    },
    /// Messages that the user has not received, oldest first, of all channels that it is in and of
    /// its private conversations. Messages of a channel are those after the user joined it.
    Missed {
        /// The messages.
        messages: Vec<Arc<Message>>,
        /// True if there are more: the next page is [`Query::Missed`](crate::Query::Missed) after
        /// the last one of these.
        more: bool,
        /// The messages up to the one after which messages are missed that were changed since, as
        /// they are now. They come with the first page of a client that
        /// [resumes](crate::Command::Identify::resume).
        changed: Vec<Arc<Message>>,
    },
    /// The user has read the messages of a channel, or its private messages with a user, up to this
    /// one.
    ReadMarked {
        /// The channel, or the other user.
        target: Target,
        /// The last message that the user has read. It can be newer than the one of the command.
        id: MessageId,
    },
    /// The session has logged in to an account.
    LoggedIn(Box<LoggedIn>),
    /// The session ends because its user has logged out.
    LoggedOut,
    /// The user's password was changed.
    PasswordChanged {
        /// The number of other logins whose tokens were revoked.
        revoked: usize,
    },
    /// The next message of the host in a [`LoginExchange`](crate::LoginExchange).
    LoginChallenged {
        /// The message.
        message: Secret,
    },
    /// The token of a login was revoked.
    SessionRevoked {
        /// The token.
        id: TokenId,
    },
    /// The logins of the user's account that are remembered, the last used ones first.
    Sessions {
        /// The logins.
        sessions: Vec<SessionCard>,
    },
    /// The session is in a channel now. Boxed, because it is larger than all other events, which
    /// are moved often.
    Entered(Box<Roster>),
    /// The session is in several channels now, which it joined with one command.
    EnteredMany {
        /// The rosters of the channels, in the order in which they were joined. Together they have
        /// at most four times [`Config::listing`](crate::Config::listing) members, so that the last
        /// ones may have no member but the user.
        entered: Vec<Roster>,
        /// The channels that could not be joined, and the reasons.
        refused: Vec<JoinRefusal>,
    },
    /// A user joined a channel.
    Joined {
        /// The channel.
        channel: ChannelName,
        /// The user.
        user: Arc<UserInfo>,
        /// The user's away text, if it is away.
        away: Option<Text>,
    },
    /// A user left a channel.
    Left {
        /// The channel.
        channel: ChannelName,
        /// The user.
        user: Arc<UserInfo>,
        /// The reason that the user gave, if any.
        reason: Option<Text>,
    },
    /// A user quit. Each recipient gets this once, with the channels that it shared with the user.
    Quit {
        /// The user.
        user: Arc<UserInfo>,
        /// The reason, unless the connection just ended.
        reason: Option<Text>,
        /// The channels that the recipients shared with the user, sorted. Channels that are too
        /// large for [announcements](crate::Config::announce_up_to) are left out.
        channels: Vec<ChannelName>,
    },
    /// The session ends because its user quit.
    Goodbye {
        /// The reason that the user gave, if any.
        reason: Option<Text>,
    },
    /// The session's message was accepted.
    Sent {
        /// The message.
        message: Arc<Message>,
        /// The away text of the user that a private message was sent to.
        away: Option<Text>,
        /// True if the message was accepted before, with the same
        /// [nonce](crate::Command::Say::nonce). It is not delivered again.
        repeated: bool,
        /// True if the message is for an account whose user is offline, and who can read it later
        /// ([`Query::PrivateHistory`](crate::Query::PrivateHistory)).
        offline: bool,
    },
    /// A user said something.
    Said(Arc<Message>),
    /// A user sent a [signal](crate::Command::Signal).
    Signalled(Arc<Signal>),
    /// A user took another nickname, which may differ only in case. Users who share only channels
    /// that are too large for [announcements](crate::Config::announce_up_to) are not told: messages
    /// and other events may name a user whose nickname they have not seen before.
    Renamed {
        /// The user under the nickname before.
        from: Arc<UserInfo>,
        /// The user under the nickname now.
        to: Arc<UserInfo>,
    },
    /// A user's account, user name, host name or real name has changed, or its mark as a program.
    /// Each recipient gets this once.
    UserInfoChanged {
        /// The user before the change.
        before: Arc<UserInfo>,
        /// The user after it, with the same nickname.
        after: Arc<UserInfo>,
    },
    /// The user's own modes have changed, or are the same as before.
    UserModesChanged {
        /// The user.
        user: Arc<UserInfo>,
        /// The modes before.
        before: UserModes,
        /// The modes now.
        after: UserModes,
    },
    /// A watched user has changed.
    PresenceChanged {
        /// The user: before the change if it is [offline](PresenceChange::Offline), or after it.
        user: Arc<UserInfo>,
        /// The change.
        change: PresenceChange,
    },
    /// Nicknames that the session watches.
    WatchedShown {
        /// The nicknames, and the users who have them.
        users: Vec<Watched>,
    },
    /// A server operator has announced something.
    Announced {
        /// The server operator.
        by: Actor,
        /// The text.
        text: Text,
    },
    /// The numbers of users, sessions and channels.
    CountsShown(Counts),
    /// A channel's topic, as asked for.
    TopicShown {
        /// The channel.
        channel: ChannelName,
        /// Its topic.
        topic: Option<Topic>,
    },
    /// A user set or removed a channel's topic.
    TopicChanged {
        /// The channel.
        channel: ChannelName,
        /// Its topic now.
        topic: Option<Topic>,
        /// The user who changed it.
        by: Actor,
    },
    /// A channel's modes, as asked for. Only members are shown the key.
    ModesShown {
        /// The channel.
        channel: ChannelName,
        /// Its modes.
        modes: Modes,
        /// The time at which it was created.
        created: Timestamp,
        /// Its application data, for members only.
        data: AppData,
    },
    /// A user changed a channel's modes.
    ModesChanged {
        /// The channel.
        channel: ChannelName,
        /// The changes, each mode at most once; empty if the command changed nothing.
        changes: Vec<ModeChange>,
        /// Its modes now.
        modes: Modes,
        /// The user who changed them.
        by: Actor,
    },
    /// A user changed the statuses of a member.
    RoleChanged {
        /// The channel.
        channel: ChannelName,
        /// The member.
        user: Arc<UserInfo>,
        /// The statuses before.
        before: StatusSet,
        /// The statuses now.
        after: StatusSet,
        /// The user who changed them.
        by: Actor,
    },
    /// A member was removed from a channel.
    Kicked {
        /// The channel.
        channel: ChannelName,
        /// The member who was removed.
        user: Arc<UserInfo>,
        /// The user who gave the command.
        by: Actor,
        /// The reason, if one was given.
        reason: Option<Text>,
        /// True if it was a ban, so that joining again is refused.
        banned: bool,
    },
    /// A user may not join a channel any more. If it was a member, the channel gets
    /// [`Kicked`](Self::Kicked), too.
    Banned {
        /// The channel.
        channel: ChannelName,
        /// The banned nickname.
        nickname: Nickname,
        /// The user of this nickname, if it is in use.
        user: Option<Arc<UserInfo>>,
        /// True if the user was a member, and was removed.
        removed: bool,
        /// The user who gave the command.
        by: Actor,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// A user may join a channel again.
    Unbanned {
        /// The channel.
        channel: ChannelName,
        /// The nickname.
        nickname: Nickname,
        /// The user who gave the command.
        by: Actor,
    },
    /// A user may not speak in a channel any more.
    Muted {
        /// The channel.
        channel: ChannelName,
        /// The nickname.
        nickname: Nickname,
        /// The user of this nickname, if it is in use.
        user: Option<Arc<UserInfo>>,
        /// The user who gave the command.
        by: Actor,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// A user may speak in a channel again.
    Unmuted {
        /// The channel.
        channel: ChannelName,
        /// The nickname.
        nickname: Nickname,
        /// The user who gave the command.
        by: Actor,
    },
    /// Bans and mutes of a channel do not apply to a user any more.
    Exempted {
        /// The channel.
        channel: ChannelName,
        /// The nickname.
        nickname: Nickname,
        /// The user of this nickname, if it is in use.
        user: Option<Arc<UserInfo>>,
        /// The user who gave the command.
        by: Actor,
    },
    /// Bans and mutes of a channel apply to a user again.
    Unexempted {
        /// The channel.
        channel: ChannelName,
        /// The nickname.
        nickname: Nickname,
        /// The user who gave the command.
        by: Actor,
    },
    /// A mask was added to a list of a channel, or removed from it.
    MaskChanged(Box<MaskChange>),
    /// A user was invited into a channel.
    Invited {
        /// The channel.
        channel: ChannelName,
        /// The invited user.
        user: Arc<UserInfo>,
        /// The user who gave the command.
        by: Actor,
    },
    /// A list of users.
    Users {
        /// The channel that the users are in; `None` if all users were asked for.
        channel: Option<ChannelName>,
        /// Sorted by name, at most [`Config::listing`](crate::Config::listing) of them.
        users: Vec<UserEntry>,
        /// The number of users, listed or not.
        count: usize,
        /// True if there are more users after the last one.
        more: bool,
        /// True if the channel is secret.
        is_secret: bool,
    },
    /// A list of channels.
    Channels {
        /// Sorted by name, at most [`Config::listing`](crate::Config::listing) of them.
        channels: Vec<ChannelEntry>,
        /// The number of channels that the user may see, listed or not.
        count: usize,
        /// True if there are more channels after the last one.
        more: bool,
    },
    /// A page of a channel's history.
    History {
        /// The channel.
        channel: ChannelName,
        /// The messages, oldest first.
        messages: Vec<Arc<Message>>,
        /// True if there are more messages in the direction that was asked for.
        more: bool,
    },
    /// The pinned messages of a channel.
    PinsShown {
        /// The channel.
        channel: ChannelName,
        /// The messages, oldest first.
        messages: Vec<Arc<Message>>,
    },
    /// A page of a channel's history, with the events of the channel.
    Playback(Box<Playback<Self>>),
    /// A page of the private messages between the user's account and another user.
    PrivateHistory {
        /// The nickname of the other user.
        nickname: Nickname,
        /// The messages, oldest first.
        messages: Vec<Arc<Message>>,
        /// True if there are more messages in the direction that was asked for.
        more: bool,
    },
    /// A page of the channels and private conversations that have messages of a time.
    Targets {
        /// Each with its newest message, that with the oldest one first.
        targets: Vec<ActiveTarget>,
        /// True if there are more after the last one.
        more: bool,
    },
    /// A page of the messages that a search has found. The target of each is its channel, or the
    /// recipient of a private message.
    Found {
        /// The messages, newest first.
        messages: Vec<Arc<Message>>,
        /// The id below which the [next page](crate::SearchQuery::older_than) begins; `None` if
        /// everything has been searched. The next page may be empty, and a page that is not full
        /// may have a next one, because one look-up searches only so many messages.
        next: Option<MessageId>,
    },
    /// Entries of one of the lists of a channel.
    ListShown {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The entries, oldest first, at most [`Config::listing`](crate::Config::listing) of them.
        entries: Vec<ListEntry>,
        /// The number of entries, shown or not.
        count: usize,
        /// True if there are more entries after the last one.
        more: bool,
    },
    /// The channels that the user is invited into.
    Invitations {
        /// The channels, sorted by name.
        channels: Vec<ChannelName>,
    },
    /// The properties of a user.
    UserShown(Box<UserCard>),
    /// The users who had a nickname and have given it up.
    WasHereShown {
        /// The nickname.
        nickname: Nickname,
        /// The users, the last one first; empty if none is remembered.
        users: Vec<WasHere>,
        /// True if there are more users before the last one.
        more: bool,
    },
    /// A user is away, or back.
    AwayChanged {
        /// The user.
        user: Arc<UserInfo>,
        /// The away text; `None` if the user is back.
        message: Option<Text>,
    },
    /// A message was changed, such as deleted.
    MessageChanged(Arc<MessageChange>),
    /// The host has created a channel.
    ChannelCreated {
        /// The channel.
        channel: ChannelName,
        /// The server.
        by: Actor,
    },
    /// The host has closed a channel, and its members are no longer in it.
    ChannelClosed {
        /// The channel.
        channel: ChannelName,
        /// The server.
        by: Actor,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// The host has replaced a channel's application data, or an operator has [set
    /// some](crate::Command::SetData).
    ChannelDataChanged {
        /// The channel.
        channel: ChannelName,
        /// The data before.
        before: AppData,
        /// The data now.
        data: AppData,
        /// The server or the operator.
        by: Actor,
    },
    /// The host has banned an account, a nickname or a range of addresses from the whole server.
    ServerBanned(ServerBan),
    /// The host has lifted a ban from the whole server.
    ServerUnbanned {
        /// The account, the nickname or the addresses.
        target: BanTarget,
    },
    /// A server operator or the host has ended all sessions of a user.
    Disconnected {
        /// The user.
        user: Arc<UserInfo>,
        /// The reason, if one was given.
        reason: Option<Text>,
    },
    /// Bans from the whole server.
    ServerBansShown {
        /// The bans in force: accounts, nicknames, then addresses, each sorted. At most
        /// [`Config::listing`](crate::Config::listing) of them.
        bans: Vec<ServerBan>,
        /// The number of bans in force, shown or not.
        count: usize,
        /// True if there are more bans after the last one.
        more: bool,
    },
    /// A user has reported a message or a user. Server operators who are online are told.
    Reported(Arc<Report>),
    /// A server operator has closed a report.
    ReportClosed {
        /// The report.
        report: Arc<Report>,
        /// The reason, or what was done, if that was said.
        reason: Option<Text>,
    },
    /// Open reports.
    ReportsShown {
        /// The reports, the oldest ones first, at most
        /// [`Config::listing`](crate::Config::listing) of them.
        reports: Vec<Arc<Report>>,
        /// The number of open reports, shown or not.
        count: usize,
        /// True if there are more reports after the last one.
        more: bool,
    },
    /// Entries of the audit log.
    AuditLogShown {
        /// The entries, the newest ones first, at most
        /// [`Config::listing`](crate::Config::listing) of them.
        entries: Vec<Arc<AuditEntry>>,
        /// True if there are more entries before the last one.
        more: bool,
    },
    /// The host has removed an account.
    AccountRemoved {
        /// The account.
        account: AccountName,
    },
    /// The command was refused and has changed nothing.
    Rejected(Refusal),
}

/// The answer to a [`Query`](crate::Query).
pub type QueryResult = Result<Event, Refusal>;
