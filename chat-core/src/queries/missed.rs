//! Reads the messages that a client has not received while it had no connection.

use super::reader::Reader;
use crate::durable::{Channel, History, Stored};
use crate::{
    ChannelName, Event, HistoryRange, Message, MessageId, MissedRequest, Question, Target,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Answers from memory.
pub(super) fn read(reader: Reader<'_>, after: MessageId, limit: usize) -> Event {
    let limit = reader.history_limit(limit);
    page(known(reader, after, limit), limit, false)
}

/// Answers with the messages of the host's store, and those in memory up to the one that was the
/// newest when the host was asked. Later ones were delivered to the session meanwhile, and memory
/// may have lost some of them again.
pub(super) fn read_stored(
    reader: Reader<'_>,
    (after, limit): (MessageId, usize),
    request: &MissedRequest,
    stored: Stored,
) -> Event {
    let limit = reader.history_limit(limit);
    // Further messages of the store may lie between its last one and those in memory.
    let newest_stored = stored.messages.iter().map(|message| message.id).max();
    let end = newest_stored.filter(|_| stored.more).unwrap_or(request.up_to);
    let is_missed = |message: &Arc<Message>| is_missed(reader, after, message);
    let mut messages: Vec<Arc<Message>> = known(reader, after, limit);
    messages.extend(stored.messages.into_iter().filter(is_missed));
    messages.retain(|message| message.id <= end);
    page(messages, limit, stored.more)
}

/// Returns the oldest of some messages. Of those with the same id the first counts.
fn page(mut messages: Vec<Arc<Message>>, limit: usize, more: bool) -> Event {
    messages.sort_by_key(|message| message.id);
    messages.dedup_by_key(|message| message.id);
    let more = more || messages.len() > limit;
    messages.truncate(limit);
    Event::Missed { messages, more, changed: Vec::new() }
}

/// Returns the question to the host if messages may be missed that are no longer in memory.
pub(super) fn question(reader: Reader<'_>, after: MessageId, limit: usize) -> Option<Question> {
    let asks = !is_in_memory(reader, after);
    asks.then(|| Question::Missed(Box::new(request(reader, after, limit))))
}

/// Returns true if memory has all messages that are missed, as far as they have not expired.
pub(crate) fn is_in_memory(reader: Reader<'_>, after: MessageId) -> bool {
    let state = reader.state;
    let lacks = |history: &History, oldest, after, reach| {
        !history.since(oldest).has_expired() && history.ends_after(after, reach)
    };
    let mut channels = channels(reader, after);
    let mailbox = reader.user.account().and_then(|account| state.durable.account(account));
    !channels.any(|(_, channel, after)| {
        let oldest = state.oldest_readable_in(channel);
        lacks(&channel.history, oldest, after, state.reach.channel)
    }) && !mailbox.is_some_and(|known| {
        lacks(&known.mailbox, state.oldest_readable(), after, state.reach.mailbox)
    })
}

/// Returns the request for all histories with missed messages. Those that are in memory are part of
/// it, because they may be lost from there before the host answers.
fn request(reader: Reader<'_>, after: MessageId, limit: usize) -> MissedRequest {
    let state = reader.state;
    let up_to = state.durable.last_message();
    let mut request = MissedRequest::new(reader.history_limit(limit), up_to);
    for (name, channel, after) in channels(reader, after) {
        if channel.history.may_follow(after) {
            request = request.with_channel(name.clone(), channel.id, after);
        }
    }
    if let Some(account) = reader.user.account()
        && state.durable.account(account).is_some_and(|known| known.mailbox.may_follow(after))
    {
        request = request.with_mailbox(account.clone(), after);
    }
    request
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
        Target::Members { .. } => false,
        Target::User(_) => message.id > after && message.at >= state.oldest_readable(),
    }
}
