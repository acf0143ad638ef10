//! Reads a channel's history together with its events.

use super::history;
use super::reader::Reader;
use crate::durable::{Channel, Stored};
use crate::{
    ChannelName, Event, EventKey, HistoryRange, Message, MessageId, Playback, PlaybackItem,
    QueryResult, Question, Refusal,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

type Item = PlaybackItem<Event>;

/// The part of a history that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) range: HistoryRange,
    /// The event at the time of the range, which the range begins at.
    pub(super) event: Option<EventKey>,
    pub(super) limit: usize,
}

/// The same part, as far as it is known where it is.
struct Place {
    /// The part of the messages.
    messages: HistoryRange,
    /// The number of events before the part, or before the middle of it.
    before: usize,
    /// The number of events up to the event that the part begins at.
    up_to: usize,
}

pub(super) fn read(
    reader: Reader<'_>,
    channel: &ChannelName,
    part: Part,
    stored: Option<Stored>,
) -> QueryResult {
    let (_, found, _) = reader.joined_channel(channel)?;
    let place = place(found, part);
    let limit = reader.history_limit(part.limit);
    let history = history::read(reader, channel, place.messages, limit, stored)?;
    let Event::History { channel, messages, more } = history else {
        return Err(Refusal::HistoryUnavailable);
    };
    let oldest = reader.state.oldest_readable_in(found);
    let first = found.presence.events.all().partition_point(|event| event.at < oldest);
    let (items, more) = if place.messages.is_backwards() {
        let cut = place.before.saturating_sub(limit).max(first);
        let items = merge(messages, found, cut..place.before);
        let more = more || cut > first || items.len() > limit;
        (last(items, limit), more)
    } else if place.messages.is_forwards() {
        let items = merge_after(messages, found, place.up_to.max(first), (limit, more));
        let more = more || items.len() > limit;
        (items.into_iter().take(limit).collect(), more)
    } else {
        let middle = messages.partition_point(|message| place.messages.is_after(message));
        let mut older = messages;
        let newer = older.split_off(middle);
        let is_full = more && newer.len() >= limit - limit / 2;
        let older = merge(older, found, first..place.before.max(first));
        let newer = merge_after(newer, found, place.before.max(first), (limit, is_full));
        let count = older.len() + newer.len();
        let mut items = last(older, limit / 2);
        let rest = limit - items.len();
        items.extend(newer.into_iter().take(rest));
        let more = more || items.len() < count;
        (items, more)
    };
    Ok(Event::Playback(Box::new(Playback { channel, items, more })))
}

/// Returns the question to the host if the page reaches beyond the messages in memory.
pub(super) fn question(
    reader: Reader<'_>,
    channel: &ChannelName,
    part: Part,
) -> Result<Option<Question>, Refusal> {
    let (_, found, _) = reader.joined_channel(channel)?;
    history::question(reader, channel, place(found, part).messages, part.limit)
}

/// Finds a part of a history. If the event that it begins at is no longer kept, its time counts.
fn place(channel: &Channel, Part { range, event, .. }: Part) -> Place {
    let events = channel.presence.events.all();
    let begin = match range {
        HistoryRange::BeforeTime(at) | HistoryRange::AfterTime(at) | HistoryRange::At(at) => {
            event.and_then(|key| channel.presence.events.find(at, key))
        }
        HistoryRange::Latest
        | HistoryRange::Before(_)
        | HistoryRange::After(_)
        | HistoryRange::Around(_) => None,
    };
    if let Some(index) = begin {
        let after = events[index].after;
        let next = MessageId(after.0.saturating_add(1));
        let messages = if range.is_backwards() {
            HistoryRange::Before(next)
        } else if range.is_forwards() {
            HistoryRange::After(after)
        } else {
            HistoryRange::Around(next)
        };
        return Place { messages, before: index, up_to: index + 1 };
    }
    let before = match range {
        HistoryRange::Latest => events.len(),
        HistoryRange::Before(id) | HistoryRange::After(id) | HistoryRange::Around(id) => {
            events.partition_point(|event| event.after < id)
        }
        HistoryRange::BeforeTime(at) | HistoryRange::At(at) => {
            events.partition_point(|event| event.at < at)
        }
        HistoryRange::AfterTime(at) => events.partition_point(|event| event.at <= at),
    };
    Place { messages: range, before, up_to: before }
}

/// Returns messages and events, oldest first.
fn merge(messages: Vec<Arc<Message>>, channel: &Channel, events: Range<usize>) -> Vec<Item> {
    let events = if events.is_empty() { 0..0 } else { events };
    let events = channel.presence.events.all().range(events).cloned().map(PlaybackItem::Event);
    let mut items: Vec<Item> =
        messages.into_iter().map(PlaybackItem::Message).chain(events).collect();
    // The sort is stable, so that events after the same message keep their order.
    items.sort_by_key(PlaybackItem::place);
    items
}

/// Returns messages and the events from one on, oldest first. If there are more messages, the
/// events that may follow one of those are left out.
fn merge_after(
    messages: Vec<Arc<Message>>,
    channel: &Channel,
    from: usize,
    (limit, more): (usize, bool),
) -> Vec<Item> {
    let events = channel.presence.events.all();
    let last = messages.last().map(|message| message.id).filter(|_| more);
    let end = last.map_or(events.len(), |id| events.partition_point(|event| event.after <= id));
    // One more than the page has room for shows that there are more.
    let end = end.min(from.saturating_add(limit).saturating_add(1));
    merge(messages, channel, from..end)
}

fn last(mut items: Vec<Item>, limit: usize) -> Vec<Item> {
    items.split_off(items.len().saturating_sub(limit))
}
