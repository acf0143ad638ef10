//! The messages that each account has to receive.

use chat_runtime::chat_core::{AccountName, ChannelName, Effect, Event, SessionId, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Notes what the engine answers. It knows no record, and nothing of what the engine keeps.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    channels: BTreeMap<AccountName, BTreeSet<ChannelName>>,
    /// The messages that each account has to receive, and the channels of those in channels.
    due: BTreeMap<AccountName, BTreeMap<u64, Option<ChannelName>>>,
    /// Messages of channels that the account has left since: it may have received them before.
    left: BTreeMap<AccountName, BTreeSet<u64>>,
    last: u64,
}

impl Ledger {
    /// Notes an effect that was committed. `account_of` returns the account of a session.
    pub(super) fn note(
        &mut self,
        effect: Effect<'_>,
        account_of: impl Fn(SessionId) -> AccountName,
        problems: &mut Vec<String>,
    ) {
        let (session, event) = match effect {
            Effect::Reply { session, event, .. } => (Some(session), event),
            Effect::Deliver { event, .. } => (None, event),
            Effect::HostReply { .. }
            | Effect::Ask { .. }
            | Effect::Close { .. }
            | Effect::Record(_)
            | _ => return,
        };
        if let (Event::Welcomed { lobby: Some(roster), .. }, Some(session)) = (event, session) {
            self.join(account_of(session), &roster.channel);
        }
        if let (Event::Entered(roster), Some(session)) = (event, session) {
            self.join(account_of(session), &roster.channel);
        }
        if let Event::Left { channel, user, .. } | Event::Kicked { channel, user, .. } = event
            && let Some(account) = &user.account
        {
            self.leave(account, channel);
        }
        if let Event::Sent { message, repeated: false, .. } = event {
            if message.id.0 != self.last + 1 {
                problems.push(format!("message {} follows {}", message.id.0, self.last));
            }
            self.last = message.id.0;
            let sender = message.sender.user().and_then(|user| user.account.clone());
            let sender = sender.expect("all users have accounts");
            match &message.target {
                Target::Channel(channel) => {
                    let members = self.channels.iter();
                    let members: Vec<_> = members
                        .filter(|(_, channels)| channels.contains(channel))
                        .map(|(account, _)| account.clone())
                        .collect();
                    for account in members {
                        self.due(account, message.id.0, Some(channel));
                    }
                }
                // Users have the names of their accounts.
                Target::User(nickname) => {
                    self.due(sender, message.id.0, None);
                    self.due(nickname.shown().into(), message.id.0, None);
                }
                Target::Members { .. } | _ => {
                    problems.push("a message has an unknown target".into());
                }
            }
        }
    }

    /// Returns the messages that an account has to receive.
    pub(super) fn due_of(&self, account: &AccountName) -> BTreeSet<u64> {
        self.due.get(account).into_iter().flat_map(|due| due.keys().copied()).collect()
    }

    /// Returns the messages that an account may have received.
    pub(super) fn left_by(&self, account: &AccountName) -> BTreeSet<u64> {
        self.left.get(account).cloned().unwrap_or_default()
    }

    fn join(&mut self, account: AccountName, channel: &ChannelName) {
        self.channels.entry(account).or_default().insert(channel.clone());
    }

    fn leave(&mut self, account: &AccountName, channel: &ChannelName) {
        self.channels.entry(account.clone()).or_default().remove(channel);
        let due = self.due.entry(account.clone()).or_default();
        let is_of_channel = |place: &Option<ChannelName>| place.as_ref() == Some(channel);
        let left = self.left.entry(account.clone()).or_default();
        left.extend(due.iter().filter(|(_, place)| is_of_channel(place)).map(|(id, _)| *id));
        due.retain(|_, place| !is_of_channel(place));
    }

    fn due(&mut self, account: AccountName, id: u64, channel: Option<&ChannelName>) {
        self.due.entry(account).or_default().insert(id, channel.cloned());
    }
}
