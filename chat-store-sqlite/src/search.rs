//! Searches messages.

use crate::by_time::first_id_at;
use crate::error::Failure;
use crate::message_rows::{self, COLUMN_COUNT, COLUMNS};
use crate::search_index::{
    Indexed, channel_token, is_damage, is_unreadable, mailbox_token, nickname_token,
};
use crate::senders::Senders;
use crate::times::millis;
use chat_core::search::{SearchRequest, SearchTerms};
use chat_core::{ChannelName, Message, MessageId};
use chat_store::Found;
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// A search in one transaction, from the newest message to the oldest.
pub(crate) struct Search<'a> {
    connection: &'a Connection,
    senders: &'a mut Senders,
    request: &'a SearchRequest,
    terms: SearchTerms,
    /// The channels to search in that exist, by their ids.
    channels: Vec<(i64, &'a ChannelName)>,
    /// The messages that were found; one more than asked for, if there is one.
    messages: Vec<Arc<Message>>,
    /// The number of messages that may still be read.
    room: usize,
    /// True if the index is damaged.
    pub(crate) found_damage: bool,
}

/// The result of a part of a search: it goes on, or it ends, with the id below which nothing has
/// been searched.
enum Part {
    Done,
    Ended(Option<MessageId>),
}

/// The most messages that one search reads, besides those that it finds: some 100 milliseconds. The
/// rest is left to the next page.
const READ_AT_ONCE: usize = 20_000;

impl<'a> Search<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        senders: &'a mut Senders,
        request: &'a SearchRequest,
        terms: SearchTerms,
    ) -> rusqlite::Result<Self> {
        let mut exists = connection.prepare_cached("SELECT 1 FROM channels WHERE id = ?")?;
        let mut channels = Vec::new();
        for channel in &request.channels {
            // Messages of a forgotten channel may still have rows.
            let id = channel.id.0.cast_signed();
            if exists.exists((id,))? {
                channels.push((id, &channel.name));
            }
        }
        drop(exists);
        let (messages, room) = (Vec::new(), READ_AT_ONCE);
        Ok(Self {
            connection,
            senders,
            request,
            terms,
            channels,
            messages,
            room,
            found_damage: false,
        })
    }

    pub(crate) fn run(&mut self) -> Result<Found, Failure> {
        let next = if self.channels.is_empty() && self.request.account.is_none() {
            None
        } else {
            self.run_parts()?
        };
        let mut messages = std::mem::take(&mut self.messages);
        if messages.len() > self.request.limit {
            messages.truncate(self.request.limit);
            let next = messages.last().map(|last| last.id);
            return Ok(Found { messages, next });
        }
        Ok(Found { messages, next })
    }

    /// Searches the messages above the index, those in it, and those below it. Returns the id below
    /// which nothing has been searched, unless everything has been.
    fn run_parts(&mut self) -> Result<Option<MessageId>, Failure> {
        let Indexed { low, high } = match Indexed::load(self.connection).map_err(Failure::from) {
            Ok(indexed) => indexed,
            Err(failure) if is_damage(&failure) || is_unreadable(&failure) => {
                self.found_damage = true;
                // Nothing is in an index.
                Indexed::default()
            }
            Err(failure) => return Err(failure),
        };
        // Ids grow with the time, so that bounds of the time are bounds of the id.
        let first = self
            .request
            .after
            .map_or(Ok(0), |after| first_id_at(self.connection, millis(after)))?;
        let mut end = self
            .request
            .before
            .map_or(Ok(i64::MAX), |end| first_id_at(self.connection, millis(end)))?;
        if let Some(bound) = self.request.older_than {
            end = end.min(message_rows::bound(bound));
        }
        if let Part::Ended(next) = self.read((high + 1).max(first), end)? {
            return Ok(next);
        }
        match self.look_up((low + 1).max(first), end.min(high + 1))? {
            Some(Part::Ended(next)) => return Ok(next),
            Some(Part::Done) => {}
            None => {
                self.found_damage = true;
                let end = self.messages.last().map_or(end, |last| last.id.0.cast_signed());
                if let Part::Ended(next) = self.read((low + 1).max(first), end.min(high + 1))? {
                    return Ok(next);
                }
            }
        }
        match self.read(first, end.min(low + 1))? {
            Part::Ended(next) => Ok(next),
            Part::Done => Ok(None),
        }
    }

    /// Searches the messages from an id on, and below another, by reading all of them.
    fn read(&mut self, first: i64, end: i64) -> Result<Part, Failure> {
        let connection = self.connection;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, channel FROM messages \
             JOIN senders ON senders.id = messages.sender \
             WHERE messages.id >= ? AND messages.id < ? ORDER BY messages.id DESC",
        ))?;
        let mut rows = statement.query((first, end))?;
        while let Some(row) = rows.next()? {
            if let Some(next) = self.take(row)? {
                return Ok(Part::Ended(Some(next)));
            }
            if self.is_full() {
                return Ok(Part::Ended(None));
            }
        }
        Ok(Part::Done)
    }

    /// Searches the messages from an id on, and below another, with the index. `None` if that is
    /// damaged.
    fn look_up(&mut self, first: i64, end: i64) -> Result<Option<Part>, Failure> {
        if first >= end {
            return Ok(Some(Part::Done));
        }
        let connection = self.connection;
        // The order is that of the index, so that a common word costs no sorting.
        let candidates = connection.prepare_cached(
            "SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? \
             ORDER BY rowid DESC",
        );
        let mut candidates = match candidates.map_err(Failure::from) {
            Ok(candidates) => candidates,
            Err(failure) if is_damage(&failure) || is_unreadable(&failure) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let mut read = connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, channel FROM messages \
             JOIN senders ON senders.id = messages.sender WHERE messages.id = ?",
        ))?;
        let mut ids = candidates.query((self.expression(), first, end))?;
        loop {
            let id: i64 = match ids.next().map_err(Failure::from) {
                Ok(Some(candidate)) => candidate.get(0)?,
                Ok(None) => return Ok(Some(Part::Done)),
                Err(failure) if is_damage(&failure) => return Ok(None),
                Err(failure) => return Err(failure),
            };
            let mut rows = read.query((id,))?;
            // A message that was removed may still be in the index, and one that is in it may be in
            // no mailbox of the account any more.
            if let Some(row) = rows.next()?
                && let Some(next) = self.take(row)?
            {
                return Ok(Some(Part::Ended(Some(next))));
            }
            if self.is_full() {
                return Ok(Some(Part::Ended(None)));
            }
        }
    }

    /// Adds the message of a row if it is searched for. Returns its id if no more may be read.
    fn take(&mut self, row: &Row<'_>) -> Result<Option<MessageId>, Failure> {
        let id: i64 = row.get(0)?;
        let target = match row.get::<_, Option<i64>>(COLUMN_COUNT)? {
            Some(channel) => {
                let found = self.channels.binary_search_by_key(&channel, |(id, _)| *id);
                found.ok().map(|index| Some(self.channels[index].1))
            }
            None => self.is_in_mailbox(id)?.then_some(None),
        };
        let text = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(channel) = target
            && self.terms.are_in(text)
        {
            let message = message_rows::read(row, self.senders, channel)?;
            if self.request.admits(&message) {
                self.messages.push(message);
            }
        }
        self.room = self.room.saturating_sub(1);
        let is_over = self.room == 0 && !self.is_full();
        Ok(is_over.then(|| MessageId(id.cast_unsigned())))
    }

    /// Returns true if there is one message more than was asked for.
    fn is_full(&self) -> bool {
        self.messages.len() > self.request.limit
    }

    fn is_in_mailbox(&self, message: i64) -> rusqlite::Result<bool> {
        let Some(account) = &self.request.account else { return Ok(false) };
        self.connection
            .prepare_cached("SELECT 1 FROM mailboxes WHERE account = ? AND message = ?")?
            .exists((account.as_str(), message))
    }

    /// Returns the query for the index. It finds the messages that have all tokens of the terms, in
    /// any order. Every token is quoted, so that it has no other meaning.
    fn expression(&self) -> String {
        let quoted = |token: &str| format!("\"{}\"", token.replace('"', "\"\""));
        let channels = self.channels.iter().map(|(id, _)| channel_token(*id));
        let mailbox = self.request.account.as_ref().map(mailbox_token);
        let places: Vec<String> = channels.chain(mailbox).map(|token| quoted(&token)).collect();
        let mut expression = format!("({})", places.join(" OR "));
        if let Some(from) = &self.request.from {
            expression.push_str(" AND ");
            expression.push_str(&quoted(&nickname_token(from.folded())));
        }
        for term in self.terms.iter() {
            for token in term.tokens() {
                expression.push_str(" AND ");
                expression.push_str(&quoted(token));
            }
            if term.is_prefix() {
                expression.push('*');
            }
        }
        expression
    }
}
