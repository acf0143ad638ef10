//! The part of the [ledger](crate::ledger) that is about one channel.

use chat_core::{
    AccountName, AppData, ChannelName, List, ListEntry, ListSubject, MaskChange, Message,
    MessageId, Nickname, Status, StatusSet, Text, Timestamp, Topic, UserId, UserMask,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Default)]
pub(crate) struct Channel {
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    pub(crate) topic: Option<Topic>,
    pub(crate) modes: Value,
    pub(crate) statuses: BTreeMap<AccountName, StatusSet>,
    /// The times since which accounts have statuses.
    pub(crate) since: BTreeMap<AccountName, Timestamp>,
    pub(crate) data: AppData,
    /// True if the host has created it.
    pub(crate) is_kept: bool,
    pub(crate) invited: BTreeSet<AccountName>,
    pub(crate) history: VecDeque<MessageId>,
    pub(crate) lists: BTreeMap<&'static str, Vec<Entry>>,
    pub(crate) masks: BTreeMap<&'static str, Vec<(UserMask, Option<Text>)>>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) nickname: Nickname,
    pub(crate) account: Option<AccountName>,
    pub(crate) user: Option<UserId>,
    pub(crate) reason: Option<Text>,
}

impl Channel {
    pub(crate) fn set_statuses(
        &mut self,
        account: &AccountName,
        statuses: StatusSet,
        now: Timestamp,
    ) {
        if statuses == StatusSet::default() {
            self.statuses.remove(account);
            self.since.remove(account);
        } else {
            self.since.entry(account.clone()).or_insert(now);
            self.statuses.insert(account.clone(), statuses);
        }
    }

    /// Notes that a mask was added to a list, or removed from it.
    pub(crate) fn note_mask(&mut self, change: &MaskChange) {
        let masks = self.masks.entry(change.list.name()).or_default();
        let known = masks.iter().position(|(mask, _)| *mask == change.mask);
        assert_eq!(known.is_some(), change.listed != change.changed, "{change:?}");
        match known {
            Some(known) if !change.listed => drop(masks.remove(known)),
            None if change.listed => masks.push((change.mask.clone(), change.reason.clone())),
            Some(_) | None => {}
        }
    }

    /// Removes an account. If it was the only owner, the one that has been an operator for the
    /// longest time becomes owner.
    pub(crate) fn remove_account(&mut self, account: &AccountName) {
        self.invited.remove(account);
        self.since.remove(account);
        let owned = self.statuses.remove(account).is_some_and(|had| had.contains(Status::Owner));
        if !owned || self.statuses.values().any(|known| known.contains(Status::Owner)) {
            return;
        }
        let operators = self.statuses.iter_mut();
        let operators = operators.filter(|(_, known)| known.contains(Status::Operator));
        if let Some((_, statuses)) = operators.min_by_key(|(account, _)| self.since[*account]) {
            statuses.insert(Status::Owner);
        }
    }

    pub(crate) fn compare(&self, name: &ChannelName, found: &Value) {
        assert_eq!(found["id"], self.id, "{name}");
        assert_eq!(parse::<Timestamp>(&found["created"]), self.created, "{name}");
        assert_eq!(parse::<Option<Topic>>(&found["topic"]), self.topic, "{name}");
        assert_eq!(found["modes"], self.modes, "{name}");
        assert_eq!(parse::<AppData>(&found["data"]), self.data, "{name}");
        assert_eq!(parse::<BTreeSet<AccountName>>(&found["invited"]), self.invited, "{name}");
        assert_eq!(ids(&found["history"]), self.history, "{name}");
        let standings: BTreeMap<AccountName, Value> = parse(&found["standings"]);
        let standings: BTreeMap<_, StatusSet> = standings
            .into_iter()
            .map(|(account, standing)| (account, parse(&standing["statuses"])))
            .collect();
        assert_eq!(standings, self.statuses, "{name}");
        for list in List::ALL.map(List::name) {
            // An empty list of invite exceptions is left out.
            let entries = found.get(list).map_or_else(Vec::new, parse::<Vec<ListEntry>>);
            let (mut users, mut masks) = (Vec::new(), Vec::new());
            for ListEntry { subject, reason, .. } in entries {
                match subject {
                    ListSubject::User { nickname, account, user } => {
                        users.push(Entry { nickname, account, user, reason });
                    }
                    ListSubject::Mask { mask } => masks.push((mask, reason)),
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            let expected = self.lists.get(list).map(Vec::as_slice).unwrap_or_default();
            assert_eq!(users, expected, "{list} of {name}");
            let expected = self.masks.get(list).map(Vec::as_slice).unwrap_or_default();
            assert_eq!(masks, expected, "masks in the {list} of {name}");
        }
    }
}

/// Adds an id to a history, and removes the oldest ones above the limit.
pub(crate) fn push(history: &mut VecDeque<MessageId>, id: MessageId, limit: usize) {
    history.push_back(id);
    while history.len() > limit {
        history.pop_front();
    }
}

/// Returns the ids of serialised messages.
pub(crate) fn ids(messages: &Value) -> VecDeque<MessageId> {
    parse::<Vec<Message>>(messages).into_iter().map(|message| message.id).collect()
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}
