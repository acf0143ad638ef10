//! Applies records to the durable state: one function for the engine, a store and a replica.

use super::account::{Membership, Registration, Token};
use super::channel::{Channel, Standing};
use super::nonces::Acknowledgement;
use super::state::DurableState;
use crate::{
    AccountName, ChannelName, Message, MessageId, Nonce, Record, Status, StatusSet, Target, Text,
    Timestamp,
};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;

impl DurableState {
    /// Applies a record of an engine, at the [time](crate::Effects::at) of its input.
    ///
    /// A record that does not fit the state, such as one about a channel that does not exist,
    /// changes nothing but the time.
    pub fn apply(&mut self, at: Timestamp, record: &Record) {
        self.at = self.at.max(at);
        match record {
            Record::ChannelCreated { channel, id, by, owner, statuses, modes, kept } => {
                self.last_channel = self.last_channel.max(id.0);
                if !self.channels.contains_key(channel) {
                    let created = Box::new(Channel::new(*id, at, modes.clone(), *kept));
                    self.channels.insert(channel.clone(), created);
                }
                let creator = by.user().and_then(|user| user.account.as_ref());
                if let Some(account) = owner.as_ref().or(creator) {
                    self.set_statuses(channel, account, *statuses, at);
                }
            }
            Record::ChannelForgotten { channel, id: _ } => self.forget_channel(channel),
            Record::Said { message, recipient, nonce, away } => {
                self.said(message, recipient.as_ref(), nonce.as_ref(), away.as_ref());
            }
            Record::MessageChanged { message, accounts } => self.change_message(message, accounts),
            Record::TopicChanged { channel, topic } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.topic.clone_from(topic);
                }
            }
            Record::ChannelDataChanged { channel, data } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.data.clone_from(data);
                }
            }
            Record::ModesChanged { channel, modes } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.modes.clone_from(modes);
                }
            }
            Record::RoleChanged { channel, nickname: _, account, statuses } => {
                if let Some(account) = account {
                    self.set_statuses(channel, account, *statuses, at);
                }
            }
            Record::Listed { channel, list, entry } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.list_mut(*list).insert(entry.clone());
                }
            }
            Record::Unlisted { channel, list, nickname, user } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.list_mut(*list).remove(nickname, *user);
                }
            }
            Record::MaskUnlisted { channel, list, mask } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.list_mut(*list).remove_mask(mask);
                }
            }
            Record::Invited { channel, account } => {
                if let Some(invited) = self.channels.get_mut(channel) {
                    invited.invited.insert(account.clone());
                    self.account_mut(account).invitations.insert(channel.clone());
                }
            }
            Record::InvitationUsed { channel, account } => {
                if let Some(joined) = self.channels.get_mut(channel) {
                    joined.invited.remove(account);
                }
                if let Some(account) = self.accounts.get_mut(account) {
                    account.invitations.remove(channel);
                }
            }
            Record::ChannelJoined { channel, id, account, since } => {
                let read = MessageId(0);
                let membership = Membership { channel: *id, since: *since, read };
                self.account_mut(account).memberships.insert(channel.clone(), membership);
            }
            Record::ChannelLeft { channel, account } => {
                if let Some(account) = self.accounts.get_mut(account) {
                    account.memberships.remove(channel);
                }
            }
            Record::ReadMarked { account, target, id } => self.mark_read(account, target, *id),
            Record::AccountSeen { account } => self.account_mut(account).last_seen = at,
            Record::AccountDataChanged { account, data } => {
                self.account_mut(account).data.clone_from(data);
            }
            Record::AccountRegistered { account, credentials } => {
                let registration = Registration {
                    since: at,
                    credentials: credentials.clone(),
                    tokens: BTreeMap::new(),
                };
                self.account_mut(account).registration = Some(Box::new(registration));
            }
            Record::CredentialsChanged { account, credentials } => {
                if let Some(registration) = self.registration_mut(account) {
                    registration.credentials = credentials.clone();
                }
            }
            Record::TokenIssued { account, digest, device } => {
                if let Some(registration) = self.registration_mut(account) {
                    let device = device.clone();
                    let token = Token { digest: *digest, since: at, used: at, device };
                    registration.tokens.insert(digest.id(), token);
                }
            }
            Record::TokenUsed { account, token } => {
                let registration = self.registration_mut(account);
                if let Some(token) = registration.and_then(|known| known.tokens.get_mut(token)) {
                    token.used = at;
                }
            }
            Record::TokenRevoked { account, token } => {
                if let Some(registration) = self.registration_mut(account) {
                    registration.tokens.remove(token);
                }
            }
            Record::AccountRemoved { account } => self.remove_account(account, at),
            Record::ServerBanned(ban) => self.server_bans.insert(ban.clone(), at),
            Record::ServerUnbanned { target } => self.server_bans.remove(target),
            Record::Reported(report) => self.reports.open(report.clone()),
            Record::ReportClosed { report } => self.reports.close(*report),
            Record::Audited { entry, oldest } => self.audit_log.push(entry.clone(), *oldest),
            Record::UserIdsReserved { up_to } => self.user_ids = self.user_ids.max(*up_to),
            Record::GuestNumbersReserved { up_to } => {
                self.guest_numbers = self.guest_numbers.max(*up_to);
            }
        }
    }

    /// Applies [`Record::Said`]. Returns the channel of the message, so that the engine need not
    /// search it again for the recipients.
    #[inline(always)]
    pub(crate) fn said(
        &mut self,
        message: &Arc<Message>,
        recipient: Option<&AccountName>,
        nonce: Option<&Nonce>,
        away: Option<&Text>,
    ) -> Option<&Channel> {
        self.at = self.at.max(message.at);
        self.last_message = self.last_message.max(message.id.0);
        let sender = || message.sender.user().and_then(|user| user.account.as_ref());
        if let Some(nonce) = nonce
            && let Some(account) = sender()
        {
            let known = Acknowledgement { message: message.clone(), away: away.cloned() };
            let limits = self.limits.nonces;
            self.nonces.prune(message.at, limits);
            self.nonces.insert(account.clone(), nonce.clone(), known, limits);
        }
        match &message.target {
            Target::Channel(name) => {
                let channel = self.channels.get_mut(name)?;
                channel.history.push(message.clone(), self.limits.history_per_channel);
                Some(channel)
            }
            // Not kept.
            Target::Members { .. } => None,
            Target::User(_) => {
                let sender = sender();
                let own = recipient.filter(|recipient| Some(*recipient) != sender);
                for account in sender.into_iter().chain(own) {
                    self.add_to_mailbox(account, message.clone());
                }
                None
            }
        }
    }

    /// Applies [`Record::MessageChanged`]. Nothing keeps the message as it was before.
    fn change_message(&mut self, message: &Arc<Message>, accounts: &[AccountName]) {
        if let Some(name) = message.target.channel() {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.history.replace(message);
                channel.pins.note(message);
            }
        } else {
            for account in self.holders(message.id) {
                self.account_mut(&account).mailbox.replace(message);
            }
        }
        if let Some(account) = message.sender.user().and_then(|user| user.account.as_ref()) {
            self.nonces.replace(account, message);
        }
        self.changes.push(MessageId(self.last_message), message.clone(), accounts.to_vec());
    }

    /// Sets the statuses of an account in a channel.
    fn set_statuses(
        &mut self,
        name: &ChannelName,
        account: &AccountName,
        statuses: StatusSet,
        at: Timestamp,
    ) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        if statuses == StatusSet::default() {
            channel.standings.remove(account);
        } else {
            let new = Standing { statuses, since: at };
            channel.standings.entry(account.clone()).or_insert(new).statuses = statuses;
        }
        let known = self.account_mut(account);
        set(&mut known.channels, name, statuses != StatusSet::default());
        set(&mut known.owned, name, statuses.contains(Status::Owner));
    }

    fn forget_channel(&mut self, name: &ChannelName) {
        let Some(channel) = self.channels.remove(name) else { return };
        self.changes.forget_channel(name);
        for account in channel.standings.keys().chain(&channel.invited) {
            if let Some(known) = self.accounts.get_mut(account) {
                known.channels.remove(name);
                known.owned.remove(name);
                known.invitations.remove(name);
            }
        }
    }

    /// Removes everything that belongs to an account alone. In a channel that it was the only owner
    /// of, the account that has been an operator for the longest time becomes owner.
    fn remove_account(&mut self, account: &AccountName, at: Timestamp) {
        self.forget_held(account);
        self.changes.forget_account(account);
        let Some(removed) = self.accounts.remove(account) else { return };
        self.nonces.forget(account);
        for name in &removed.invitations {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.invited.remove(account);
            }
        }
        for name in &removed.channels {
            let Some(channel) = self.channels.get_mut(name) else { continue };
            channel.standings.remove(account);
            if removed.owned.contains(name)
                && !channel.has_owner()
                && let Some((successor, mut statuses)) = channel.successor()
            {
                statuses.insert(Status::Owner);
                self.set_statuses(name, &successor, statuses, at);
            }
        }
    }

    /// Moves a read position forward.
    fn mark_read(&mut self, account: &AccountName, target: &Target, id: MessageId) {
        match target {
            Target::Channel(name) => {
                let account = self.accounts.get_mut(account);
                let membership = account.and_then(|account| account.memberships.get_mut(name));
                if let Some(membership) = membership {
                    membership.read = membership.read.max(id);
                }
            }
            Target::Members { .. } => {}
            Target::User(nickname) => {
                let read = &mut self.account_mut(account).read;
                let known = read.entry(nickname.clone()).or_insert(id);
                *known = (*known).max(id);
                while read.len() > Self::READ_CONVERSATIONS {
                    let oldest = read.iter().min_by_key(|&(nickname, id)| (id, nickname));
                    let Some(oldest) = oldest.map(|(nickname, _)| nickname.clone()) else { break };
                    read.remove(&oldest);
                }
            }
        }
    }

    fn registration_mut(&mut self, account: &AccountName) -> Option<&mut Registration> {
        self.accounts.get_mut(account)?.registration.as_deref_mut()
    }
}

impl Channel {
    /// Returns the account that becomes owner next, with its statuses.
    fn successor(&self) -> Option<(AccountName, StatusSet)> {
        let operators = self.standings.iter().filter(|(_, standing)| standing.is_operator());
        // The first of equals by name.
        let longest = operators.min_by_key(|(_, standing)| standing.since);
        longest.map(|(account, standing)| (account.clone(), standing.statuses))
    }
}

fn set(names: &mut BTreeSet<ChannelName>, name: &ChannelName, present: bool) {
    if present {
        names.insert(name.clone());
    } else {
        names.remove(name);
    }
}
