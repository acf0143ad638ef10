//! A store in memory.

use crate::store::other_party;
use crate::{Found, Opened, Page, Reader, Store, StoreError};
use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, ChannelId, ChannelName, Config, Counters, DurableState, HistoryRange, Message,
    MessageId, MessageRequest, MissedRequest, Modes, Nickname, Record, StampedRecord, Target,
    Timestamp,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A store in memory. It outlasts a server, but not the process: clones share their contents, so a
/// test keeps one and opens it again. It is also the reference for other stores.
#[derive(Clone, Debug)]
pub struct MemoryStore(Arc<Mutex<Contents>>);

#[derive(Debug)]
struct Contents {
    state: DurableState,
    /// The current id of each channel.
    channels: HashMap<ChannelName, ChannelId>,
    /// The times for which channels keep their messages.
    ages: HashMap<ChannelId, Duration>,
    histories: HashMap<ChannelId, Vec<Arc<Message>>>,
    mailboxes: HashMap<AccountName, Vec<Arc<Message>>>,
}

impl MemoryStore {
    /// Makes an empty store.
    pub fn new(config: &Config, now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Contents {
            state: DurableState::resume(config, now, Counters::default()),
            channels: HashMap::from([(ChannelName::lobby(), ChannelId(1))]),
            ages: HashMap::new(),
            histories: HashMap::new(),
            mailboxes: HashMap::new(),
        })))
    }

    /// Opens the store, which continues with what it has kept.
    pub fn open(&self) -> Opened {
        Opened::new(self.clone(), self.contents().state.clone())
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        let mut contents = self.contents();
        for StampedRecord { at, record } in records {
            contents.state.apply(*at, record);
            contents.note(record);
        }
        Ok(())
    }

    fn blocks(&self) -> bool {
        false
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(self.clone()))
    }

    fn maintain(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        self.prune(now)
    }

    fn prune(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        self.contents().prune(now);
        Ok(false)
    }
}

impl Reader for MemoryStore {
    fn history(
        &mut self,
        channel: ChannelId,
        _: &ChannelName,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let contents = self.contents();
        let messages = contents.histories.get(&channel).map_or(&[][..], Vec::as_slice);
        Ok(Page::of(messages, range, limit))
    }

    fn private_history(
        &mut self,
        account: &AccountName,
        nickname: &Nickname,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let contents = self.contents();
        let mailbox = contents.mailboxes.get(account).map_or(&[][..], Vec::as_slice);
        let is_with = |message: &&Arc<Message>| other_party(message, account) == nickname.folded();
        let between: Vec<_> = mailbox.iter().filter(is_with).cloned().collect();
        Ok(Page::of(&between, range, limit))
    }

    fn missed(&mut self, request: &MissedRequest) -> Result<Page, StoreError> {
        let contents = self.contents();
        let channels = request.channels.iter().filter_map(|missed| {
            contents.histories.get(&missed.id).map(|history| (history, missed.after))
        });
        let mailbox = request.mailbox.as_ref().and_then(|(account, after)| {
            contents.mailboxes.get(account).map(|mailbox| (mailbox, *after))
        });
        let missed = channels.chain(mailbox).flat_map(|(messages, after)| {
            messages.iter().filter(move |message| message.id > after).cloned()
        });
        let mut missed: Vec<_> = missed.collect();
        missed.sort_by_key(|message| message.id);
        Ok(Page::of(&missed, HistoryRange::After(MessageId(0)), request.limit))
    }

    fn message(&mut self, request: &MessageRequest) -> Result<Option<Arc<Message>>, StoreError> {
        let contents = self.contents();
        let channels = request.channels.iter();
        let channels = channels.filter_map(|(_, id)| contents.histories.get(id));
        let account = request.account.as_ref();
        let mailbox = account.and_then(|account| contents.mailboxes.get(account));
        let mut found = channels.chain(mailbox).filter_map(|messages| {
            let place = messages.binary_search_by_key(&request.id, |message| message.id);
            messages.get(place.ok()?).cloned()
        });
        Ok(found.next())
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Found, StoreError> {
        let contents = self.contents();
        let channels =
            request.channels.iter().filter_map(|channel| contents.histories.get(&channel.id));
        let account = request.account.as_ref();
        let mailbox = account.and_then(|account| contents.mailboxes.get(account));
        let mut all: Vec<_> = channels.chain(mailbox).flatten().cloned().collect();
        all.sort_by_key(|message| message.id);
        Ok(Found::of(&all, request))
    }
}

impl Contents {
    fn note(&mut self, record: &Record) {
        if let Record::ChannelCreated { channel, id, modes, .. } = record {
            self.channels.insert(channel.clone(), *id);
            self.note_age(*id, modes);
        }
        if let Record::ModesChanged { channel, modes } = record
            && let Some(id) = self.channels.get(channel)
        {
            self.note_age(*id, modes);
        }
        if let Record::ChannelForgotten { channel, id } = record {
            self.channels.remove(channel);
            self.histories.remove(id);
            self.ages.remove(id);
        }
        if let Record::AccountRemoved { account } = record {
            self.mailboxes.remove(account);
        }
        if let Record::MessageChanged { message, .. } = record {
            self.replace(message);
        }
        if let Record::Said { message, recipient, .. } = record {
            self.keep(message, recipient.as_ref());
        }
    }

    /// Replaces a message in all places.
    fn replace(&mut self, message: &Arc<Message>) {
        let channel = message.target.channel().and_then(|name| self.channels.get(name));
        let history = channel.and_then(|id| self.histories.get_mut(id));
        let mailboxes = self.mailboxes.values_mut().filter(|_| message.target.channel().is_none());
        for messages in history.into_iter().chain(mailboxes) {
            if let Ok(place) = messages.binary_search_by_key(&message.id, |known| known.id) {
                messages[place] = message.clone();
            }
        }
    }

    fn note_age(&mut self, channel: ChannelId, modes: &Modes) {
        match modes.keep {
            Some(keep) => self.ages.insert(channel, keep),
            None => self.ages.remove(&channel),
        };
    }

    /// Deletes the messages that their channels no longer keep.
    fn prune(&mut self, now: Timestamp) {
        for (channel, age) in &self.ages {
            let Some(history) = self.histories.get_mut(channel) else { continue };
            let expired = history.partition_point(|message| now.since(message.at) > *age);
            history.drain(..expired);
        }
    }

    fn keep(&mut self, message: &Arc<Message>, recipient: Option<&AccountName>) {
        if let Target::Channel(channel) = &message.target {
            if let Some(id) = self.channels.get(channel) {
                self.histories.entry(*id).or_default().push(message.clone());
            }
            return;
        }
        // A message to some of the members is not kept.
        if let Target::Members { .. } = &message.target {
            return;
        }
        let sender = message.sender.user().and_then(|user| user.account.as_ref());
        let recipient = recipient.filter(|recipient| Some(*recipient) != sender);
        for account in sender.into_iter().chain(recipient) {
            self.mailboxes.entry(account.clone()).or_default().push(message.clone());
        }
    }
}
