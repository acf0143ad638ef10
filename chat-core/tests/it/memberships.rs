//! The part of the [ledger](crate::ledger) that knows the channels of accounts, and which messages
//! they have to receive: those that were said while they were in a channel, online or not.

use chat_core::{
    AccountName, ChannelName, Engine, Event, Message, MessageId, Nickname, Query, SessionId,
    Target, UserId, View,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Memberships {
    accounts: BTreeMap<AccountName, BTreeMap<ChannelName, Membership>>,
    /// The channels of each user after the last input.
    present: BTreeMap<UserId, BTreeMap<ChannelName, Presence>>,
    /// The private messages that accounts have marked as read.
    read: BTreeMap<AccountName, BTreeMap<Nickname, u64>>,
}

/// The channel of a user: its id, the newest message when the user came, and those after it.
#[derive(Clone)]
struct Presence {
    channel: u64,
    since: u64,
    said: BTreeSet<u64>,
}

struct Membership {
    presence: Presence,
    read: u64,
    /// False if the account may have left without a reply that tells it.
    is_sure: bool,
}

impl Memberships {
    /// Notes that the engine was restored.
    pub(crate) fn restart(&mut self) {
        self.present.clear();
    }

    /// Notes the replies of an input, and the channels in which users are after it.
    pub(crate) fn note(
        &mut self,
        view: View<'_>,
        last_message: u64,
        replies: &[(Option<SessionId>, Event)],
    ) {
        for (session, event) in replies {
            self.note_reply(view, *session, event);
        }
        self.note_presence(view, last_message);
        // A mark counts for a channel that the user is in already.
        for (session, event) in replies {
            if let Event::ReadMarked { target, id } = event {
                let user = session.and_then(|session| view.user_of(session));
                let account = user.and_then(|user| user.account()).cloned();
                account.into_iter().for_each(|account| self.mark(&account, target, id.0));
            }
        }
    }

    fn note_reply(&mut self, view: View<'_>, session: Option<SessionId>, event: &Event) {
        if let Event::Sent { message, repeated: false, .. } = event {
            self.note_message(view, message);
        }
        // A full or a banning channel is not entered again.
        if let Event::Welcomed { resumed: Some(_), .. } = event {
            let user = session.and_then(|session| view.user_of(session));
            self.doubt(user.and_then(|user| user.account()), None);
        }
        if let Event::Banned { channel, .. } = event {
            let accounts: Vec<_> = self.accounts.keys().cloned().collect();
            accounts.iter().for_each(|account| self.doubt(Some(account), Some(channel)));
        }
        if let Event::AccountRemoved { account } = event {
            self.accounts.remove(account);
            self.read.remove(account);
        }
    }

    fn note_message(&mut self, view: View<'_>, message: &Message) {
        let Target::Channel(name) = &message.target else { return };
        let Some(id) = view.channel(name).map(|channel| channel.id().0) else { return };
        let present = self.present.values_mut().filter_map(|channels| channels.get_mut(name));
        let accounts = self.accounts.values_mut().filter_map(|known| known.get_mut(name));
        for presence in present.chain(accounts.map(|membership| &mut membership.presence)) {
            if presence.channel == id {
                presence.said.insert(message.id.0);
            }
        }
    }

    fn doubt(&mut self, account: Option<&AccountName>, channel: Option<&ChannelName>) {
        let memberships = account.and_then(|account| self.accounts.get_mut(account));
        for (name, known) in memberships.into_iter().flatten() {
            known.is_sure &= channel.is_some_and(|channel| channel != name);
        }
    }

    fn note_presence(&mut self, view: View<'_>, last_message: u64) {
        let before = std::mem::take(&mut self.present);
        for user in view.users() {
            let was_in = before.get(&user.id());
            let mut channels = BTreeMap::new();
            for name in user.channels() {
                let id = view.channel(name).expect("a member's channel exists").id().0;
                let known = was_in.and_then(|was_in| was_in.get(name));
                let known = known.filter(|known| known.channel == id).cloned();
                let presence = known.unwrap_or_else(|| Presence {
                    channel: id,
                    since: last_message,
                    said: BTreeSet::new(),
                });
                channels.insert(name.clone(), presence);
            }
            if let Some(account) = user.account() {
                self.note_account(account, was_in, &channels, view);
            }
            self.present.insert(user.id(), channels);
        }
    }

    fn note_account(
        &mut self,
        account: &AccountName,
        before: Option<&BTreeMap<ChannelName, Presence>>,
        now: &BTreeMap<ChannelName, Presence>,
        view: View<'_>,
    ) {
        let memberships = self.accounts.entry(account.clone()).or_default();
        // A user who stays online has left a channel that it is no longer in, if that still exists.
        for (name, presence) in before.into_iter().flatten() {
            let is_here = view.channel(name).is_some_and(|known| known.id().0 == presence.channel);
            if is_here && !now.contains_key(name) {
                memberships.remove(name);
            }
        }
        for (name, presence) in now {
            let known = memberships.get(name);
            if known.is_none_or(|known| known.presence.channel != presence.channel) {
                let presence = presence.clone();
                memberships.insert(name.clone(), Membership { presence, read: 0, is_sure: true });
            }
        }
        if memberships.len() > view.config().channels_per_user {
            self.doubt(Some(account), None);
        }
    }

    fn mark(&mut self, account: &AccountName, target: &Target, id: u64) {
        let read = match target {
            Target::Channel(name) => {
                let known = self.accounts.get_mut(account).and_then(|known| known.get_mut(name));
                &mut known.expect("only members mark messages").read
            }
            Target::User(nickname) => {
                let marks = self.read.entry(account.clone()).or_default();
                marks.entry(nickname.clone()).or_default()
            }
            Target::Members { .. } | _ => unreachable!("a variant that this test does not know"),
        };
        assert!(id >= *read, "a mark of {account} has moved back");
        *read = id;
    }

    /// Compares with the state of an account, as JSON. The channels that exist have these ids. What
    /// is not sure is taken from that state.
    pub(crate) fn compare(
        &mut self,
        account: &AccountName,
        found: &Value,
        channels: &BTreeMap<ChannelName, u64>,
    ) {
        let expected = self.accounts.entry(account.clone()).or_default();
        let is_here = |name: &ChannelName, id: u64| channels.get(name) == Some(&id);
        let found_memberships: BTreeMap<ChannelName, Value> = found
            .get("memberships")
            .map(|known| serde_json::from_value(known.clone()).expect("memberships"))
            .unwrap_or_default();
        for (name, membership) in &found_memberships {
            if !is_here(name, membership["channel"].as_u64().expect("an id")) {
                continue;
            }
            let known = expected.get_mut(name);
            let known = known.unwrap_or_else(|| panic!("{account} has left {name}"));
            if !known.is_sure {
                // It may have left, and come back.
                let since = membership["since"].as_u64().expect("an id");
                let has_left = known.presence.since != since;
                assert!(since >= known.presence.since, "{account} in {name}");
                known.presence.since = since;
                known.presence.said.retain(|id| *id > since);
                known.read *= u64::from(!has_left || known.read > since);
                known.is_sure = true;
            }
            assert_eq!(membership["channel"], known.presence.channel, "{account} in {name}");
            assert_eq!(membership["since"], known.presence.since, "{account} in {name}");
            assert_eq!(membership["read"], known.read, "{account} in {name}");
        }
        expected.retain(|name, known| {
            let is_found = found_memberships.contains_key(name);
            let has_left = !known.is_sure || !is_here(name, known.presence.channel);
            assert!(is_found || has_left, "{account} is still in {name}");
            is_found
        });
        let read: BTreeMap<Nickname, u64> = found
            .get("read")
            .map(|read| serde_json::from_value(read.clone()).expect("marks"))
            .unwrap_or_default();
        assert_eq!(&read, self.read.get(account).unwrap_or(&BTreeMap::new()), "{account}");
    }

    /// Compares the messages that the session of an account has missed after one with those that it
    /// has to receive: those in memory of its channels, and those of its mailbox.
    pub(crate) fn check_missed<'a>(
        &self,
        engine: &Engine,
        (session, account): (SessionId, &AccountName),
        mailbox: impl IntoIterator<Item = &'a MessageId>,
        remembered: impl Fn(&ChannelName) -> BTreeSet<u64>,
        after: u64,
    ) {
        let user = engine.view().user_of(session).expect("the session has a user");
        let mut expected: BTreeSet<u64> = mailbox.into_iter().map(|id| id.0).collect();
        for name in user.channels() {
            let known = &self.accounts[account][name];
            expected.extend(known.presence.said.intersection(&remembered(name)));
        }
        expected.retain(|id| *id > after);
        let mut received = Vec::new();
        let mut last = after;
        loop {
            let query = Query::Missed { after: MessageId(last), limit: usize::MAX };
            let answer = engine.query(session, query);
            let Ok(Event::Missed { messages, more, changed: _ }) = answer else {
                panic!("{answer:?}")
            };
            received.extend(messages.iter().map(|message| message.id.0));
            if !more {
                break;
            }
            last = *received.last().expect("a page with more after it is not empty");
        }
        assert_eq!(received, expected.into_iter().collect::<Vec<_>>(), "{account} after {after}");
    }
}
