//! Invitations into channels.

use super::{State, User};
use crate::durable::Channel;
use crate::effect::EffectBuffer;
use crate::{ChannelName, Record, UserId};

impl State {
    /// Stores an invitation, which admits a user once to an invite-only channel. That of an account
    /// outlasts the user.
    pub(crate) fn invite(&mut self, out: &mut EffectBuffer, name: &ChannelName, id: UserId) {
        let Some(user) = self.users.get_mut(&id) else { return };
        if let Some(account) = user.account().cloned() {
            self.record(out, Record::Invited { channel: name.clone(), account });
        } else if let Some(channel) = self.durable.channels.get_mut(name) {
            user.invite(name.clone());
            channel.presence.invited.insert(id);
        }
    }

    /// Returns true if a user is invited into a channel.
    pub(crate) fn is_invited(&self, channel: &Channel, id: UserId) -> bool {
        let account = || self.user(id).and_then(User::account);
        channel.presence.invited.contains(&id)
            || account().is_some_and(|account| channel.invited.contains(account))
    }

    /// Returns the number of channels that a user is invited into.
    pub(crate) fn invitation_count(&self, user: &User) -> usize {
        match user.account() {
            Some(account) => {
                self.durable.account(account).map_or(0, |account| account.invitations.len())
            }
            None => user.invitations().len(),
        }
    }
}
