//! Reads messages together with events.

use super::reader::Reader;
use super::{history, private_history};
use crate::durable::{RecentEvents, Stored};
use crate::{
    Event, EventKey, HistoryRange, Message, MessageId, Playback, PlaybackItem, QueryResult,
    Question, Refusal, Target, Timestamp,
};
use alloc::borrow::Cow;
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
    of: &Target,
    part: Part,
    stored: Option<Stored>,
) -> QueryResult {
    let (kept, oldest) = kept(reader, of)?;
    let place = place(&kept, part);
    let limit = reader.history_limit(part.limit);
    let (target, messages, more) = messages(reader, of, (place.messages, limit), stored)?;
    let first = kept.all().partition_point(|event| event.at < oldest);
    let (items, more) = if place.messages.is_backwards() {
        let cut = place.before.saturating_sub(limit).max(first);
        let items = merge(messages, &kept, cut..place.before);
        let more = more || cut > first || items.len() > limit;
        (last(items, limit), more)
    } else if place.messages.is_forwards() {
        let items = merge_after(messages, &kept, place.up_to.max(first), (limit, more));
        let more = more || items.len() > limit;
        (items.into_iter().take(limit).collect(), more)
    } else {
        let middle = messages.partition_point(|message| place.messages.is_after(message));
        let mut older = messages;
        let newer = older.split_off(middle);
        let is_full = more && newer.len() >= limit - limit / 2;
        let older = merge(older, &kept, first..place.before.max(first));
        let newer = merge_after(newer, &kept, place.before.max(first), (limit, is_full));
        let count = older.len() + newer.len();
        let mut items = last(older, limit / 2);
        let rest = limit - items.len();
        items.extend(newer.into_iter().take(rest));
        let more = more || items.len() < count;
        (items, more)
    };
    Ok(Event::Playback(Box::new(Playback { target, items, more })))
}

/// Returns the question to the host if the page reaches beyond the messages in memory.
pub(super) fn question(
    reader: Reader<'_>,
    of: &Target,
    part: Part,
) -> Result<Option<Question>, Refusal> {
    let range = place(&kept(reader, of)?.0, part).messages;
    match of {
        Target::Channel(channel) | Target::Members { channel, .. } => {
            history::question(reader, channel, range, part.limit)
        }
        Target::User(nickname) => private_history::question(reader, nickname, range, part.limit),
    }
}

/// Returns the events that are kept with a history, and the time of the oldest that may be read.
fn kept<'a>(
    reader: Reader<'a>,
    of: &Target,
) -> Result<(Cow<'a, RecentEvents>, Timestamp), Refusal> {
    match of {
        Target::Channel(channel) | Target::Members { channel, .. } => {
            let (_, found, _) = reader.joined_channel(channel)?;
            let oldest = reader.state.oldest_readable_in(found);
            Ok((Cow::Borrowed(&found.presence.events), oldest))
        }
        Target::User(nickname) => {
            let account = reader.user.account().ok_or(Refusal::AccountNeeded)?;
            let signals = reader.user.signals().filter(|event| {
                let Event::Signalled(signal) = event else { return false };
                private_history::is_with((&signal.sender, &signal.target), account, nickname)
            });
            Ok((Cow::Owned(signals), reader.state.oldest_readable()))
        }
    }
}

/// Returns a page of messages, and the name of its target as it was first written.
fn messages(
    reader: Reader<'_>,
    of: &Target,
    (range, limit): (HistoryRange, usize),
    stored: Option<Stored>,
) -> Result<(Target, Vec<Arc<Message>>, bool), Refusal> {
    let history = match of {
        Target::Channel(channel) | Target::Members { channel, .. } => {
            history::read(reader, channel, range, limit, stored)
        }
        Target::User(nickname) => private_history::read(reader, nickname, range, limit, stored),
    }?;
    if let Event::History { channel, messages, more } = history {
        Ok((Target::Channel(channel), messages, more))
    } else if let Event::PrivateHistory { nickname, messages, more } = history {
        Ok((Target::User(nickname), messages, more))
    } else {
        Err(Refusal::HistoryUnavailable)
    }
}

/// Finds a part of a history. If the event that it begins at is no longer kept, its time counts.
fn place(kept: &RecentEvents, Part { range, event, .. }: Part) -> Place {
    let events = kept.all();
    let begin = match range {
        HistoryRange::BeforeTime(at) | HistoryRange::AfterTime(at) | HistoryRange::At(at) => {
            event.and_then(|key| kept.find(at, key))
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
fn merge(messages: Vec<Arc<Message>>, kept: &RecentEvents, events: Range<usize>) -> Vec<Item> {
    let events = if events.is_empty() { 0..0 } else { events };
    let events = kept.all().range(events).cloned().map(PlaybackItem::Event);
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
    kept: &RecentEvents,
    from: usize,
    (limit, more): (usize, bool),
) -> Vec<Item> {
    let events = kept.all();
    let last = messages.last().map(|message| message.id).filter(|_| more);
    let end = last.map_or(events.len(), |id| events.partition_point(|event| event.after <= id));
    // One more than the page has room for shows that there are more.
    let end = end.min(from.saturating_add(limit).saturating_add(1));
    merge(messages, kept, from..end)
}

fn last(mut items: Vec<Item>, limit: usize) -> Vec<Item> {
    items.split_off(items.len().saturating_sub(limit))
}
