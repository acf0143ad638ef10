//! Parses requests for parts of histories.

use super::ScriptProblem;
use super::step::START;
use super::words::{Words, recipient};
use crate::{EventKey, HistoryRange, MessageId, Query};

/// Parses a part of a history, and the size of its page.
pub(super) fn range(
    words: &mut Words<'_>,
    usage: &'static str,
) -> Result<(HistoryRange, usize), ScriptProblem> {
    let (range, limit, _) = part(words, usage)?;
    Ok((range, limit))
}

/// Parses a request for messages and events.
pub(super) fn playback(words: &mut Words<'_>) -> Result<Query, ScriptProblem> {
    let usage = "playback #CHANNEL|@USER \
         [before|after|around ID | at|earlier|later TIME [event KEY]] [limit N]";
    let of = recipient(words, usage)?;
    let (range, limit, event) = part(words, usage)?;
    Ok(Query::Playback { of, range, event, limit })
}

fn part(
    words: &mut Words<'_>,
    usage: &'static str,
) -> Result<(HistoryRange, usize, Option<EventKey>), ScriptProblem> {
    let wrong = || ScriptProblem::Usage(usage);
    let (mut range, mut limit, mut event) = (HistoryRange::Latest, usize::MAX, None);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(wrong)?;
        let number = || value.parse().map_err(|_| wrong());
        let time = || {
            let elapsed = crate::config::parse_duration(value);
            Ok(START + elapsed.ok_or_else(wrong)?)
        };
        match word {
            "at" => range = HistoryRange::At(time()?),
            "earlier" => range = HistoryRange::BeforeTime(time()?),
            "later" => range = HistoryRange::AfterTime(time()?),
            "event" => event = Some(EventKey(u64::from_str_radix(value, 16).map_err(|_| wrong())?)),
            "before" => range = HistoryRange::Before(MessageId(number()?)),
            "after" => range = HistoryRange::After(MessageId(number()?)),
            "around" => range = HistoryRange::Around(MessageId(number()?)),
            "limit" => limit = usize::try_from(number()?).unwrap_or(usize::MAX),
            _ => return Err(wrong()),
        }
    }
    Ok((range, limit, event))
}
