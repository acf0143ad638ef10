//! The channels that a user is in, and those that its account stays in while it is offline.

use super::State;
use crate::durable::{Channel, Member, Membership};
use crate::effect::EffectBuffer;
use crate::{AccountName, ChannelName, MessageId, Record, StatusSet, UserId};
use alloc::vec::Vec;

impl State {
    /// Adds a user to a channel, and removes its invitation.
    pub(crate) fn add_member(
        &mut self,
        out: &mut EffectBuffer,
        name: &ChannelName,
        id: UserId,
        statuses: StatusSet,
    ) {
        let now = self.durable.last_message();
        let (Some(user), Some(channel)) =
            (self.users.get_mut(&id), self.durable.channels.get_mut(name))
        else {
            return;
        };
        user.channels.insert(name.clone());
        user.forget_invitation(name);
        channel.presence.invited.remove(&id);
        let (info, channel_id) = (user.info.clone(), channel.id);
        let account = info.account.clone();
        let used = account.as_ref().filter(|account| channel.invited.contains(*account)).cloned();
        let member = Member { user: id, info, statuses, since: now };
        channel.presence.add_member(member, &user.sessions);
        if let Some(account) = used {
            self.record(out, Record::InvitationUsed { channel: name.clone(), account });
        }
        let Some(account) = account else { return };
        let known = self.membership(&account, name).map(|known| known.since);
        match known {
            // The account has been in the channel all the time, although its user was offline.
            Some(since) => self.set_member_since(name, id, since),
            None => self.remember_membership(out, (id, account), (name, channel_id), now),
        }
    }

    /// Removes a user from a channel, and the channel itself if it is empty then and not kept.
    pub(crate) fn remove_member(&mut self, out: &mut EffectBuffer, name: &ChannelName, id: UserId) {
        let account = self.user(id).and_then(|user| user.account()).cloned();
        if let Some(account) = account.filter(|account| self.membership(account, name).is_some()) {
            self.record(out, Record::ChannelLeft { channel: name.clone(), account });
        }
        self.take_offline(out, name, id);
    }

    /// Does the same as [`remove_member`](Self::remove_member) for a user who goes offline. Its
    /// account stays in the channel.
    pub(crate) fn take_offline(&mut self, out: &mut EffectBuffer, name: &ChannelName, id: UserId) {
        let (Some(user), Some(channel)) =
            (self.users.get_mut(&id), self.durable.channels.get_mut(name))
        else {
            return;
        };
        user.channels.remove(name);
        channel.presence.remove_member(user.nickname(), &user.sessions);
        self.forget_if_empty(out, name);
    }

    /// Makes the account of a user, who was a guest before, a member of the user's channels.
    pub(crate) fn remember_memberships(&mut self, out: &mut EffectBuffer, id: UserId) {
        let Some(user) = self.user(id) else { return };
        let Some(account) = user.account().cloned() else { return };
        let (nickname, channels) = (user.nickname().clone(), user.channels.to_vec());
        for name in channels {
            let Some(channel) = self.durable.channels.get(&name) else { continue };
            let Some(member) = channel.presence.members.get(&nickname) else { continue };
            if self.membership(&account, &name).is_none() {
                let (channel, since) = (channel.id, member.since);
                self.remember_membership(out, (id, account.clone()), (&name, channel), since);
            }
        }
    }

    /// Returns the membership of an account in the channel that has this name now.
    pub(crate) fn membership(
        &self,
        account: &AccountName,
        name: &ChannelName,
    ) -> Option<&Membership> {
        let known = self.durable.account(account)?.memberships.get(name)?;
        let channel = self.durable.channels.get(name)?;
        (known.channel == channel.id).then_some(known)
    }

    /// Returns the channels that an account is in, as far as they still exist.
    pub(crate) fn memberships(&self, account: &AccountName) -> Vec<ChannelName> {
        let known = self.durable.account(account);
        let names = known.into_iter().flat_map(|known| known.memberships.keys());
        names.filter(|name| self.membership(account, name).is_some()).cloned().collect()
    }

    /// Returns the id after which the messages of a channel were said while the user was a member.
    pub(crate) fn member_since(&self, channel: &Channel, id: UserId) -> Option<MessageId> {
        let nickname = self.user(id)?.nickname();
        channel.presence.members.get(nickname).map(|member| member.since)
    }

    fn set_member_since(&mut self, name: &ChannelName, id: UserId, since: MessageId) {
        let Some(user) = self.users.get(&id) else { return };
        if let Some(channel) = self.durable.channels.get_mut(name)
            && let Some(member) = channel.presence.members.get_mut(user.nickname())
        {
            member.since = since;
        }
    }

    /// Records that an account is in a channel. If it is in too many, it leaves one that does not
    /// exist any more, or else one that its user has not joined since it came online.
    fn remember_membership(
        &mut self,
        out: &mut EffectBuffer,
        (id, account): (UserId, AccountName),
        (name, channel): (&ChannelName, crate::ChannelId),
        since: MessageId,
    ) {
        let known = self.durable.account(&account).map(|known| &known.memberships);
        let is_full = known.is_some_and(|known| {
            known.len() >= self.config.channels_per_user && !known.contains_key(name)
        });
        let joined = self.users.get(&id).map(|user| &user.channels);
        let is_joined = |name: &ChannelName| joined.is_some_and(|channels| channels.contains(name));
        let is_gone = |name: &&ChannelName| self.membership(&account, name).is_none();
        let dropped = known.filter(|_| is_full).and_then(|known| {
            let absent = || known.keys().filter(|name| !is_joined(name));
            absent().find(is_gone).or_else(|| absent().next()).cloned()
        });
        if let Some(channel) = dropped {
            self.record(out, Record::ChannelLeft { channel, account: account.clone() });
        }
        let (id, name) = (channel, name.clone());
        self.record(out, Record::ChannelJoined { channel: name, id, account, since });
    }
}
