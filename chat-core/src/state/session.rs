//! One live connection.

use super::bucket::Bucket;
use crate::{
    Config, Identity, Nickname, Peer, QuestionId, Refusal, RequestId, Secret, Timestamp, UserId,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

#[derive(Debug)]
pub(crate) struct Session {
    who: Who,
    /// When what proved who it is holds no longer.
    expires: Option<Timestamp>,
    last_active: Timestamp,
    /// When it is looked after next.
    pub(super) armed: Option<Timestamp>,
    bucket: Bucket,
}

/// Whom a session is of.
#[derive(Debug)]
enum Who {
    /// Nobody yet. In a box, since it takes more room than a name, and not for long.
    Newcomer(Box<Newcomer>),
    /// A user, whose name the host may have decided.
    User { id: UserId, named_by_host: bool },
}

/// What is only of interest until there is a name.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) peer: Peer,
    /// The names that the host has for the user.
    pub(crate) offered: Vec<Arc<str>>,
    /// What waits for the host to say who it is.
    pub(crate) pending: Option<Pending>,
}

/// A request for a name that waits for an answer of the host.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) question: QuestionId,
    pub(crate) request: Option<RequestId>,
    pub(crate) wanted: NameRequest,
    /// When it waits no longer.
    pub(crate) until: Timestamp,
}

/// What a client asks for when it identifies itself.
#[derive(Debug)]
pub(crate) struct NameRequest {
    /// The name, or why it cannot be one.
    pub(crate) nickname: Result<Option<Nickname>, Refusal>,
    pub(crate) lobby: bool,
    pub(crate) reconnect_key: Option<Secret>,
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

impl Standing {
    /// The user for whom the session speaks.
    pub(crate) fn user(self) -> Option<UserId> {
        match self {
            Self::Named(user) => Some(user),
            Self::Nameless | Self::Asking => None,
        }
    }
}

impl Session {
    pub(super) fn new(peer: Peer, now: Timestamp) -> Self {
        Self {
            who: Who::Newcomer(Box::new(Newcomer {
                offered: peer.nickname.iter().cloned().collect(),
                peer,
                pending: None,
            })),
            expires: None,
            last_active: now,
            armed: None,
            bucket: Bucket::default(),
        }
    }

    /// Makes it speak for a user, whose name the host may have decided. What it took to find a free
    /// name does not count against the user's commands. Returns what is known of the other side.
    pub(super) fn name(&mut self, id: UserId, named_by_host: bool, now: Timestamp) -> Peer {
        self.last_active = now;
        self.bucket = Bucket::default();
        match core::mem::replace(&mut self.who, Who::User { id, named_by_host }) {
            Who::Newcomer(newcomer) => newcomer.peer,
            Who::User { .. } => Peer::default(),
        }
    }

    /// Notes who it is, as the host says.
    pub(crate) fn know(&mut self, identity: Identity) {
        self.expires = identity.expires;
        if let Some(newcomer) = self.newcomer_mut() {
            newcomer.peer.account = Some(identity.account);
            newcomer.offered = identity.nicknames;
        }
    }

    /// For whom it speaks, once it has a name.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self.who {
            Who::Newcomer(_) => None,
            Who::User { id, .. } => Some(id),
        }
    }

    /// What is known of it before it has a name.
    pub(crate) fn newcomer(&self) -> Option<&Newcomer> {
        match &self.who {
            Who::Newcomer(newcomer) => Some(newcomer),
            Who::User { .. } => None,
        }
    }

    pub(crate) fn newcomer_mut(&mut self) -> Option<&mut Newcomer> {
        match &mut self.who {
            Who::Newcomer(newcomer) => Some(newcomer),
            Who::User { .. } => None,
        }
    }

    /// Whether the host has decided what its user is called.
    pub(crate) fn is_named_by_host(&self) -> bool {
        matches!(self.who, Who::User { named_by_host: true, .. })
    }

    pub(crate) fn standing(&self) -> Standing {
        match &self.who {
            Who::User { id, .. } => Standing::Named(*id),
            Who::Newcomer(newcomer) if newcomer.pending.is_some() => Standing::Asking,
            Who::Newcomer(_) => Standing::Nameless,
        }
    }

    /// Notes a command that counts as so many, or says how long to wait before the next.
    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        config: &Config,
        cost: u32,
    ) -> Result<(), Duration> {
        self.last_active = now;
        self.bucket.take(now, config, cost)
    }

    /// When it has to be looked after, if ever, and why.
    pub(crate) fn deadline(&self, config: &Config) -> Option<(Timestamp, Due)> {
        let newcomer = self.newcomer();
        let patience = match newcomer {
            None => config.idle_timeout,
            Some(newcomer) if newcomer.peer.person => config.person_naming_timeout,
            Some(_) => config.naming_timeout,
        };
        let silent = patience.map(|patience| (self.last_active + patience, Due::Silent));
        let pending = newcomer.and_then(|newcomer| newcomer.pending.as_ref());
        let unanswered = pending.map(|pending| (pending.until, Due::Unanswered));
        let expired = self.expires.map(|at| (at, Due::Expired));
        [silent, unanswered, expired].into_iter().flatten().min()
    }
}
