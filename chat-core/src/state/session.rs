//! One live connection.

use super::bucket::Bucket;
use crate::{Config, Identity, Peer, QuestionId, RequestId, Timestamp, UserId};
use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) peer: Peer,
    /// For whom it speaks, once it has a name.
    pub(crate) user: Option<UserId>,
    /// What waits for the host to say who it is.
    pub(crate) pending: Option<Box<Pending>>,
    /// When what proved who it is holds no longer.
    expires: Option<Timestamp>,
    last_active: Timestamp,
    bucket: Bucket,
}

/// A request for a name that waits for an answer of the host.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) question: QuestionId,
    pub(crate) request: Option<RequestId>,
    pub(crate) nickname: Option<String>,
    pub(crate) lobby: bool,
    /// When it waits no longer.
    pub(crate) until: Timestamp,
}

/// Whether a session has a name, which decides what it may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has none.
    Nameless,
    /// It has none, and waits for the host to say who it is.
    Asking,
    /// It speaks for a user.
    Named(UserId),
}

/// Why a session has to be looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The host has not answered.
    Unanswered,
    /// What proved who it is holds no longer.
    Expired,
    /// It has been silent for too long.
    Silent,
}

impl Session {
    pub(super) fn new(peer: Peer, now: Timestamp) -> Self {
        Self {
            peer,
            user: None,
            pending: None,
            expires: None,
            last_active: now,
            bucket: Bucket::default(),
        }
    }

    /// Makes it speak for a user. What it took to find a free name does not count against the user's commands.
    pub(super) fn name(&mut self, user: UserId, now: Timestamp) {
        self.user = Some(user);
        self.last_active = now;
        self.bucket = Bucket::default();
    }

    /// Notes who it is, as the host says.
    pub(crate) fn know(&mut self, identity: Identity) {
        self.peer.account = Some(identity.account);
        self.peer.nickname = identity.nickname;
        self.expires = identity.expires;
    }

    pub(crate) fn standing(&self) -> Standing {
        match self.user {
            Some(user) => Standing::Named(user),
            None if self.pending.is_some() => Standing::Asking,
            None => Standing::Nameless,
        }
    }

    /// Notes a command, or says how long to wait before the next.
    pub(crate) fn admit(&mut self, now: Timestamp, config: &Config) -> Result<(), Duration> {
        self.last_active = now;
        self.bucket.take(now, config)
    }

    /// When it has to be looked after, if ever, and why.
    pub(crate) fn deadline(&self, config: &Config) -> Option<(Timestamp, Due)> {
        let patience = match self.user {
            Some(_) => config.idle_timeout,
            None if self.peer.person => config.person_naming_timeout,
            None => config.naming_timeout,
        };
        let silent = patience.map(|patience| (self.last_active + patience, Due::Silent));
        let unanswered = self.pending.as_ref().map(|pending| (pending.until, Due::Unanswered));
        let expired = self.expires.map(|at| (at, Due::Expired));
        [silent, unanswered, expired].into_iter().flatten().min()
    }
}
