//! The `hello` of version 2.

use super::request::Whole;
use chat_core::{Credential, MessageId, PasswordLogin, ResumePoint, Secret, Timestamp};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Hello {
    pub(super) nickname: Option<String>,
    /// A proof of the user's identity.
    token: Option<String>,
    /// A session token from an earlier login.
    session: Option<String>,
    account: Option<String>,
    password: Option<String>,
    /// A description of the device, for a login with a password.
    device: Option<String>,
    /// A secret with which the client reclaims its user after a lost connection.
    pub(super) reconnect_key: Option<String>,
    /// The last message that the client has received.
    pub(super) resume: Option<Resume>,
    /// The person's name.
    pub(super) real_name: Option<String>,
    /// The user is a program.
    #[serde(default)]
    pub(super) bot: bool,
    /// Take the next free name.
    #[serde(default)]
    pub(super) guest: bool,
    /// Join the lobby in the same step.
    #[serde(default = "yes")]
    pub(super) lobby: bool,
}

impl Hello {
    /// Returns the proof that the client belongs to an account.
    pub(super) fn credential(&mut self) -> Result<Option<Credential>, &'static str> {
        let Self { token, session, account, password, device, .. } = self;
        Ok(match (token.take(), session.take(), account.take(), password.take()) {
            (None, None, None, None) => None,
            (Some(token), None, None, None) => Some(Credential::Token(Secret::new(token))),
            (None, Some(token), None, None) => Some(Credential::Session(Secret::new(token))),
            (None, None, Some(account), Some(password)) => {
                let (password, device) = (Secret::new(password), device.take());
                let login = PasswordLogin { account, password, device };
                Some(Credential::Password(Box::new(login)))
            }
            (None, None, Some(_), None) => return Err("hello: \"account\" needs a \"password\""),
            (None, None, None, Some(_)) => return Err("hello: \"password\" needs an \"account\""),
            _ => {
                return Err("hello: give one of \"token\", \"session\", and \"account\" with \
                     \"password\"");
            }
        })
    }
}

/// The last message that a client has received, in its `hello`.
#[derive(Deserialize)]
pub(super) struct Resume {
    epoch: String,
    id: Whole<u64>,
}

impl Resume {
    /// Returns the point from which the client continues. A text that is no epoch of this server is
    /// that of another one.
    pub(super) fn point(self) -> ResumePoint {
        let Whole(id) = self.id;
        let epoch = Timestamp::from_millis(self.epoch.parse().unwrap_or_default());
        ResumePoint { epoch, id: MessageId(id) }
    }
}

fn yes() -> bool {
    true
}
