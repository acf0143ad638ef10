//! One live connection.

use super::bucket::Bucket;
use crate::{Config, Peer, Timestamp, UserId};
use core::time::Duration;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) peer: Peer,
    /// For whom it speaks, once it has a name.
    pub(crate) user: Option<UserId>,
    last_active: Timestamp,
    bucket: Bucket,
}

impl Session {
    pub(super) fn new(peer: Peer, now: Timestamp) -> Self {
        Self { peer, user: None, last_active: now, bucket: Bucket::default() }
    }

    /// Makes it speak for a user. What it took to find a free name does not count against the user's commands.
    pub(super) fn name(&mut self, user: UserId, now: Timestamp) {
        self.user = Some(user);
        self.last_active = now;
        self.bucket = Bucket::default();
    }

    /// Notes a command, or says how long to wait before the next.
    pub(crate) fn admit(&mut self, now: Timestamp, config: &Config) -> Result<(), Duration> {
        self.last_active = now;
        self.bucket.take(now, config)
    }

    /// When it will have been silent for too long, if there is such a thing.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Timestamp> {
        let timeout = match self.user {
            Some(_) => config.idle_timeout,
            None if self.peer.person => config.person_naming_timeout,
            None => config.naming_timeout,
        };
        Some(self.last_active + timeout?)
    }
}
