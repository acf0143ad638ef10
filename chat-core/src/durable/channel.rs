//! A channel.

use super::history::History;
use super::list::AccessList;
use super::pins::Pins;
use super::presence::Presence;
use crate::{
    AccountName, AppData, ChannelId, List, Modes, Role, Status, StatusSet, Timestamp, Topic,
    UserId, UserInfo,
};
use alloc::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    pub(crate) created: Timestamp,
    pub(crate) topic: Option<Topic>,
    pub(crate) modes: Modes,
    /// True if the host has created the channel: it stays without members until the host closes it.
    pub(crate) kept: bool,
    pub(crate) data: AppData,
    /// The statuses of accounts, online or not; never empty sets.
    pub(crate) standings: BTreeMap<AccountName, Standing>,
    /// The accounts that are invited.
    pub(crate) invited: BTreeSet<AccountName>,
    pub(crate) history: History,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Pins::is_empty"))]
    pub(crate) pins: Pins,
    bans: AccessList,
    mutes: AccessList,
    exceptions: AccessList,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "AccessList::is_empty"))]
    mute_exceptions: AccessList,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "AccessList::is_empty"))]
    invite_exceptions: AccessList,
    /// The only part that is not durable. It is here so that a message needs one search.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) presence: Presence,
}

/// The statuses of an account in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Standing {
    pub(crate) statuses: StatusSet,
    /// The time since which the account has had statuses without a break.
    pub(crate) since: Timestamp,
}

impl Channel {
    pub(super) fn new(id: ChannelId, created: Timestamp, modes: Modes, kept: bool) -> Self {
        Self {
            id,
            created,
            topic: None,
            modes,
            kept,
            data: AppData::default(),
            standings: BTreeMap::new(),
            invited: BTreeSet::new(),
            history: History::default(),
            pins: Pins::default(),
            bans: AccessList::default(),
            mutes: AccessList::default(),
            exceptions: AccessList::default(),
            mute_exceptions: AccessList::default(),
            invite_exceptions: AccessList::default(),
            presence: Presence::default(),
        }
    }

    pub(crate) fn list(&self, list: List) -> &AccessList {
        match list {
            List::Bans => &self.bans,
            List::Mutes => &self.mutes,
            List::Exceptions => &self.exceptions,
            List::MuteExceptions => &self.mute_exceptions,
            List::InviteExceptions => &self.invite_exceptions,
        }
    }

    pub(super) fn list_mut(&mut self, list: List) -> &mut AccessList {
        match list {
            List::Bans => &mut self.bans,
            List::Mutes => &mut self.mutes,
            List::Exceptions => &mut self.exceptions,
            List::MuteExceptions => &mut self.mute_exceptions,
            List::InviteExceptions => &mut self.invite_exceptions,
        }
    }

    /// Returns true if a list of bans or mutes applies to a user, considering exceptions. A mask
    /// does not apply to the accounts of operators and owners, whom nobody could ban by mistake.
    pub(crate) fn restricts(&self, list: List, id: UserId, info: &UserInfo) -> bool {
        let entries = self.list(list);
        if entries.is_empty() {
            return false;
        }
        let is_governing = || self.standing(info.account.as_ref()).role() >= Role::Operator;
        let is_exempt = || {
            self.exceptions.covers(id, info)
                || (list == List::Mutes && self.mute_exceptions.covers(id, info))
        };
        (entries.covers_as_user(id, info) || (entries.covers_by_mask(info) && !is_governing()))
            && !is_exempt()
    }

    /// Returns the statuses of an account; a user without an account has none.
    pub(crate) fn standing(&self, account: Option<&AccountName>) -> StatusSet {
        let standing = account.and_then(|account| self.standings.get(account));
        standing.map(|standing| standing.statuses).unwrap_or_default()
    }

    /// Returns true if an account owns the channel.
    pub(crate) fn has_owner(&self) -> bool {
        self.standings.values().any(|standing| standing.is_owner())
    }
}

impl Standing {
    pub(crate) fn is_owner(&self) -> bool {
        self.statuses.contains(Status::Owner)
    }

    pub(super) fn is_operator(&self) -> bool {
        self.statuses.contains(Status::Operator)
    }
}

/// Compares everything but the members who are online.
impl PartialEq for Channel {
    fn eq(&self, other: &Self) -> bool {
        // Without `..`, so that a new field has to be considered.
        let Self {
            id,
            created,
            topic,
            modes,
            kept,
            data,
            standings,
            invited,
            history,
            pins,
            bans,
            mutes,
            exceptions,
            mute_exceptions,
            invite_exceptions,
            presence: _,
        } = self;
        (id, created, topic, modes) == (&other.id, &other.created, &other.topic, &other.modes)
            && (kept, data) == (&other.kept, &other.data)
            && (standings, invited, history) == (&other.standings, &other.invited, &other.history)
            && *pins == other.pins
            && (bans, mutes, exceptions) == (&other.bans, &other.mutes, &other.exceptions)
            && (mute_exceptions, invite_exceptions)
                == (&other.mute_exceptions, &other.invite_exceptions)
    }
}

impl Eq for Channel {}
