//! The public identity of users.

use crate::{AccountName, AppData, Nickname, Text};
use alloc::sync::Arc;
use core::fmt;

/// The public identity of a user at one moment. It never changes: a user whose identity changes
/// gets a new one, so that events and messages keep the old one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UserInfo {
    /// The nickname.
    pub nickname: Nickname,
    /// The account, if the host has authenticated the user.
    pub account: Option<AccountName>,
    /// The name of the user on its own machine, if the client has given one (the `user` of
    /// `nick!user@host` in IRC).
    pub username: Option<Text>,
    /// The host name that other users see, as the [host has chosen it](crate::Peer::host). It is
    /// not the network address, unless the host makes them equal.
    pub host: Option<Text>,
    /// The person's name, if the host or the client has given one.
    pub real_name: Option<Text>,
    /// True if the user is a program.
    pub bot: bool,
    /// The application data, which the [host has set](crate::UserChange::Data). That of an account
    /// outlasts its user. It is empty in the sender of a message and in an [`Actor`].
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "AppData::is_empty"))]
    pub data: AppData,
}

/// The user, or the server itself, that caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Actor {
    /// A user.
    User(Arc<UserInfo>),
    /// The server: the host that embeds the engine, or the engine itself.
    Server,
}

impl UserInfo {
    /// The user name that is shown, and that masks match, for a user without one.
    pub const NO_USERNAME: &str = "user";
    /// The host that is shown, and that masks match, for a user without one, such as one of the
    /// same process.
    pub const NO_HOST: &str = "hidden";

    /// Makes the identity of a guest of this nickname, without any other property.
    pub fn guest(nickname: Nickname) -> Self {
        Self {
            nickname,
            account: None,
            username: None,
            host: None,
            real_name: None,
            bot: false,
            data: AppData::default(),
        }
    }

    /// Returns the user name, or [`NO_USERNAME`](Self::NO_USERNAME).
    pub fn username_or_default(&self) -> &str {
        self.username.as_ref().map_or(Self::NO_USERNAME, Text::as_str)
    }

    /// Returns the host, or [`NO_HOST`](Self::NO_HOST).
    pub fn host_or_default(&self) -> &str {
        self.host.as_ref().map_or(Self::NO_HOST, Text::as_str)
    }

    /// Returns the identity without application data, so that what refers to the user for long,
    /// such as a message, stays small.
    #[inline(always)]
    pub(crate) fn without_data(self: &Arc<Self>) -> Arc<Self> {
        if self.data.is_empty() {
            return self.clone();
        }
        Arc::new(Self { data: AppData::default(), ..Self::clone(self) })
    }
}

/// Shows the nickname.
impl fmt::Display for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nickname.fmt(f)
    }
}

impl Actor {
    /// The name that is shown for the server. No client can choose it, unless a
    /// [`Config`](crate::Config) removes it from the reserved names.
    pub const SERVER: &str = "server";

    /// Returns the name to show: the nickname of the user, or [`SERVER`](Self::SERVER).
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => user.nickname.shown(),
            Self::Server => Self::SERVER,
        }
    }

    /// Returns the user, unless the server is the actor.
    pub fn user(&self) -> Option<&Arc<UserInfo>> {
        match self {
            Self::User(user) => Some(user),
            Self::Server => None,
        }
    }

    /// Returns true if the user has this nickname.
    pub fn is_named(&self, nickname: &Nickname) -> bool {
        self.user().is_some_and(|user| user.nickname == *nickname)
    }
}

impl From<Arc<UserInfo>> for Actor {
    fn from(user: Arc<UserInfo>) -> Self {
        Self::User(user)
    }
}

/// Shows the [name](Actor::name).
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
