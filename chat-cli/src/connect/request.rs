//! The requests of a client, in version 2 of the JSON dialect.

use super::proof::Proof;
use super::received::ResumePoint;
use chat_server::engine::{Secret, Text};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Request {
    Hello {
        #[serde(skip_serializing_if = "Option::is_none")]
        nickname: Option<String>,
        version: u64,
        /// True to join the lobby with the same request.
        lobby: bool,
        #[serde(flatten)]
        proof: Option<Proof>,
        /// Proves after a reconnect that it is the same client.
        #[serde(skip_serializing_if = "Option::is_none")]
        reconnect_key: Option<Secret>,
        /// Continues after the last message that the client has received.
        #[serde(skip_serializing_if = "Option::is_none")]
        resume: Option<ResumePoint>,
    },
    Join {
        channel: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    Leave {
        channel: String,
    },
    Chat {
        #[serde(flatten)]
        to: To,
        kind: &'static str,
        text: String,
        /// The name by which the server recognises the message if it is sent again.
        #[serde(skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
        /// The message that it replies to.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<Parent>,
        /// True if it is sent again, after the connection was lost.
        #[serde(skip)]
        again: bool,
    },
    Edit {
        id: u64,
        text: String,
    },
    Delete {
        id: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Rename {
        nickname: String,
    },
    Users {
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
    },
    Channels,
    Topic {
        channel: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
    History {
        #[serde(flatten)]
        of: To,
        #[serde(flatten)]
        range: Range,
        limit: usize,
    },
    /// Reads the messages after one, of all channels and private conversations.
    Missed {
        after: u64,
    },
    /// Marks the messages up to one as read.
    Read {
        #[serde(flatten)]
        to: To,
        id: u64,
    },
    Search {
        text: String,
        #[serde(flatten)]
        filters: Map<String, Value>,
    },
    Role {
        channel: String,
        nickname: String,
        #[serde(flatten)]
        change: RoleChange,
    },
    Kick(Member),
    Ban(Member),
    Unban(Member),
    Mute(Member),
    Unmute(Member),
    Invite(Member),
    Modes {
        channel: String,
        #[serde(flatten)]
        changes: Map<String, Value>,
    },
    Away {
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    Register {
        #[serde(flatten)]
        login: NewLogin,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<Secret>,
    },
    #[serde(rename = "login")]
    LogIn(NewLogin),
    #[serde(rename = "logout")]
    LogOut,
    Password {
        old: Secret,
        new: Secret,
    },
    /// Lists the logins of the account.
    Sessions,
    Revoke {
        id: String,
    },
    DeleteAccount {
        password: Secret,
    },
    Ping,
    Quit {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// An account and its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct NewLogin {
    pub(super) account: String,
    pub(super) password: Secret,
    pub(super) device: String,
}

/// The recipient of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum To {
    Channel(String),
    #[serde(rename = "to")]
    User(String),
}

/// The message that another replies to. It is sent as its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) id: u64,
    /// The nickname of its sender; `None` for the server.
    pub(super) nickname: Option<Text>,
}

impl Serialize for Parent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.id)
    }
}

/// The range of a request for history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Range {
    Latest {},
    Before { before: u64 },
    After { after: u64 },
}

/// A member of a channel, and the reason of an action on the member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Member {
    pub(super) channel: String,
    pub(super) nickname: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// A change of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleChange {
    Grant(&'static str),
    Revoke(&'static str),
    Role(&'static str),
}

impl Request {
    /// Returns a message.
    pub(super) fn chat(to: To, kind: &'static str, text: impl Into<String>) -> Self {
        Self::Chat { to, kind, text: text.into(), nonce: None, reply_to: None, again: false }
    }

    /// Makes a message a reply to another.
    pub(super) fn replying_to(mut self, parent: Parent) -> Self {
        if let Self::Chat { reply_to, .. } = &mut self {
            *reply_to = Some(parent);
        }
        self
    }

    /// Encodes the request. Its answer will have the same reference.
    pub(super) fn encode(&self, reference: &str) -> String {
        #[derive(Serialize)]
        struct Frame<'a> {
            #[serde(flatten)]
            request: &'a Request,
            #[serde(rename = "ref")]
            reference: &'a str,
        }
        // The frame contains only maps with string keys, strings and numbers.
        serde_json::to_string(&Frame { request: self, reference })
            .expect("such a struct can be encoded as JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_encoded_as_the_dialect_demands() {
        let said = |to| Request::chat(to, "message", "hi \"you\"");
        let named = Request::Chat {
            to: To::User("bob".into()),
            kind: "action",
            text: "hi".into(),
            nonce: Some("n-1".into()),
            reply_to: Some(Parent { id: 7, nickname: Some(Text::clean("bob")) }),
            again: true,
        };
        let history = |range| Request::History { of: To::Channel("rust".into()), range, limit: 50 };
        let member = Member { channel: "rust".into(), nickname: "bob".into(), reason: None };
        let promoted = Request::Role {
            channel: "rust".into(),
            nickname: "bob".into(),
            change: RoleChange::Grant("operator"),
        };
        let login = || NewLogin {
            account: "alice".into(),
            password: Secret::new("pass word"),
            device: "chat on linux".into(),
        };
        let requests = [
            Request::Hello {
                nickname: Some("alice".into()),
                version: 2,
                lobby: true,
                proof: None,
                reconnect_key: Some(Secret::new("0123456789abcdef")),
                resume: Some(ResumePoint { epoch: "7".into(), id: 17 }),
            },
            Request::Hello {
                nickname: None,
                version: 2,
                lobby: false,
                proof: Some(Proof::Token { token: Secret::new("t0ken") }),
                reconnect_key: None,
                resume: None,
            },
            Request::Missed { after: 17 },
            Request::Read { to: To::Channel("rust".into()), id: 17 },
            Request::Read { to: To::User("bob".into()), id: 18 },
            Request::Register { login: login(), code: Some(Secret::new("tea")) },
            Request::LogIn(login()),
            Request::LogOut,
            Request::DeleteAccount { password: Secret::new("pass word") },
            said(To::Channel("rust".into())),
            said(To::User("bob".into())),
            named,
            history(Range::Latest {}),
            history(Range::Before { before: 7 }),
            history(Range::After { after: 7 }),
            Request::Kick(member),
            promoted,
            Request::Channels,
            Request::Away { message: None },
            Request::Modes {
                channel: "rust".into(),
                changes: Map::from_iter([("secret".into(), Value::Bool(true))]),
            },
        ];
        let frames: Vec<String> = requests.iter().map(|request| request.encode("1")).collect();
        insta::assert_snapshot!(frames.join("\n"), @r#"
        {"type":"hello","nickname":"alice","version":2,"lobby":true,"reconnect_key":"0123456789abcdef","resume":{"epoch":"7","id":17},"ref":"1"}
        {"type":"hello","version":2,"lobby":false,"token":"t0ken","ref":"1"}
        {"type":"missed","after":17,"ref":"1"}
        {"type":"read","channel":"rust","id":17,"ref":"1"}
        {"type":"read","to":"bob","id":18,"ref":"1"}
        {"type":"register","account":"alice","password":"pass word","device":"chat on linux","code":"tea","ref":"1"}
        {"type":"login","account":"alice","password":"pass word","device":"chat on linux","ref":"1"}
        {"type":"logout","ref":"1"}
        {"type":"delete_account","password":"pass word","ref":"1"}
        {"type":"chat","channel":"rust","kind":"message","text":"hi \"you\"","ref":"1"}
        {"type":"chat","to":"bob","kind":"message","text":"hi \"you\"","ref":"1"}
        {"type":"chat","to":"bob","kind":"action","text":"hi","nonce":"n-1","reply_to":7,"ref":"1"}
        {"type":"history","channel":"rust","limit":50,"ref":"1"}
        {"type":"history","channel":"rust","before":7,"limit":50,"ref":"1"}
        {"type":"history","channel":"rust","after":7,"limit":50,"ref":"1"}
        {"type":"kick","channel":"rust","nickname":"bob","ref":"1"}
        {"type":"role","channel":"rust","nickname":"bob","grant":"operator","ref":"1"}
        {"type":"channels","ref":"1"}
        {"type":"away","ref":"1"}
        {"type":"modes","channel":"rust","secret":true,"ref":"1"}
        "#);
    }
}
