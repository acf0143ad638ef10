//! The objects of version 2, except those of [messages](super::chat).

use super::data::DataObject;
use super::deletion_object::DeletionObject;
use super::entry::EntryObject;
use super::limits_object::LimitsObject;
use super::pin_object::PinObject;
use super::place::Place;
use super::reactions_object::ReactionsObject;
use super::read_object::{ConversationObject, ReadObject};
use super::reference::Echo;
use super::reply_object::ReplyObject;
use super::session_object::{AccountsObject, SessionObject};
use crate::times::Rfc3339;
use chat_core::{
    AccountName, Actor, ChannelEntry, ChannelName, JoinRefusal, Message, Modes, RosterEntry,
    Status, StatusSet, Text, Topic, UserEntry, UserInfo, WasHere,
};
use serde::Serialize;
use std::ops::Not;

/// An object that a client of version 2 is sent.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Object<'a> {
    Welcome {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        nickname: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<&'a str>,
        session: u64,
        server: &'a str,
        version: u64,
        /// Different after each start of the server. Clients only compare it.
        boot: &'a str,
        epoch: &'a str,
        /// A session token, with which the client can log in again.
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
        /// Longer input is refused, or closes the connection over WebSocket.
        limits: LimitsObject,
        /// Present if the server keeps accounts with passwords.
        #[serde(skip_serializing_if = "Option::is_none")]
        accounts: Option<AccountsObject>,
        /// True if the client has reclaimed its user after a lost connection.
        #[serde(skip_serializing_if = "Not::not")]
        reconnected: bool,
        /// If it has: the channels that the user is in. The roster of each follows.
        #[serde(skip_serializing_if = "Option::is_none")]
        channels: Option<Vec<&'a str>>,
        /// If the client has asked for what it has missed: true if `missed` follows.
        #[serde(skip_serializing_if = "Option::is_none")]
        resumed: Option<bool>,
        /// The private conversations of the account.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        conversations: Vec<ConversationObject<'a>>,
        /// The user's application data.
        #[serde(skip_serializing_if = "DataObject::is_empty")]
        data: DataObject<'a>,
    },
    Roster {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channel: &'a str,
        topic: Option<&'a str>,
        count: usize,
        members: Vec<MemberObject<'a>>,
        /// True if the user was a member before the request.
        #[serde(skip_serializing_if = "Not::not")]
        was_member: bool,
        /// Present if the user has an account.
        #[serde(flatten)]
        read: Option<ReadObject>,
        /// The channel's application data.
        #[serde(skip_serializing_if = "DataObject::is_empty")]
        data: DataObject<'a>,
    },
    Joined {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channels: Vec<&'a str>,
        refused: Vec<JoinRefusalObject<'a>>,
    },
    Registered {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        account: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
        /// Absent before the `hello`.
        #[serde(skip_serializing_if = "Option::is_none")]
        nickname: Option<&'a str>,
    },
    LoggedIn {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        account: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
        /// Absent before the `hello`.
        #[serde(skip_serializing_if = "Option::is_none")]
        nickname: Option<&'a str>,
        /// If the session speaks for a user who was online already: the channels of that user. The
        /// roster of each follows.
        #[serde(skip_serializing_if = "Option::is_none")]
        channels: Option<Vec<&'a str>>,
    },
    Sessions {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        sessions: Vec<SessionObject<'a>>,
    },
    Ok {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Pong {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Goodbye {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Users {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        count: usize,
        users: Vec<UserObject<'a>>,
        /// True if there are more users after the last one.
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
    Channels {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        count: usize,
        channels: Vec<ChannelObject<'a>>,
        /// True if there are more channels after the last one.
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
    Topic {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channel: &'a str,
        topic: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Rfc3339>,
    },
    Modes {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channel: &'a str,
        #[serde(flatten)]
        modes: ModesObject<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<&'a str>,
    },
    History {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        #[serde(flatten)]
        place: HistoryPlace<'a>,
        messages: Vec<MessageObject<'a>>,
        more: bool,
    },
    Found {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        messages: Vec<MessageObject<'a>>,
        more: bool,
        /// The `older_than` of the next page.
        #[serde(skip_serializing_if = "Option::is_none")]
        older_than: Option<u64>,
    },
    List {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channel: &'a str,
        list: &'a str,
        count: usize,
        entries: Vec<EntryObject<'a>>,
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
    Invitations {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        channels: Vec<&'a str>,
    },
    /// The properties of a user.
    User {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        #[serde(flatten)]
        user: WholeUser<'a>,
        away: Option<&'a str>,
        signed_on: Rfc3339,
        idle_seconds: u64,
        channels: Vec<MembershipObject<'a>>,
        #[serde(skip_serializing_if = "Not::not")]
        operator: bool,
        #[serde(skip_serializing_if = "DataObject::is_empty")]
        data: DataObject<'a>,
    },
    Whowas {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        nickname: &'a str,
        users: Vec<PastUserObject<'a>>,
        #[serde(skip_serializing_if = "Not::not")]
        more: bool,
    },
    Error {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Echo<'a>>,
        code: &'a str,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    Ping,
    UserJoined {
        channel: &'a str,
        #[serde(flatten)]
        user: UserFields<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        away: Option<&'a str>,
        #[serde(skip_serializing_if = "DataObject::is_empty")]
        data: DataObject<'a>,
    },
    UserLeft {
        channel: &'a str,
        nickname: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Renamed {
        from: &'a str,
        to: &'a str,
    },
    /// The user's account, names, mark as a program, or application data have changed.
    UserChanged {
        #[serde(flatten)]
        user: UserFields<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        real_name: Option<&'a str>,
        #[serde(skip_serializing_if = "DataObject::is_empty")]
        data: DataObject<'a>,
    },
    Role {
        channel: &'a str,
        nickname: &'a str,
        role: &'a str,
        /// The statuses, if they say more than the role.
        #[serde(skip_serializing_if = "Option::is_none")]
        statuses: Option<Vec<&'a str>>,
        by: &'a str,
    },
    Kicked {
        channel: &'a str,
        nickname: &'a str,
        by: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        banned: bool,
    },
    /// The server has replaced a channel's application data, which may be empty.
    ChannelData {
        channel: &'a str,
        data: DataObject<'a>,
        by: &'a str,
    },
    /// The server has closed a channel: the reader is no longer in it.
    ChannelClosed {
        channel: &'a str,
        by: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Muted {
        channel: &'a str,
        nickname: &'a str,
        by: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Unmuted {
        channel: &'a str,
        nickname: &'a str,
        by: &'a str,
    },
    Invited {
        channel: &'a str,
        by: &'a str,
    },
    Away {
        nickname: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
    },
    Lagged {
        missed: u64,
    },
    ShuttingDown,
}

/// One of several channels that could not be joined.
#[derive(Serialize)]
pub(super) struct JoinRefusalObject<'a> {
    /// Index of the entry in the request, from 0. The name may differ from that in the request.
    index: usize,
    channel: &'a str,
    code: &'a str,
    message: String,
}

/// A user in an object about it. The fields that most users do not have are left out.
#[derive(Debug, Serialize)]
pub(super) struct UserFields<'a> {
    nickname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Not::not")]
    bot: bool,
}

/// The messages of a history: those of a channel, or those between the reader and a user.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HistoryPlace<'a> {
    Channel(&'a str),
    To(&'a str),
}

/// A user with all properties that other users may see.
#[derive(Serialize)]
pub(super) struct WholeUser<'a> {
    #[serde(flatten)]
    fields: UserFields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    real_name: Option<&'a str>,
}

/// A channel that a user is in.
#[derive(Serialize)]
pub(super) struct MembershipObject<'a> {
    name: &'a str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<Vec<&'a str>>,
}

/// A user who has given up a nickname.
#[derive(Serialize)]
pub(super) struct PastUserObject<'a> {
    #[serde(flatten)]
    user: WholeUser<'a>,
    until: Rfc3339,
}

#[derive(Serialize)]
pub(super) struct MemberObject<'a> {
    #[serde(flatten)]
    user: UserFields<'a>,
    role: &'a str,
    /// The statuses, if they say more than the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<Vec<&'a str>>,
}

#[derive(Serialize)]
pub(super) struct UserObject<'a> {
    #[serde(flatten)]
    user: UserFields<'a>,
    away: Option<&'a str>,
    #[serde(skip_serializing_if = "Not::not")]
    operator: bool,
    #[serde(skip_serializing_if = "DataObject::is_empty")]
    data: DataObject<'a>,
}

#[derive(Serialize)]
pub(super) struct ChannelObject<'a> {
    name: &'a str,
    topic: Option<&'a str>,
    members: usize,
}

#[derive(Serialize)]
pub(super) struct ModesObject<'a> {
    secret: bool,
    invite_only: bool,
    moderated: bool,
    members_only: bool,
    operator_topic: bool,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    no_ctcp: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_seconds: Option<u64>,
}

/// The sender of a message.
#[derive(Debug, Serialize)]
struct SenderFields<'a> {
    #[serde(flatten)]
    user: UserFields<'a>,
    /// True if the server itself is the sender.
    #[serde(skip_serializing_if = "Not::not")]
    system: bool,
}

/// A message in the JSON of version 2, for hosts that write JSON themselves.
#[derive(Debug, Serialize)]
pub struct MessageObject<'a> {
    id: u64,
    at: Rfc3339,
    #[serde(flatten)]
    sender: SenderFields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    text: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "DataObject::is_empty")]
    data: DataObject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<ReplyObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<PinObject<'a>>,
    #[serde(skip_serializing_if = "ReactionsObject::is_empty")]
    reactions: ReactionsObject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<DeletionObject<'a>>,
}

impl<'a> Object<'a> {
    /// Makes an object with a channel's topic, its author and its time.
    pub(super) fn topic(
        reference: Option<&'a str>,
        channel: &'a str,
        topic: Option<&'a Topic>,
    ) -> Self {
        Self::Topic {
            reference,
            channel,
            topic: topic.map(|topic| topic.text.as_str()),
            by: topic.map(|topic| topic.by.name()),
            at: topic.map(|topic| topic.at.into()),
        }
    }
}

impl<'a> From<&'a JoinRefusal> for JoinRefusalObject<'a> {
    fn from(JoinRefusal { index, channel, refusal, .. }: &'a JoinRefusal) -> Self {
        let (channel, message) = (channel.as_str(), refusal.to_string());
        Self { index: *index, channel, code: refusal.code(), message }
    }
}

impl<'a> From<&'a UserInfo> for UserFields<'a> {
    fn from(user: &'a UserInfo) -> Self {
        Self {
            nickname: user.nickname.shown(),
            account: user.account.as_ref().map(AccountName::as_str),
            bot: user.bot,
        }
    }
}

impl<'a> From<&'a UserInfo> for WholeUser<'a> {
    fn from(user: &'a UserInfo) -> Self {
        let [username, host, real_name] = [&user.username, &user.host, &user.real_name]
            .map(|text| text.as_ref().map(Text::as_str));
        Self { fields: user.into(), username, host, real_name }
    }
}

impl<'a> From<&'a (ChannelName, StatusSet)> for MembershipObject<'a> {
    fn from((name, statuses): &'a (ChannelName, StatusSet)) -> Self {
        let (name, role) = (name.shown(), statuses.role().name());
        Self { name, role, statuses: further_statuses(*statuses) }
    }
}

impl<'a> From<&'a WasHere> for PastUserObject<'a> {
    fn from(past: &'a WasHere) -> Self {
        Self { user: (&*past.user).into(), until: past.until.into() }
    }
}

impl<'a> From<&'a Actor> for SenderFields<'a> {
    fn from(sender: &'a Actor) -> Self {
        match sender.user() {
            Some(user) => Self { user: (&**user).into(), system: false },
            None => {
                let user = UserFields { nickname: sender.name(), account: None, bot: false };
                Self { user, system: true }
            }
        }
    }
}

/// Returns the names of statuses, unless the role says the same.
pub(super) fn further_statuses(statuses: StatusSet) -> Option<Vec<&'static str>> {
    let names: Vec<_> = statuses.iter().map(Status::name).collect();
    (names.len() > 1).then_some(names)
}

impl<'a> From<&'a RosterEntry> for MemberObject<'a> {
    fn from(entry: &'a RosterEntry) -> Self {
        let role = entry.role();
        let user = (&*entry.user).into();
        Self { user, role: role.name(), statuses: further_statuses(entry.statuses) }
    }
}

impl<'a> From<&'a UserEntry> for UserObject<'a> {
    fn from(entry: &'a UserEntry) -> Self {
        let away = entry.away.as_ref().map(|away| away.as_str());
        let data = (&entry.user.data).into();
        Self { user: (&*entry.user).into(), away, operator: entry.operator, data }
    }
}

impl<'a> From<&'a ChannelEntry> for ChannelObject<'a> {
    fn from(entry: &'a ChannelEntry) -> Self {
        Self {
            name: entry.name.shown(),
            topic: entry.topic.as_ref().map(|topic| topic.as_str()),
            members: entry.members,
        }
    }
}

impl<'a> From<&'a Modes> for ModesObject<'a> {
    fn from(modes: &'a Modes) -> Self {
        Self {
            secret: modes.secret,
            invite_only: modes.invite_only,
            moderated: modes.moderated,
            members_only: modes.members_only,
            operator_topic: modes.operator_topic,
            no_ctcp: modes.no_ctcp,
            key: modes.key.as_deref(),
            limit: modes.member_limit,
            keep_seconds: modes.keep.map(|keep| keep.as_secs()),
        }
    }
}

impl<'a> From<&'a Message> for MessageObject<'a> {
    fn from(message: &'a Message) -> Self {
        let Place { channel, role, to } = Place::from(&message.target);
        Self {
            id: message.id.0,
            at: message.at.into(),
            sender: (&message.sender).into(),
            channel,
            role,
            to,
            text: message.text.as_str(),
            kind: message.kind.name(),
            data: (&message.data).into(),
            reply_to: message.reply_to().map(Into::into),
            pinned: message.pin().map(Into::into),
            reactions: message.into(),
            edited_at: message.edited_at().map(Into::into),
            deleted: message.deletion().map(Into::into),
        }
    }
}
