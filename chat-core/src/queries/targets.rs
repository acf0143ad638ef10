//! Lists the channels and private conversations that have messages of a time.

use super::reader::Reader;
use crate::{ActiveTarget, Event, Message, Target, Timestamp};
use alloc::vec::Vec;

pub(super) fn list(
    reader: Reader<'_>,
    (after, before): (Timestamp, Timestamp),
    limit: usize,
) -> Event {
    let limit = limit.min(reader.state.config.listing);
    let mut targets: Vec<ActiveTarget> = channels(reader).chain(conversations(reader)).collect();
    targets.retain(|target| after < target.at && target.at < before);
    targets.sort_by_key(|target| target.newest);
    let more = targets.len() > limit;
    targets.truncate(limit);
    Event::Targets { targets, more }
}

fn channels(reader: Reader<'_>) -> impl Iterator<Item = ActiveTarget> {
    let state = reader.state;
    reader.user.channels.iter().filter_map(move |name| {
        let channel = state.durable.channels.get(name)?;
        let newest = channel.history.newest_first(None).next()?;
        let is_readable = newest.at >= state.oldest_readable_in(channel);
        is_readable.then(|| active(Target::Channel(name.clone()), newest))
    })
}

fn conversations(reader: Reader<'_>) -> impl Iterator<Item = ActiveTarget> {
    let state = reader.state;
    let account = reader.user.account();
    let known = account.and_then(|account| Some((account, state.durable.account(account)?)));
    known.into_iter().flat_map(move |(account, known)| {
        let found = state.conversations(account).into_vec().into_iter();
        found.filter_map(|found| {
            let newest = known.mailbox.get(found.newest)?;
            Some(active(Target::User(found.nickname), newest))
        })
    })
}

fn active(target: Target, newest: &Message) -> ActiveTarget {
    ActiveTarget { target, newest: newest.id, at: newest.at }
}
