//! Reads history beyond memory.

use crate::by_time::first_id_at;
use crate::error::{Failure, failed, unusable};
use crate::message_rows::{self, COLUMN_COUNT, COLUMNS};
use crate::search::Search;
use crate::senders::Senders;
use crate::times::millis;
use chat_core::search::SearchRequest;
use chat_core::{
    AccountName, ChannelId, ChannelName, HistoryRange, Message, MessageRequest, MissedChannel,
    MissedRequest, Nickname,
};
use chat_store::{Found, Page, Reader, StoreError};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A connection of its own, which only reads. Each page is one short transaction, so that it holds
/// up no checkpoint.
#[derive(Debug)]
pub(crate) struct SqliteReader {
    connection: Connection,
    senders: Senders,
    /// Set when the index for searches is damaged, so that the store makes a new one.
    damage: Arc<AtomicBool>,
}

impl SqliteReader {
    pub(crate) fn open(path: &Path, damage: Arc<AtomicBool>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let connection = connection.map_err(|error| unusable(path, &error))?;
        Ok(Self { connection, senders: Senders::default(), damage })
    }

    /// Returns true if there is a channel of this id. Messages of a forgotten one may still have
    /// rows.
    fn exists(&self, channel: ChannelId) -> rusqlite::Result<bool> {
        let exists = "SELECT EXISTS (SELECT 1 FROM channels WHERE id = ?)";
        let mut statement = self.connection.prepare_cached(exists)?;
        statement.query_row((channel.0.cast_signed(),), |row| row.get(0))
    }

    /// Reads one message, if it is in one of the places of a request.
    fn find(&mut self, request: &MessageRequest) -> Result<Option<Arc<Message>>, Failure> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, channel FROM messages \
             JOIN senders ON senders.id = messages.sender WHERE messages.id = ?",
        ))?;
        let id = message_rows::bound(request.id);
        let mut rows = statement.query((id,))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let channel = row.get::<_, Option<i64>>(COLUMN_COUNT)?;
        let name = channel.and_then(|channel| {
            let asked = request.channels.iter().find(|(_, id)| id.0.cast_signed() == channel);
            asked.map(|(name, _)| name)
        });
        let is_here = match (channel, &request.account) {
            (Some(channel), _) => {
                name.is_some() && self.exists(ChannelId(channel.cast_unsigned()))?
            }
            (None, Some(account)) => self
                .connection
                .prepare_cached("SELECT 1 FROM mailboxes WHERE account = ? AND message = ?")?
                .exists((account.as_str(), id))?,
            (None, None) => false,
        };
        is_here.then(|| message_rows::read(row, &mut self.senders, name)).transpose()
    }

    /// Reads a page of the messages that `scope` selects, in SQL. `?1` and what follows are `keys`.
    fn page(
        &mut self,
        scope: &Scope<'_>,
        channel: Option<&ChannelName>,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, Failure> {
        match range {
            HistoryRange::Latest => self.older(scope, channel, i64::MAX, limit),
            HistoryRange::Before(id) => self.older(scope, channel, message_rows::bound(id), limit),
            HistoryRange::BeforeTime(at) => {
                let id = first_id_at(&self.connection, millis(at))?;
                self.older(scope, channel, id, limit)
            }
            HistoryRange::After(id) => {
                self.newer(scope, channel, message_rows::bound(id).saturating_add(1), limit)
            }
            HistoryRange::AfterTime(at) => {
                let id = first_id_at(&self.connection, millis(at).saturating_add(1))?;
                self.newer(scope, channel, id, limit)
            }
            HistoryRange::Around(id) => self.around(scope, channel, message_rows::bound(id), limit),
            HistoryRange::At(at) => {
                let id = first_id_at(&self.connection, millis(at))?;
                self.around(scope, channel, id, limit)
            }
            _ => Ok(Page::default()),
        }
    }

    /// Reads the newest messages below an id.
    fn older(
        &mut self,
        scope: &Scope<'_>,
        channel: Option<&ChannelName>,
        id: i64,
        limit: usize,
    ) -> Result<Page, Failure> {
        let (mut messages, more) = self.part(scope, channel, Older(id), limit)?;
        messages.reverse();
        Ok(Page { messages, more })
    }

    /// Reads the oldest messages from an id on.
    fn newer(
        &mut self,
        scope: &Scope<'_>,
        channel: Option<&ChannelName>,
        id: i64,
        limit: usize,
    ) -> Result<Page, Failure> {
        let (messages, more) = self.part(scope, channel, Newer(id), limit)?;
        Ok(Page { messages, more })
    }

    /// Reads half a page before an id, and the rest from it on.
    fn around(
        &mut self,
        scope: &Scope<'_>,
        channel: Option<&ChannelName>,
        id: i64,
        limit: usize,
    ) -> Result<Page, Failure> {
        let (mut messages, older) = self.part(scope, channel, Older(id), limit / 2)?;
        messages.reverse();
        let room = limit - messages.len();
        let (rest, newer) = self.part(scope, channel, Newer(id), room)?;
        messages.extend(rest);
        Ok(Page { messages, more: older || newer })
    }

    /// Reads the messages next to an id in one direction, the nearest first, and whether there are
    /// more.
    fn part(
        &mut self,
        scope: &Scope<'_>,
        channel: Option<&ChannelName>,
        bound: Bound,
        limit: usize,
    ) -> Result<(Vec<Arc<Message>>, bool), Failure> {
        let (sql, id) = match bound {
            Older(id) => (scope.older, id),
            Newer(id) => (scope.newer, id),
        };
        let mut statement: rusqlite::CachedStatement<'_> =
            self.connection.prepare_cached(&sql.replace("COLUMNS", COLUMNS))?;
        // One more than asked for, to know whether there is one.
        let count = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        bind(&mut statement, scope.keys, [id, count])?;
        let mut rows = statement.raw_query();
        let mut messages = Vec::new();
        while let Some(row) = rows.next()? {
            if messages.len() == limit {
                return Ok((messages, true));
            }
            messages.push(message_rows::read(row, &mut self.senders, channel)?);
        }
        Ok((messages, false))
    }
}

/// Binds the keys, then the bound and the limit.
fn bind(
    statement: &mut Statement<'_>,
    keys: &[&dyn ToSql],
    last: [i64; 2],
) -> rusqlite::Result<()> {
    let all = keys.iter().copied().chain(last.iter().map(|number| number as &dyn ToSql));
    for (index, value) in (1..).zip(all) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// The messages that a page is of.
struct Scope<'a> {
    /// Selects those with an id below one, the newest first.
    older: &'a str,
    /// Selects those with at least an id, the oldest first.
    newer: &'a str,
    keys: &'a [&'a dyn ToSql],
}

/// The side of an id on which messages are read.
#[derive(Clone, Copy)]
enum Bound {
    /// Below it.
    Older(i64),
    /// At it and above.
    Newer(i64),
}

use Bound::{Newer, Older};

impl Reader for SqliteReader {
    fn history(
        &mut self,
        channel: ChannelId,
        name: &ChannelName,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        if !self.exists(channel).map_err(failed)? {
            return Ok(Page::default());
        }
        let scope = Scope {
            older: "SELECT COLUMNS FROM messages JOIN senders ON senders.id = messages.sender \
                    WHERE channel = ? AND messages.id < ? ORDER BY messages.id DESC LIMIT ?",
            newer: "SELECT COLUMNS FROM messages JOIN senders ON senders.id = messages.sender \
                    WHERE channel = ? AND messages.id >= ? ORDER BY messages.id LIMIT ?",
            keys: &[&channel.0.cast_signed()],
        };
        self.page(&scope, Some(name), range, limit).map_err(failed)
    }

    fn private_history(
        &mut self,
        account: &AccountName,
        nickname: &Nickname,
        range: HistoryRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let scope = Scope {
            older: "SELECT COLUMNS FROM mailboxes JOIN messages ON messages.id = message \
                    JOIN senders ON senders.id = messages.sender \
                    WHERE account = ? AND other = ? AND message < ? ORDER BY message DESC LIMIT ?",
            newer: "SELECT COLUMNS FROM mailboxes JOIN messages ON messages.id = message \
                    JOIN senders ON senders.id = messages.sender \
                    WHERE account = ? AND other = ? AND message >= ? ORDER BY message LIMIT ?",
            keys: &[&account.as_str(), &nickname.folded()],
        };
        self.page(&scope, None, range, limit).map_err(failed)
    }

    fn missed(&mut self, request: &MissedRequest) -> Result<Page, StoreError> {
        let mut found = Vec::with_capacity(request.channels.len() + 1);
        for MissedChannel { channel, id, after, .. } in &request.channels {
            let range = HistoryRange::After(*after);
            found.push(self.history(*id, channel, range, request.limit)?);
        }
        if let Some((account, after)) = &request.mailbox {
            let scope = Scope {
                older: "",
                newer: "SELECT COLUMNS FROM mailboxes JOIN messages ON messages.id = message \
                        JOIN senders ON senders.id = messages.sender \
                        WHERE account = ? AND message >= ? ORDER BY message LIMIT ?",
                keys: &[&account.as_str()],
            };
            let range = HistoryRange::After(*after);
            found.push(self.page(&scope, None, range, request.limit).map_err(failed)?);
        }
        Ok(Page::merged(found, request.limit))
    }

    fn message(&mut self, request: &MessageRequest) -> Result<Option<Arc<Message>>, StoreError> {
        self.find(request).map_err(failed)
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Found, StoreError> {
        let Some(terms) = request.terms() else { return Ok(Found::default()) };
        // The index and the messages are those of one moment.
        let transaction = self.connection.transaction().map_err(failed)?;
        let search = Search::new(&transaction, &mut self.senders, request, terms);
        let mut search = search.map_err(failed)?;
        let found = search.run().map_err(failed);
        if search.found_damage {
            self.damage.store(true, Ordering::Relaxed);
        }
        found
    }
}
