//! The frames of a server, in version 2 of the JSON dialect.
//!
//! All text of users is a [`Text`], which is cleaned while it is decoded. So even a faulty server
//! cannot send control sequences to the terminal.

use super::server_limits::ServerLimits;
use chat_server::engine::{self, Secret, Text};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::time::Duration;

/// One frame of the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Incoming {
    /// The reference of the request that the frame answers.
    #[serde(rename = "ref")]
    pub(super) reference: Option<String>,
    #[serde(flatten)]
    pub(super) event: Event,
}

/// An event or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    Welcome {
        nickname: Text,
        #[serde(default)]
        session: u64,
        /// An id that differs after a restart of the server. Older servers do not send it.
        boot: Option<Value>,
        /// An id that differs after message ids were lost. Older servers do not send it, and lose
        /// them with each restart.
        epoch: Option<Value>,
        #[serde(default)]
        limits: ServerLimits,
        /// True if the client is the same user as before the connection was lost.
        #[serde(default)]
        reconnected: bool,
        /// The account of the user.
        account: Option<Text>,
        /// After a `hello` with a password: a token for the next login.
        token: Option<Secret>,
        /// With `reconnected`: the channels that the user is in.
        channels: Option<Vec<Text>>,
        /// True if the missed messages follow.
        resumed: Option<bool>,
        /// The private conversations of the account.
        #[serde(default)]
        conversations: Vec<Conversation>,
    },
    /// An account was registered, and the client has logged in to it.
    Registered(LoggedIn),
    LoggedIn(LoggedIn),
    /// The logins of the account, the last used ones first.
    Sessions {
        sessions: Vec<LoginEntry>,
    },
    Roster {
        channel: Text,
        topic: Option<Text>,
        count: usize,
        members: Vec<Member>,
        #[serde(flatten)]
        unread: Unread,
    },
    #[serde(rename = "ok")]
    Done,
    Ack {
        /// The id and the time of the message.
        id: Option<u64>,
        at: Option<Text>,
        away: Option<Text>,
        /// The user is offline, and can read the message later.
        #[serde(default)]
        offline: bool,
    },
    /// A ping of the server, which the client has to answer.
    Ping,
    Pong,
    Goodbye,
    Users {
        channel: Option<Text>,
        #[serde(default)]
        count: usize,
        users: Vec<User>,
    },
    Channels {
        #[serde(default)]
        count: usize,
        channels: Vec<ChannelEntry>,
    },
    Topic {
        channel: Text,
        topic: Option<Text>,
        by: Option<Text>,
    },
    Modes {
        channel: Text,
        #[serde(flatten)]
        modes: Modes,
        by: Option<Text>,
    },
    History {
        channel: Text,
        messages: Vec<Message>,
        more: bool,
    },
    /// The messages that the client has not received, oldest first.
    Missed {
        messages: Vec<Message>,
        /// The messages that the client has received before and that were changed since.
        #[serde(default)]
        changed: Vec<Message>,
        more: bool,
    },
    /// The user has read messages on another device.
    Read {
        channel: Option<Text>,
        to: Option<Text>,
        id: u64,
    },
    /// The messages that a search has found, newest first.
    Found {
        messages: Vec<Message>,
        more: bool,
        /// The `older_than` of the next page.
        older_than: Option<u64>,
    },
    Error {
        #[serde(default)]
        code: String,
        message: Text,
        retry_after_ms: Option<u64>,
    },
    Chat(Message),
    UserJoined {
        channel: Text,
        nickname: Text,
    },
    UserLeft {
        channel: Text,
        nickname: Text,
        reason: Option<Text>,
    },
    Renamed {
        from: Text,
        to: Text,
    },
    Role {
        channel: Text,
        nickname: Text,
        role: Role,
        by: Text,
    },
    Kicked {
        channel: Text,
        nickname: Text,
        by: Text,
        reason: Option<Text>,
        #[serde(default)]
        banned: bool,
    },
    /// The server has closed a channel, and everybody has left it.
    ChannelClosed {
        channel: Text,
        by: Text,
        reason: Option<Text>,
    },
    /// A message was deleted.
    Deleted(DeletedMessage),
    /// A message was edited: the message now.
    Edited(Message),
    Muted {
        channel: Text,
        nickname: Text,
        by: Text,
        reason: Option<Text>,
    },
    Unmuted {
        channel: Text,
        nickname: Text,
        by: Text,
    },
    Invited {
        channel: Text,
        by: Text,
    },
    Away {
        nickname: Text,
        message: Option<Text>,
    },
    Lagged {
        missed: u64,
    },
    ShuttingDown,
    /// An event of a newer server.
    #[serde(other)]
    Unknown,
}

/// A login to an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LoggedIn {
    pub(super) account: Text,
    pub(super) token: Option<Secret>,
    /// The nickname from now on.
    pub(super) nickname: Option<Text>,
    /// The channels of the user for whom the client speaks now, if that is another one.
    pub(super) channels: Option<Vec<Text>>,
}

/// The numbers of messages that a user has not read, as the server counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Unread {
    /// The last message that was read, on any device.
    pub(super) last_read: u64,
    /// The number of messages after it; absent for users without an account.
    #[serde(rename = "unread")]
    pub(super) messages: Option<usize>,
    /// The number of those that mention the user.
    pub(super) mentions: usize,
}

/// A private conversation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Conversation {
    pub(super) nickname: Text,
    #[serde(flatten)]
    pub(super) unread: Unread,
}

/// A login in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LoginEntry {
    pub(super) id: Text,
    pub(super) device: Option<Text>,
    pub(super) since: Text,
    pub(super) used: Text,
    #[serde(default)]
    pub(super) online: bool,
    #[serde(default)]
    pub(super) current: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Message {
    pub(super) id: u64,
    /// The time (RFC 3339).
    pub(super) at: Text,
    pub(super) nickname: Text,
    /// The account of the sender.
    pub(super) account: Option<Text>,
    /// True if the server itself says it.
    #[serde(default)]
    pub(super) system: bool,
    pub(super) channel: Option<Text>,
    pub(super) to: Option<Text>,
    /// The text, which may have several lines.
    #[serde(deserialize_with = "lines")]
    pub(super) text: Text,
    #[serde(default)]
    pub(super) kind: Kind,
    /// The message that it replies to.
    pub(super) reply_to: Option<ReplyTo>,
}

/// The message that another replies to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct ReplyTo {
    /// The nickname of its sender; `None` for the server.
    pub(super) nickname: Option<Text>,
}

impl Message {
    /// Returns the name of the sender; for a reply, with the name that it replies to. No nickname
    /// looks like this, because none contains a space.
    pub(super) fn shown_sender(&self) -> String {
        match &self.reply_to {
            Some(ReplyTo { nickname }) => {
                let to = nickname.as_ref().map_or("server", Text::as_str);
                format!("{} → {to}", self.nickname)
            }
            None => self.nickname.to_string(),
        }
    }
}

/// A message that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct DeletedMessage {
    pub(super) id: u64,
    /// The sender.
    pub(super) nickname: Text,
    /// The channel; `None` if the message was private.
    pub(super) channel: Option<Text>,
    /// The user who has deleted it.
    pub(super) by: Text,
    pub(super) reason: Option<Text>,
}

/// The kind of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Message,
    Action,
    Notice,
}

impl Kind {
    /// Returns the kind of this name in a request.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "action" => Self::Action,
            "notice" => Self::Notice,
            _ => Self::Message,
        }
    }
}

/// A member of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Member {
    pub(super) nickname: Text,
    pub(super) role: Role,
}

/// The role of a member, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Owner,
    Operator,
    Voiced,
    #[serde(other)]
    Member,
}

/// A user who is online.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct User {
    pub(super) nickname: Text,
    pub(super) away: Option<Text>,
}

/// A channel in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct ChannelEntry {
    pub(super) name: Text,
    pub(super) topic: Option<Text>,
    pub(super) members: usize,
}

/// The modes of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Modes {
    secret: bool,
    invite_only: bool,
    moderated: bool,
    members_only: bool,
    operator_topic: bool,
    #[serde(default)]
    no_ctcp: bool,
    key: Option<Text>,
    limit: Option<u32>,
    keep_seconds: Option<u64>,
}

/// Decodes a text of several lines.
fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    Ok(Text::clean_lines(&String::deserialize(deserializer)?))
}

impl Incoming {
    /// Decodes a frame.
    pub(super) fn decode(frame: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(frame)
    }
}

impl Event {
    /// Returns the channel that the event concerns.
    pub(super) fn channel(&self) -> Option<&Text> {
        match self {
            Self::Chat(message) => message.channel.as_ref(),
            Self::Deleted(deleted) => deleted.channel.as_ref(),
            Self::Edited(message) => message.channel.as_ref(),
            Self::Roster { channel, .. }
            | Self::Topic { channel, .. }
            | Self::Modes { channel, .. }
            | Self::History { channel, .. }
            | Self::UserJoined { channel, .. }
            | Self::UserLeft { channel, .. }
            | Self::Role { channel, .. }
            | Self::Kicked { channel, .. }
            | Self::ChannelClosed { channel, .. }
            | Self::Muted { channel, .. }
            | Self::Unmuted { channel, .. }
            | Self::Invited { channel, .. } => Some(channel),
            Self::Users { channel, .. } | Self::Read { channel, .. } => channel.as_ref(),
            Self::Welcome { .. }
            | Self::Registered(_)
            | Self::LoggedIn(_)
            | Self::Sessions { .. }
            | Self::Done
            | Self::Ack { .. }
            | Self::Ping
            | Self::Pong
            | Self::Goodbye
            | Self::Channels { .. }
            | Self::Missed { .. }
            | Self::Found { .. }
            | Self::Error { .. }
            | Self::Renamed { .. }
            | Self::Away { .. }
            | Self::Lagged { .. }
            | Self::ShuttingDown
            | Self::Unknown => None,
        }
    }
}

impl Role {
    /// Returns the sign that is shown before a member's name.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Owner => '~',
            Self::Operator => '@',
            Self::Voiced => '+',
            Self::Member => ' ',
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Voiced => "voiced",
            Self::Member => "member",
        }
    }
}

impl Modes {
    /// Returns the modes as a user types them.
    pub(super) fn words(&self) -> String {
        let switches = [
            (self.secret, "+secret"),
            (self.invite_only, "+invite_only"),
            (self.moderated, "+moderated"),
            (self.members_only, "+members_only"),
            (self.operator_topic, "+operator_topic"),
            (self.no_ctcp, "+no_ctcp"),
        ];
        let on = switches.into_iter().filter(|(on, _)| *on);
        let mut words: Vec<String> = on.map(|(_, word)| word.to_owned()).collect();
        words.extend(self.key.as_ref().map(|key| format!("key={key}")));
        words.extend(self.limit.map(|limit| format!("limit={limit}")));
        let keep = self.keep_seconds.map(Duration::from_secs);
        let keep = engine::Modes { keep, ..engine::Modes::default() }.written_keep();
        words.extend(keep.map(|keep| format!("keep={keep}")));
        if words.is_empty() { "none".into() } else { words.join(" ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(frame: &str) -> Incoming {
        Incoming::decode(frame).unwrap_or_else(|error| panic!("{frame}: {error}"))
    }

    #[test]
    fn text_of_users_is_cleaned() {
        let frame = r#"{"type":"chat","id":1,"at":"now","nickname":"e\u001bve","channel":"lobby",
            "text":"red \u001b[31malert\u0007\nforged","kind":"message"}"#;
        let Event::Chat(message) = decode(frame).event else { panic!("not a chat") };
        assert_eq!(message.nickname.as_str(), "eve");
        assert_eq!(message.text.as_str(), "red [31malert\nforged");
    }

    #[test]
    fn unknown_events_and_roles_are_no_errors() {
        assert_eq!(
            decode(r#"{"type":"fireworks","ref":"1","colour":"red"}"#).event,
            Event::Unknown
        );
        let member = r#"{"type":"role","channel":"a","nickname":"b","role":"emperor","by":"c"}"#;
        assert!(matches!(decode(member).event, Event::Role { role: Role::Member, .. }));
    }

    #[test]
    fn answer_has_a_reference() {
        let answer = decode(r#"{"type":"ok","ref":"7"}"#);
        assert_eq!(answer, Incoming { reference: Some("7".into()), event: Event::Done });
    }

    #[test]
    fn modes_are_described_in_words() {
        let frame = r#"{"type":"modes","channel":"rust","secret":true,"invite_only":false,
            "moderated":false,"members_only":true,"operator_topic":false,"limit":3,
            "keep_seconds":86400}"#;
        let Event::Modes { modes, .. } = decode(frame).event else { panic!("not modes") };
        assert_eq!(modes.words(), "+secret +members_only limit=3 keep=1d");
    }
}
