//! Finds the messages that were accepted with a nonce, and forgets the nonces of guests.

use super::State;
use crate::durable::{Acknowledgement, NonceLimits};
use crate::{Nonce, UserId};

impl State {
    /// Returns the acknowledgement of an earlier message of a user with this nonce.
    pub(crate) fn acknowledgement(&self, id: UserId, nonce: &Nonce) -> Option<&Acknowledgement> {
        let limits = NonceLimits::of(&self.config);
        match self.user(id)?.account() {
            // The message may be older than the login.
            Some(account) => (self.durable.nonces().find(account, nonce, self.now, limits))
                .or_else(|| self.nonces.find(&id, nonce, self.now, limits)),
            None => self.nonces.find(&id, nonce, self.now, limits),
        }
    }

    /// Removes nonces of guests that have expired, a few at once.
    pub(crate) fn prune_nonces(&mut self) {
        if self.nonces.is_empty() {
            return;
        }
        self.nonces.prune(self.now, NonceLimits::of(&self.config));
    }
}
