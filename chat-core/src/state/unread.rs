//! Counts the messages that an account has not read.

use super::State;
use crate::durable::History;
use crate::mention::mentions;
use crate::{
    AccountName, ChannelName, Conversation, Message, MessageId, Nickname, ReadState, Target, UserId,
};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

impl State {
    /// Returns the messages of a channel that a user has read, if it has an account.
    pub(crate) fn read_state(&self, id: UserId, name: &ChannelName) -> Option<ReadState> {
        let user = self.user(id)?;
        let account = user.account()?;
        let membership = self.membership(account, name)?;
        let channel = self.durable.channels.get(name)?;
        let after = membership.read.max(membership.since);
        let own = Nickname::parse(account.as_str()).ok();
        let names: Vec<&Nickname> =
            [Some(user.nickname()), own.as_ref()].into_iter().flatten().collect();
        let is_mention = |message: &Message| mentions(&message.text, &names);
        let oldest = self.oldest_readable_in(channel);
        let unread = |message: &Message| {
            message.at >= oldest && message.deletion().is_none() && !is_own(message, account)
        };
        let (unread, mentions) = self.count(&channel.history, after, unread, is_mention);
        let last = (membership.read.0 > 0).then_some(membership.read);
        Some(ReadState { last, unread, mentions })
    }

    /// Returns the private conversations of an account, the one with the newest message first.
    pub(crate) fn conversations(&self, account: &AccountName) -> Box<[Conversation]> {
        let Some(known) = self.durable.account(account) else { return Box::default() };
        let oldest = self.oldest_readable();
        let mut found: BTreeMap<&Nickname, Conversation> = BTreeMap::new();
        for message in known.mailbox.newest_first(None) {
            if message.at < oldest {
                break;
            }
            let is_own = is_own(message, account);
            let Some(nickname) = other(message, is_own) else { continue };
            let last = known.read.get(nickname).copied();
            let conversation = found.entry(nickname).or_insert_with(|| Conversation {
                nickname: nickname.clone(),
                newest: message.id,
                read: ReadState { last, ..ReadState::default() },
            });
            let read = &mut conversation.read;
            let is_unread = !is_own
                && message.deletion().is_none()
                && last.is_none_or(|last| message.id > last);
            if is_unread && read.unread < self.config.unread_counted {
                read.unread += 1;
                read.mentions += 1;
            }
        }
        let mut found: Vec<Conversation> = found.into_values().collect();
        found.sort_by_key(|conversation| core::cmp::Reverse(conversation.newest));
        found.truncate(self.config.conversations);
        found.into()
    }

    /// Returns the last message that an account has marked as read.
    pub(crate) fn read_position(
        &self,
        account: &AccountName,
        target: &Target,
    ) -> Option<MessageId> {
        match target {
            Target::Channel(name) => self.membership(account, name).map(|known| known.read),
            Target::Members { .. } => None,
            Target::User(nickname) => self.durable.account(account)?.read.get(nickname).copied(),
        }
    }

    /// Counts the messages after one that are unread, and those of them that are mentions.
    fn count(
        &self,
        history: &History,
        after: MessageId,
        is_unread: impl Fn(&Message) -> bool,
        is_mention: impl Fn(&Message) -> bool,
    ) -> (usize, usize) {
        let newer = history.newest_first(None).take_while(|message| message.id > after);
        let unread = newer.filter(|message| is_unread(message)).take(self.config.unread_counted);
        unread.fold((0, 0), |(count, mentions), message| {
            (count + 1, mentions + usize::from(is_mention(message)))
        })
    }
}

/// Returns true if an account has sent a message.
fn is_own(message: &Message, account: &AccountName) -> bool {
    let sender = message.sender.user().and_then(|user| user.account.as_ref());
    sender == Some(account)
}

/// Returns the nickname of the other user of a private message, if there is one.
fn other(message: &Message, is_own: bool) -> Option<&Nickname> {
    match &message.target {
        Target::User(to) if is_own => Some(to),
        Target::User(_) => message.sender.user().map(|sender| &sender.nickname),
        Target::Channel(_) | Target::Members { .. } => None,
    }
}
