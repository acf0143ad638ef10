//! Searches messages: those that the user may read with the look-ups of histories.

use super::reader::Reader;
use crate::durable::{Channel, History};
use crate::search::{SearchRequest, SearchedChannel};
use crate::{
    ChannelName, Checked, Event, Message, MessageId, QueryResult, Question, Refusal, SearchQuery,
    Target, Timestamp,
};
use alloc::boxed::Box;
use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Searches the messages in memory.
pub(super) fn in_memory(reader: Reader<'_>, query: &SearchQuery<Checked>) -> QueryResult {
    let request = request(reader, query)?;
    let terms = request.terms().ok_or(Refusal::SearchEmpty)?;
    let (mut messages, mut next) = (Vec::<Arc<Message>>::new(), None);
    let mut room = SEARCHED_BYTES;
    for message in merge(histories(reader, &request), request.older_than) {
        // The messages before it are still older.
        if request.after.is_some_and(|after| message.at < after) {
            break;
        }
        if room == 0 {
            // This one is the first of the next page.
            next = Some(MessageId(message.id.0.saturating_add(1)));
            break;
        }
        room = room.saturating_sub(MESSAGE_BYTES);
        if !request.admits(message) {
            continue;
        }
        let text = message.text.as_str();
        room = room.saturating_sub(text.len());
        if !terms.are_in(text) {
            continue;
        }
        if messages.len() == request.limit {
            next = messages.last().map(|last| last.id);
            break;
        }
        messages.push(message.clone());
    }
    Ok(Event::Found { messages, next })
}

/// Returns the question to the host, which searches in all messages that the user may read now.
pub(super) fn question(
    reader: Reader<'_>,
    query: &SearchQuery<Checked>,
) -> Result<Question, Refusal> {
    request(reader, query).map(|request| Question::Search(Box::new(request)))
}

/// Returns what the host has found, without the messages that were not searched for, and those that
/// the user may not read any more.
pub(super) fn in_store(
    reader: Reader<'_>,
    query: &SearchQuery<Checked>,
    asked: &SearchRequest,
    mut messages: Vec<Arc<Message>>,
    next: Option<MessageId>,
) -> QueryResult {
    let now = request(reader, query)?;
    let terms = now.terms().ok_or(Refusal::SearchEmpty)?;
    // Another channel of the same name, or another account, has other messages.
    let may_read = |target: &Target| match target {
        Target::Channel(name) => {
            now.channel(name).is_some_and(|channel| {
                // The time of the oldest message that is kept has gone on.
                let is_same =
                    |asked: &SearchedChannel| (asked.id, &asked.name) == (channel.id, name);
                asked.channels.iter().any(is_same)
            })
        }
        Target::Members { .. } => false,
        Target::User(_) => now.account.is_some() && now.account == asked.account,
    };
    messages.retain(|message| {
        may_read(&message.target) && now.admits(message) && terms.are_in(message.text.as_str())
    });
    messages.sort_by_key(|message| core::cmp::Reverse(message.id));
    messages.dedup_by_key(|message| message.id);
    // A client that follows the pages of a faulty host comes to an end, too.
    let mut next = next.filter(|next| now.older_than.is_none_or(|bound| *next < bound));
    if messages.len() > now.limit {
        messages.truncate(now.limit);
        next = messages.last().map(|last| last.id);
    }
    Ok(Event::Found { messages, next })
}

/// Returns the messages to search, as far as the user may read them.
fn request(reader: Reader<'_>, query: &SearchQuery<Checked>) -> Result<SearchRequest, Refusal> {
    let limit = query.limit.clamp(1, reader.state.config.search_page);
    let mut request = SearchRequest::new(query.text.clone(), limit);
    request.from.clone_from(&query.from);
    let oldest = reader.state.oldest_readable();
    request.after = query.after.max((oldest > Timestamp::default()).then_some(oldest));
    request.before = query.before;
    request.older_than = query.older_than;
    match &query.channel {
        Some(channel) => {
            let (name, found, _) = reader.joined_channel(channel)?;
            request.channels.push(searched(reader, name, found));
        }
        None => {
            let joined = reader.user.channels.iter();
            let joined = joined.filter_map(|name| reader.joined_channel(name).ok());
            request.channels =
                joined.map(|(name, found, _)| searched(reader, name, found)).collect();
            request.channels.sort_by_key(|channel| channel.id);
            request.account = reader.user.account().cloned();
        }
    }
    Ok(request)
}

/// Returns a channel to search in, as far as its messages are kept.
fn searched(reader: Reader<'_>, name: ChannelName, found: &Channel) -> SearchedChannel {
    let oldest = reader.state.oldest_readable_in(found);
    let after = (oldest > reader.state.oldest_readable()).then_some(oldest);
    SearchedChannel { id: found.id, name, after }
}

/// Returns the histories of the channels, and the mailbox.
fn histories<'a>(reader: Reader<'a>, request: &SearchRequest) -> impl Iterator<Item = &'a History> {
    let durable = &reader.state.durable;
    let channels = request.channels.iter();
    let channels =
        channels.filter_map(|channel| Some(&durable.channels.get(&channel.name)?.history));
    let account = request.account.as_ref().and_then(|account| durable.account(account));
    channels.chain(account.map(|known| &known.mailbox))
}

/// Merges histories into one sequence, newest first.
fn merge<'a>(
    histories: impl Iterator<Item = &'a History>,
    older_than: Option<MessageId>,
) -> impl Iterator<Item = &'a Arc<Message>> {
    let mut rest: Vec<_> =
        histories.map(|history| history.newest_first(older_than).peekable()).collect();
    let heads = rest.iter_mut().enumerate();
    // The id of the next message of each history, and the index of the history.
    let mut heads: BinaryHeap<(MessageId, usize)> =
        heads.filter_map(|(index, rest)| Some((rest.peek()?.id, index))).collect();
    core::iter::from_fn(move || {
        let (_, index) = heads.pop()?;
        let rest = rest.get_mut(index)?;
        let message = rest.next()?;
        if let Some(head) = rest.peek() {
            heads.push((head.id, index));
        }
        Some(message)
    })
}

/// The most bytes that one search in memory examines. The rest is left to the next page, so that a
/// search holds up the others for a few milliseconds at most.
const SEARCHED_BYTES: usize = 256 * 1024;
/// The cost of a message without its text, in bytes of text.
const MESSAGE_BYTES: usize = 16;
