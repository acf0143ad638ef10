//! Look-ups of sessions.

use crate::{
    AuditId, ChannelName, Checked, EventKey, List, Message, MessageId, Nickname, ReportId,
    Timestamp, Unchecked, Words,
};
use alloc::boxed::Box;

/// A look-up, which changes nothing.
///
/// A client looks something up with [`Command::Query`](crate::Command::Query), which counts for the
/// rate limit and is reviewed by the [`Policy`](crate::Policy). A host does with
/// [`Engine::query`](crate::Engine::query). Both check the same permissions. The cost of a query
/// depends on the size of its answer, and not on the number of users, channels or messages.
///
/// A list comes in pages. `limit` is the largest number of entries of the page; it is cut to
/// [`Config::listing`](crate::Config::listing), or to
/// [`Config::history_page`](crate::Config::history_page) for messages, or to
/// [`Config::search_page`](crate::Config::search_page) for those that a search has found. The next
/// page begins after the last entry of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Query<W: Words = Unchecked> {
    /// Reads the history of a channel that the user is in. Answer:
    /// [`History`](crate::Event::History).
    History {
        /// The channel.
        channel: W::Channel,
        /// The part of the history.
        range: HistoryRange,
        /// The size of the page.
        limit: usize,
    },
    /// Reads the history of a channel that the user is in, with the last
    /// [events](crate::Config::events_per_channel) of the channel; or the private messages between
    /// the user's own account and another user, with the last [kept](crate::AppData::PERSIST)
    /// signals. Answer: [`Playback`](crate::Event::Playback).
    Playback {
        /// The channel or the other user.
        of: W::Recipient,
        /// The part of the history.
        range: HistoryRange,
        /// The [key](crate::Event::key) of an event at the time of the range, which the range
        /// begins at. Without an event, or if that is no longer kept, the range counts alone.
        event: Option<EventKey>,
        /// The size of the page, of messages and events together.
        limit: usize,
    },
    /// Reads the pinned messages of a channel that the user is in. Answer:
    /// [`PinsShown`](crate::Event::PinsShown).
    Pins {
        /// The channel.
        channel: W::Channel,
    },
    /// Reads the private messages between the user's own account and another user. Only accounts
    /// have a mailbox, of [`Config::mailbox_per_account`](crate::Config::mailbox_per_account)
    /// messages. Answer: [`PrivateHistory`](crate::Event::PrivateHistory).
    PrivateHistory {
        /// The nickname of the other user at the time of the messages; it need not be in use.
        nickname: W::Nickname,
        /// The part of the history.
        range: HistoryRange,
        /// The size of the page.
        limit: usize,
    },
    /// Reads the messages after one, of all channels that the user is in and of its private
    /// conversations, oldest first: those that the client has not received while it had no
    /// connection. Messages of a channel are those after the user joined it. Answer:
    /// [`Missed`](crate::Event::Missed).
    Missed {
        /// The last message that the client has received.
        after: MessageId,
        /// The size of the page.
        limit: usize,
    },
    /// Lists the channels that the user is in and the private conversations of its account, at most
    /// [`Config::conversations`](crate::Config::conversations) of them, whose newest message in
    /// memory is later than one time and earlier than another, that with the oldest one first.
    /// Answer: [`Targets`](crate::Event::Targets).
    Targets {
        /// The time that the newest messages are later than.
        after: Timestamp,
        /// The time that the newest messages are earlier than.
        before: Timestamp,
        /// The size of the page.
        limit: usize,
    },
    /// Searches the messages that the user may read with [`History`](Self::History) and
    /// [`PrivateHistory`](Self::PrivateHistory): those of the channels that the user is in, and the
    /// private messages of the account. Answer: [`Found`](crate::Event::Found).
    Search(
        #[cfg_attr(
            feature = "serde",
            serde(bound(
                serialize = "W::Text: serde::Serialize",
                deserialize = "W::Text: serde::Deserialize<'de>"
            ))
        )]
        Box<SearchQuery<W>>,
    ),
    /// Lists users, sorted by name. [Invisible](crate::UserModes::invisible) users are listed if
    /// they share a channel with the asking user, and for server operators in lists of members.
    /// Answer: [`Users`](crate::Event::Users).
    Users {
        /// The channel whose members are listed; `None` for all users.
        channel: Option<W::Channel>,
        /// The last name of the page before; `None` for the first page.
        after: Option<W::Nickname>,
        /// The size of the page.
        limit: usize,
    },
    /// Lists the channels that are not secret, and those that the user is in, sorted by name.
    /// Answer: [`Channels`](crate::Event::Channels).
    Channels {
        /// The last name of the page before; `None` for the first page.
        after: Option<W::Channel>,
        /// The size of the page.
        limit: usize,
    },
    /// Counts the users, sessions and channels of the server. Answer:
    /// [`CountsShown`](crate::Event::CountsShown).
    Counts,
    /// Reads a topic. Answer: [`TopicShown`](crate::Event::TopicShown).
    Topic {
        /// The channel.
        channel: W::Channel,
    },
    /// Reads a channel's modes and application data. Answer:
    /// [`ModesShown`](crate::Event::ModesShown).
    Modes {
        /// The channel.
        channel: W::Channel,
    },
    /// Reads the bans, mutes or exceptions of a channel, oldest first. Only operators may. Answer:
    /// [`ListShown`](crate::Event::ListShown).
    List {
        /// The channel.
        channel: W::Channel,
        /// The list.
        list: List,
        /// The number of entries to skip.
        offset: usize,
        /// The size of the page.
        limit: usize,
    },
    /// Lists the channels that the user is invited into, at most
    /// [`Config::invitations_per_user`](crate::Config::invitations_per_user). Answer:
    /// [`Invitations`](crate::Event::Invitations).
    Invitations,
    /// Lists the bans from the whole server that are in force: accounts, nicknames, then addresses,
    /// each sorted. Only [server operators](crate::Config::server_operators) may. Answer:
    /// [`ServerBansShown`](crate::Event::ServerBansShown).
    ServerBans {
        /// The number of bans to skip.
        offset: usize,
        /// The size of the page.
        limit: usize,
    },
    /// Reads the audit log, the newest entries first. Only
    /// [server operators](crate::Config::server_operators) may. Answer:
    /// [`AuditLogShown`](crate::Event::AuditLogShown).
    AuditLog {
        /// The number that the numbers of the entries are below, for the next page.
        older_than: Option<AuditId>,
        /// The size of the page.
        limit: usize,
    },
    /// Reads the open reports, the oldest ones first. Only
    /// [server operators](crate::Config::server_operators) may. Answer:
    /// [`ReportsShown`](crate::Event::ReportsShown).
    Reports {
        /// The number of the last report of the page before; `None` for the first page.
        after: Option<ReportId>,
        /// The size of the page.
        limit: usize,
    },
    /// Looks up a user who is online (`WHOIS` in IRC). Answer:
    /// [`UserShown`](crate::Event::UserShown).
    User {
        /// The user.
        nickname: W::Nickname,
    },
    /// Looks up the users who had a nickname and have given it up (`WHOWAS` in IRC). Answer:
    /// [`WasHereShown`](crate::Event::WasHereShown).
    WasHere {
        /// The nickname.
        nickname: W::Nickname,
        /// The size of the page.
        limit: usize,
    },
}

/// A search. The module [`search`](crate::search) has the rules by which a text is found.
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
pub struct SearchQuery<W: Words = Unchecked> {
    /// The text to search for, of at most [`Config::search_bytes`](crate::Config::search_bytes).
    pub text: W::Text,
    /// The channel to search in; `None` for all messages that the user may read.
    pub channel: Option<W::Channel>,
    /// The nickname of the sender, at the time of the messages; it need not be in use.
    pub from: Option<W::Nickname>,
    /// The earliest time of a message.
    pub after: Option<Timestamp>,
    /// The time that messages are earlier than.
    pub before: Option<Timestamp>,
    /// The id that the ids of the messages are below, for the next page:
    /// [`Found::next`](crate::Event::Found::next) of the page before.
    pub older_than: Option<MessageId>,
    /// The size of the page.
    pub limit: usize,
}

impl SearchQuery {
    /// Makes a search in all messages that the user may read, with pages of the largest size.
    pub fn new(text: impl Into<alloc::string::String>) -> Self {
        Self {
            text: text.into(),
            channel: None,
            from: None,
            after: None,
            before: None,
            older_than: None,
            limit: usize::MAX,
        }
    }
}

/// A part of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum HistoryRange {
    /// The newest messages.
    Latest,
    /// The newest messages before a message.
    Before(MessageId),
    /// The oldest messages after a message.
    After(MessageId),
    /// The messages around a message: half of them before it, then the message itself, if the
    /// history contains it, and those after it.
    Around(MessageId),
    /// The messages around a time: half of them before it, then the first message at that time or
    /// later, and those after it.
    At(Timestamp),
    /// The newest messages that are earlier than a time.
    BeforeTime(Timestamp),
    /// The oldest messages that are later than a time.
    AfterTime(Timestamp),
}

impl HistoryRange {
    /// Returns true if the page ends with the newest messages of the range, and more of them are
    /// older.
    pub fn is_backwards(self) -> bool {
        match self {
            Self::Latest | Self::Before(_) | Self::BeforeTime(_) => true,
            Self::After(_) | Self::AfterTime(_) | Self::Around(_) | Self::At(_) => false,
        }
    }

    /// Returns true if the page begins with the oldest messages of the range, and more of them are
    /// newer.
    pub fn is_forwards(self) -> bool {
        match self {
            Self::After(_) | Self::AfterTime(_) => true,
            Self::Latest
            | Self::Before(_)
            | Self::BeforeTime(_)
            | Self::Around(_)
            | Self::At(_) => false,
        }
    }

    /// Returns true if a message belongs to the first half of a range that has messages on both
    /// sides.
    pub(crate) fn is_after(self, message: &Message) -> bool {
        match self {
            Self::Around(id) => message.id < id,
            Self::At(at) => message.at < at,
            Self::Latest
            | Self::Before(_)
            | Self::BeforeTime(_)
            | Self::After(_)
            | Self::AfterTime(_) => false,
        }
    }
}

impl Query<Checked> {
    /// The channel that the query names.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::History { channel, .. }
            | Self::Topic { channel }
            | Self::Pins { channel }
            | Self::Modes { channel }
            | Self::List { channel, .. } => Some(channel),
            Self::Playback { of, .. } => of.channel(),
            Self::Users { channel, .. } => channel.as_ref(),
            Self::Search(search) => search.channel.as_ref(),
            Self::PrivateHistory { .. }
            | Self::Missed { .. }
            | Self::Targets { .. }
            | Self::Channels { .. }
            | Self::Counts
            | Self::Invitations
            | Self::ServerBans { .. }
            | Self::AuditLog { .. }
            | Self::Reports { .. }
            | Self::User { .. }
            | Self::WasHere { .. } => None,
        }
    }

    /// The nickname that the query asks about.
    pub fn nickname(&self) -> Option<&Nickname> {
        match self {
            Self::PrivateHistory { nickname, .. }
            | Self::User { nickname }
            | Self::WasHere { nickname, .. } => Some(nickname),
            Self::Playback { of, .. } => of.nickname(),
            Self::Search(search) => search.from.as_ref(),
            Self::History { .. }
            | Self::Missed { .. }
            | Self::Targets { .. }
            | Self::Users { .. }
            | Self::Channels { .. }
            | Self::Counts
            | Self::Topic { .. }
            | Self::Pins { .. }
            | Self::Modes { .. }
            | Self::List { .. }
            | Self::ServerBans { .. }
            | Self::AuditLog { .. }
            | Self::Reports { .. }
            | Self::Invitations => None,
        }
    }
}
