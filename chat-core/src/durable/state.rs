//! The durable state and its limits.

use super::account::{Account, Registration};
use super::audit_log::AuditLog;
use super::changes::Changes;
use super::channel::Channel;
use super::nonces::{NonceLimits, Nonces};
use super::presence::Presence;
use super::reports::Reports;
use super::server_bans::ServerBans;
use crate::{AccountName, ChannelId, ChannelName, Config, MessageId, Modes, Timestamp};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

/// Everything that an engine has to keep for a [restart](crate::Engine::restore): channels with
/// their history, what it knows of accounts, and the counters of ids.
///
/// Sessions, users who are online, rate limits and deadlines are not part of it. Two states are
/// equal if the same records have been applied to them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DurableState {
    /// The time of the last record.
    pub(super) at: Timestamp,
    /// The time since which no id was lost.
    pub(super) epoch: Timestamp,
    pub(super) limits: Limits,
    pub(crate) channels: BTreeMap<ChannelName, Box<Channel>>,
    pub(super) accounts: BTreeMap<AccountName, Box<Account>>,
    /// The private messages in memory, with the accounts in whose mailboxes they are.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) holders: BTreeSet<(MessageId, AccountName)>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) changes: Changes,
    pub(super) nonces: Nonces<AccountName>,
    pub(super) server_bans: ServerBans,
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) audit_log: AuditLog,
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) reports: Reports,
    pub(super) last_channel: u64,
    pub(super) last_message: u64,
    /// No id of a user is above this one.
    pub(super) user_ids: u64,
    /// No number of a guest name is above this one.
    pub(super) guest_numbers: u64,
}

/// The number of ids of users that are reserved at once, first by a new state: a login costs no
/// record, and few ids are lost with a restart.
pub(crate) const USER_IDS: u64 = 1_000;
/// The number of guest names that are reserved at once, first by a new state.
pub(crate) const GUEST_NUMBERS: u64 = 100;

/// The limits of collections from which applying a record drops the oldest entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Limits {
    pub(super) history_per_channel: usize,
    pub(super) mailbox_per_account: usize,
    pub(super) nonces: NonceLimits,
}

impl DurableState {
    /// Most private conversations of an account whose read position is kept: those with the newest
    /// positions.
    pub const READ_CONVERSATIONS: usize = 100;

    /// Most changes of messages that are kept for clients that come back: the newest ones.
    pub const CHANGES: usize = Changes::MOST;

    /// Makes the state of a new engine. It has one channel, the lobby.
    pub fn new(config: &Config, now: Timestamp) -> Self {
        let lobby = Channel::new(ChannelId(1), now, Modes::default(), false);
        Self {
            at: now,
            epoch: now,
            limits: Limits::of(config),
            channels: BTreeMap::from([(ChannelName::lobby(), Box::new(lobby))]),
            accounts: BTreeMap::new(),
            holders: BTreeSet::new(),
            changes: Changes::default(),
            nonces: Nonces::default(),
            server_bans: ServerBans::default(),
            audit_log: AuditLog::default(),
            reports: Reports::default(),
            last_channel: 1,
            last_message: 0,
            user_ids: USER_IDS,
            guest_numbers: GUEST_NUMBERS,
        }
    }

    /// The time of the last record, or of the creation.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The time since which no id was lost: the creation, or a return to an older state, such as
    /// that of a backup. Ids of different epochs cannot be compared.
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// The id of the newest message.
    pub fn last_message(&self) -> MessageId {
        MessageId(self.last_message)
    }

    /// The number of channels, including the lobby.
    pub fn channel_count(&self) -> usize {
        self.channels.len()
    }

    /// The number of accounts that have logged in.
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    pub(crate) fn account(&self, account: &AccountName) -> Option<&Account> {
        self.accounts.get(account).map(Box::as_ref)
    }

    pub(super) fn account_mut(&mut self, account: &AccountName) -> &mut Account {
        if !self.accounts.contains_key(account) {
            self.accounts.insert(account.clone(), Box::default());
        }
        self.accounts.get_mut(account).expect("it was inserted")
    }

    /// Returns what is kept of an account that has a password.
    pub(crate) fn registration(&self, account: &AccountName) -> Option<&Registration> {
        self.accounts.get(account)?.registration.as_deref()
    }

    /// Returns the accounts that have a password.
    pub(crate) fn registrations(&self) -> impl Iterator<Item = (&AccountName, &Registration)> {
        self.accounts.iter().filter_map(|(account, known)| {
            known.registration.as_deref().map(|registration| (account, registration))
        })
    }

    /// Returns the sizes of the histories in memory, of a channel and of a mailbox.
    pub(crate) fn memory(&self) -> (usize, usize) {
        (self.limits.history_per_channel, self.limits.mailbox_per_account)
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    pub(crate) fn nonces(&self) -> &Nonces<AccountName> {
        &self.nonces
    }

    pub(crate) fn server_bans(&self) -> &ServerBans {
        &self.server_bans
    }

    pub(crate) fn audit_log(&self) -> &AuditLog {
        &self.audit_log
    }

    pub(crate) fn reports(&self) -> &Reports {
        &self.reports
    }

    pub(crate) fn last_channel(&self) -> u64 {
        self.last_channel
    }

    pub(crate) fn user_ids(&self) -> u64 {
        self.user_ids
    }

    pub(crate) fn guest_numbers(&self) -> u64 {
        self.guest_numbers
    }

    /// Prepares the state for an engine with another configuration, and without any user online.
    pub(crate) fn begin(&mut self, config: &Config) {
        self.limits = Limits::of(config);
        for channel in self.channels.values_mut() {
            channel.presence = Presence::default();
        }
    }
}

impl Limits {
    fn of(config: &Config) -> Self {
        Self {
            history_per_channel: config.history_per_channel,
            mailbox_per_account: config.mailbox_per_account,
            nonces: NonceLimits::of(config),
        }
    }
}
