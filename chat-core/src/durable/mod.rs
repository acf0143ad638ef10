//! The state that outlasts a restart, and the records that change it.
//!
//! [`DurableState`] changes only through [`DurableState::apply`], and the engine emits every record
//! that it applies. So a store that keeps the records, or applies them to its own copy, has the
//! same state as the engine after every input.

mod account;
mod apply;
mod channel;
mod history;
mod list;
mod nonces;
mod presence;

pub(crate) use account::Account;
pub(crate) use channel::Channel;
pub(crate) use nonces::{Acknowledgement, NonceLimits, Nonces};
pub(crate) use presence::Member;

use crate::{AccountName, ChannelId, ChannelName, Config, MessageId, Modes, Record, Timestamp};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// Everything that an engine has to keep for a [restart](crate::Engine::restore): channels with
/// their history, what it knows of accounts, and the counters of ids.
///
/// Sessions, users who are online, rate limits and deadlines are not part of it. Two states are
/// equal if the same records have been applied to them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DurableState {
    /// The time of the last record.
    at: Timestamp,
    limits: Limits,
    pub(crate) channels: BTreeMap<ChannelName, Box<Channel>>,
    accounts: BTreeMap<AccountName, Box<Account>>,
    nonces: Nonces<AccountName>,
    last_channel: u64,
    last_message: u64,
    /// No id of a user is above this one.
    user_ids: u64,
    /// No number of a guest name is above this one.
    guest_numbers: u64,
}

/// The number of ids of users that are reserved at once, first by a new state: a login costs no
/// record, and few ids are lost with a restart.
pub(crate) const USER_IDS: u64 = 1_000;
/// The number of guest names that are reserved at once, first by a new state.
pub(crate) const GUEST_NUMBERS: u64 = 100;

/// The limits of collections from which applying a record drops the oldest entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Limits {
    history_per_channel: usize,
    mailbox_per_account: usize,
    nonces: NonceLimits,
}

impl DurableState {
    /// Makes the state of a new engine. It has one channel, the lobby.
    pub fn new(config: &Config, now: Timestamp) -> Self {
        let lobby = Channel::new(ChannelId(1), now, Modes::default());
        Self {
            at: now,
            limits: Limits::of(config),
            channels: BTreeMap::from([(ChannelName::lobby(), Box::new(lobby))]),
            accounts: BTreeMap::new(),
            nonces: Nonces::default(),
            last_channel: 1,
            last_message: 0,
            user_ids: USER_IDS,
            guest_numbers: GUEST_NUMBERS,
        }
    }

    /// Applies a record of an engine, at the [time](crate::Effects::at) of its input.
    ///
    /// A record that does not fit the state, such as one about a channel that does not exist,
    /// changes nothing but the time.
    pub fn apply(&mut self, at: Timestamp, record: &Record) {
        self.at = self.at.max(at);
        apply::apply(self, at, record);
    }

    /// The time of the last record, or of the creation.
    pub fn at(&self) -> Timestamp {
        self.at
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

    pub(crate) fn nonces(&self) -> &Nonces<AccountName> {
        &self.nonces
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
            channel.presence = presence::Presence::default();
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
