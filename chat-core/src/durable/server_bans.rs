//! Bans from the whole server.

use crate::{AccountName, AddressRange, BanTarget, Nickname, ServerBan, Timestamp};
use alloc::collections::BTreeMap;
use core::net::Ipv6Addr;

/// The bans of accounts, nicknames and addresses from the whole server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ServerBans {
    accounts: BTreeMap<AccountName, ServerBan>,
    nicknames: BTreeMap<Nickname, ServerBan>,
    addresses: BTreeMap<AddressRange, ServerBan>,
}

impl ServerBans {
    /// Returns the ban of this target, if it is in force.
    pub(crate) fn find(&self, target: &BanTarget, now: Timestamp) -> Option<&ServerBan> {
        match target {
            BanTarget::Account(account) => self.of_account(account, now),
            BanTarget::Nickname(nickname) => self.of_nickname(nickname, now),
            BanTarget::Addresses(range) => {
                self.addresses.get(range).filter(|ban| ban.is_active(now))
            }
        }
    }

    /// Returns the ban of an account, if it is in force.
    pub(crate) fn of_account(&self, account: &AccountName, now: Timestamp) -> Option<&ServerBan> {
        self.accounts.get(account).filter(|ban| ban.is_active(now))
    }

    /// Returns the ban of a nickname, if it is in force.
    pub(crate) fn of_nickname(&self, nickname: &Nickname, now: Timestamp) -> Option<&ServerBan> {
        self.nicknames.get(nickname).filter(|ban| ban.is_active(now))
    }

    /// Returns a ban of a range with this address, if one is in force. There are few bans, so that
    /// a search among all of them is fast enough.
    pub(crate) fn of_address(&self, address: Ipv6Addr, now: Timestamp) -> Option<&ServerBan> {
        let covers = |range: &AddressRange| range.covers(address);
        let bans = self.addresses.iter().filter(|(range, _)| covers(range));
        bans.map(|(_, ban)| ban).find(|ban| ban.is_active(now))
    }

    /// Returns the bans that are in force: accounts, nicknames, then addresses, each sorted.
    pub(crate) fn active(&self, now: Timestamp) -> impl Iterator<Item = &ServerBan> {
        let bans = self.accounts.values().chain(self.nicknames.values());
        let bans = bans.chain(self.addresses.values());
        bans.filter(move |ban| ban.is_active(now))
    }

    /// Adds a ban, which replaces that of the same target. Expired bans are removed.
    pub(super) fn insert(&mut self, ban: ServerBan, now: Timestamp) {
        self.accounts.retain(|_, ban| ban.is_active(now));
        self.nicknames.retain(|_, ban| ban.is_active(now));
        self.addresses.retain(|_, ban| ban.is_active(now));
        match &ban.target {
            BanTarget::Account(account) => {
                self.accounts.insert(account.clone(), ban);
            }
            BanTarget::Nickname(nickname) => {
                self.nicknames.remove(nickname);
                self.nicknames.insert(nickname.clone(), ban);
            }
            BanTarget::Addresses(range) => {
                self.addresses.insert(*range, ban);
            }
        }
    }

    pub(super) fn remove(&mut self, target: &BanTarget) {
        match target {
            BanTarget::Account(account) => self.accounts.remove(account),
            BanTarget::Nickname(nickname) => self.nicknames.remove(nickname),
            BanTarget::Addresses(range) => self.addresses.remove(range),
        };
    }
}
