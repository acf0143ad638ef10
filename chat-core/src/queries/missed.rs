//! Reads the messages that a client has not received while it had no connection.

use super::reader::Reader;
use crate::durable::{Channel, History, Stored};
use crate::{
    ChannelName, Event, HistoryRange, Message, MessageId, MissedChannel, MissedRequest, Question,
    Target,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Answers from memory, and from the messages of the host's store if it was asked for them.
pub(super) fn read(
    reader: Reader<'_>,
    after: MessageId,
    limit: usize,
    stored: Option<Stored>,
) -> Event {
    let limit = reader.history_limit(limit);
    let stored = stored.unwrap_or(Stored { messages: Vec::new(), more: false });
    // Further messages of the store may lie between its last one and those in memory.
    let newest_stored = stored.messages.iter().map(|message| message.id).max();
    let end = newest_stored.filter(|_| stored.more);
    let mut messages: Vec<Arc<Message>> = known(reader, after, limit);
    messages
        .extend(stored.messages.into_iter().filter(|message| is_missed(reader, after, message)));
    messages.retain(|message| end.is_none_or(|end| message.id <= end));
    // The sort is stable, so that the first of equals is the one in memory.
    messages.sort_by_key(|message| message.id);
    messages.dedup_by_key(|message| message.id);
    let more = stored.more || messages.len() > limit;
    messages.truncate(limit);
    Event::Missed { messages, more }
}

/// Returns the question to the host if messages may be missed that are no longer in memory.
pub(super) fn question(reader: Reader<'_>, after: MessageId, limit: usize) -> Option<Question> {
    let request = request(reader, after, limit);
    let asks = !request.channels.is_empty() || request.mailbox.is_some();
    asks.then(|| Question::Missed(Box::new(request)))
}

/// Returns true if memory has all messages that are missed, as far as they have not expired.
pub(crate) fn is_in_memory(reader: Reader<'_>, after: MessageId) -> bool {
    question(reader, after, 1).is_none()
}

/// Returns the histories that reach beyond memory.
fn request(reader: Reader<'_>, after: MessageId, limit: usize) -> MissedRequest {
    let state = reader.state;
    let is_beyond = |history: &History, oldest, after, limit| {
        !history.since(oldest).has_expired() && history.ends_after(after, limit)
    };
    let reach = state.reach;
    let channels = channels(reader, after).filter(|(_, channel, after)| {
        is_beyond(&channel.history, state.oldest_readable_in(channel), *after, reach.channel)
    });
    let channels = channels.map(|(name, channel, after)| MissedChannel {
        channel: name.clone(),
        id: channel.id,
        after,
    });
    let account = reader.user.account().and_then(|account| {
        let known = state.durable.account(account)?;
        is_beyond(&known.mailbox, state.oldest_readable(), after, reach.mailbox)
            .then(|| (account.clone(), after))
    });
    let limit = reader.history_limit(limit);
    MissedRequest { channels: channels.collect(), mailbox: account, limit }
}

/// Returns the channels of the user, each with the message after which messages are missed.
fn channels<'a>(
    reader: Reader<'a>,
    after: MessageId,
) -> impl Iterator<Item = (&'a ChannelName, &'a Channel, MessageId)> {
    let state = reader.state;
    reader.user.channels.iter().filter_map(move |name| {
        let channel = state.durable.channels.get(name)?;
        let since = state.member_since(channel, reader.id)?;
        Some((name, &**channel, since.max(after)))
    })
}

/// Returns the missed messages in memory: the oldest ones of each history, one more than a page.
fn known(reader: Reader<'_>, after: MessageId, limit: usize) -> Vec<Arc<Message>> {
    let state = reader.state;
    let page = |history: &History, oldest, after| {
        let range = HistoryRange::After(after);
        history.since(oldest).page(range, limit.saturating_add(1)).0
    };
    let mut messages: Vec<Arc<Message>> = channels(reader, after)
        .flat_map(|(_, channel, after)| {
            page(&channel.history, state.oldest_readable_in(channel), after)
        })
        .collect();
    let mailbox = reader.user.account().and_then(|account| state.durable.account(account));
    if let Some(known) = mailbox {
        messages.extend(page(&known.mailbox, state.oldest_readable(), after));
    }
    messages
}

/// Returns true if a message of the store is one that the user has missed and may read.
fn is_missed(reader: Reader<'_>, after: MessageId, message: &Message) -> bool {
    let state = reader.state;
    match &message.target {
        Target::Channel(name) => {
            let Some(channel) = state.durable.channels.get(name) else { return false };
            let since = state.member_since(channel, reader.id);
            since.is_some_and(|since| message.id > since.max(after))
                && message.at >= state.oldest_readable_in(channel)
        }
        Target::User(_) => message.id > after && message.at >= state.oldest_readable(),
    }
}
