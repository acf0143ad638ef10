//! The traits.

use crate::StoreError;
use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, ChannelId, ChannelName, DurableState, HistoryRange, Message, MessageId,
    MessageRequest, MissedRequest, Nickname, StampedRecord, Target, Timestamp,
};
use std::fmt;
use std::sync::Arc;

/// A place that keeps records. One process at a time writes to it.
pub trait Store: Send {
    /// Commits the records of a round: all of them or none, in this order. When it returns, they
    /// outlast a crash as far as the store promises.
    ///
    /// # Errors
    ///
    /// If an error [is temporary](StoreError::is_temporary), nothing has been committed, and the
    /// caller tries again with the same records. After any other error the caller commits nothing
    /// more.
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError>;

    /// Returns true if calls may wait, such as for a disk. The server then makes them, and those of
    /// its readers, on threads of their own. A store that returns false is called by the task that
    /// runs the engine, which is faster, and in a simulation the same in every run.
    fn blocks(&self) -> bool {
        true
    }

    /// Makes a reader, which is used on another thread than the store if the store
    /// [blocks](Self::blocks).
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// Does a small part of the work that can wait, such as to move data or to delete what is no
    /// longer needed: messages above the [age](chat_core::Modes::keep) that their channel has now
    /// are read by nobody, and their owners expect that they are deleted. `now` is the time of the
    /// server, which has the clock. The caller calls this while there is nothing to commit; a store
    /// that [blocks](Self::blocks) at least once a second even if nothing happens, since what it
    /// keeps grows old. Returns true if there is more to do.
    ///
    /// # Errors
    ///
    /// As for [`commit`](Self::commit).
    fn maintain(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let _ = now;
        Ok(false)
    }

    /// Does a small part of the work without which the store would grow beyond its limits, such as
    /// to delete messages that are no longer kept. [`maintain`](Self::maintain) does it, too; the
    /// caller calls this about once a second while it has much to commit. Returns true if there is
    /// more to do.
    ///
    /// # Errors
    ///
    /// As for [`commit`](Self::commit).
    fn prune(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let _ = now;
        Ok(false)
    }

    /// Makes sure that everything that is committed outlasts a loss of power. The caller calls it
    /// about once a second, and before it drops the store.
    ///
    /// # Errors
    ///
    /// As for [`commit`](Self::commit).
    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Measures the store. The caller does it about once a second, and when a commit fails.
    fn levels(&self) -> StoreLevels {
        StoreLevels::default()
    }
}

/// The state of a store, for monitoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreLevels {
    /// The length of the log from which the store moves commits to their place, in bytes. 0 if
    /// there is none.
    pub log_bytes: u64,
    /// The free bytes of the file system, if the store is in a file.
    pub free_bytes: Option<u64>,
}

impl StoreLevels {
    /// Makes it from its parts.
    pub fn new(log_bytes: u64, free_bytes: Option<u64>) -> Self {
        Self { log_bytes, free_bytes }
    }
}

/// Reads what is committed, without waiting for the [`Store`].
pub trait Reader: Send {
    /// Reads a part of the history of a channel, at most `limit` messages. `name` becomes the
    /// target of the messages.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn history(
        &mut self,
        channel: ChannelId,
        name: &ChannelName,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// Reads a part of the private messages between an account and a user of a nickname.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn private_history(
        &mut self,
        account: &AccountName,
        nickname: &Nickname,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// Reads the messages that a client has missed: the oldest ones of all channels and of the
    /// mailbox together, at most as many as the request allows. There are more if any of them has
    /// more.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn missed(&mut self, request: &MissedRequest) -> Result<Page, StoreError>;

    /// Reads one message, if it is in one of the places of the request.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn message(&mut self, request: &MessageRequest) -> Result<Option<Arc<Message>>, StoreError>;

    /// Searches the messages of some channels, and those in the mailbox of an account, everything
    /// that is committed. [`chat_core::search`] has the rules. A page that is not full may have a
    /// [next](Found::next) one, because a search reads only a part of the store at a time. A
    /// message of a channel gets the channel's name in the request as its target.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn search(&mut self, request: &SearchRequest) -> Result<Found, StoreError>;
}

/// The messages that a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The messages, newest first, at most as many as the request allows.
    pub messages: Vec<Arc<Message>>,
    /// The id below which nothing has been searched yet; `None` if everything has been.
    pub next: Option<MessageId>,
}

/// A part of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The messages, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// True if there are more in the direction of the range; around a message or a time, in any
    /// direction.
    pub more: bool,
}

/// A store that was opened, and the state that it has kept.
pub struct Opened {
    /// The store.
    pub store: Box<dyn Store>,
    /// The durable state as of the last commit.
    pub state: DurableState,
}

impl Opened {
    /// Makes it from its parts.
    pub fn new(store: impl Store + 'static, state: DurableState) -> Self {
        Self { store: Box::new(store), state }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// Returns the other party of a private message in the mailbox of an account, as a
/// [folded](Nickname::folded) nickname: the recipient of a message that the account has sent, even
/// to itself, and otherwise the sender.
pub fn other_party(message: &Message, account: &AccountName) -> String {
    let user = message.sender.user();
    if let Target::User(to) = &message.target
        && user.and_then(|user| user.account.as_ref()) == Some(account)
    {
        return to.folded().to_owned();
    }
    match user {
        Some(user) => user.nickname.folded().to_owned(),
        None => message.sender.name().to_lowercase(),
    }
}

impl Found {
    /// Searches messages that are sorted by id. This is the reference for stores that read as
    /// little as possible.
    pub fn of(sorted: &[Arc<Message>], request: &SearchRequest) -> Self {
        let Some(terms) = request.terms() else { return Self::default() };
        let is_found = |message: &&Arc<Message>| {
            request.admits(message) && terms.are_in(message.text.as_str())
        };
        let mut found = sorted.iter().rev().filter(is_found);
        let messages: Vec<_> = found.by_ref().take(request.limit).cloned().collect();
        let next = found.next().and_then(|_| messages.last()).map(|last| last.id);
        Self { messages, next }
    }
}

impl Page {
    /// Joins the first pages of several histories, each of them with the oldest messages, to one
    /// page of at most `limit` messages.
    pub fn merged(pages: impl IntoIterator<Item = Self>, limit: usize) -> Self {
        let mut merged = Self::default();
        // A history may have further messages after the last one of its page.
        let mut end = None;
        for page in pages {
            if page.more {
                let last = page.messages.last().map_or(MessageId(0), |message| message.id);
                end = Some(end.map_or(last, |end: MessageId| end.min(last)));
            }
            merged.more |= page.more;
            merged.messages.extend(page.messages);
        }
        merged.messages.retain(|message| end.is_none_or(|end| message.id <= end));
        merged.messages.sort_by_key(|message| message.id);
        merged.more |= merged.messages.len() > limit;
        merged.messages.truncate(limit);
        merged
    }

    /// Makes the page of a range from messages that are sorted by id. This is the reference for
    /// stores that read as little as possible.
    pub fn of(sorted: &[Arc<Message>], range: HistoryRange, limit: usize) -> Self {
        let before = |id| sorted.partition_point(|message| message.id < id);
        let before_time = |at| sorted.partition_point(|message| message.at < at);
        let len = sorted.len();
        let around = |middle: usize| {
            let start = middle.saturating_sub(limit / 2);
            start..len.min(start.saturating_add(limit))
        };
        let kept = match range {
            HistoryRange::Latest => len.saturating_sub(limit)..len,
            HistoryRange::Before(id) => before(id).saturating_sub(limit)..before(id),
            HistoryRange::After(id) => {
                let start = sorted.partition_point(|message| message.id <= id);
                start..len.min(start.saturating_add(limit))
            }
            HistoryRange::Around(id) => around(before(id)),
            HistoryRange::At(at) => around(before_time(at)),
            HistoryRange::BeforeTime(at) => before_time(at).saturating_sub(limit)..before_time(at),
            HistoryRange::AfterTime(at) => {
                let start = sorted.partition_point(|message| message.at <= at);
                start..len.min(start.saturating_add(limit))
            }
            _ => 0..0,
        };
        let more = if range.is_backwards() {
            kept.start > 0
        } else if range.is_forwards() {
            kept.end < len
        } else {
            kept.len() < len
        };
        Self { messages: sorted[kept].to_vec(), more }
    }
}
