//! The command `/history` and its answers.

use super::line_writer::LineWriter;
use super::words;
use crate::times::{Rfc3339, in_utc, parse_rfc3339};
use chat_core::{
    ChannelName, Command, Event, HistoryRange, Message, MessageId, Query, RequestId, Timestamp,
};
use jiff::civil::{DateTime, Time};
use jiff::tz::Offset;
use std::num::NonZero;
use std::sync::Arc;

/// A `/history` as the user has typed it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HistoryLine<'a> {
    /// The channel or user; `None` for the current channel.
    place: Option<Place<'a>>,
    count: usize,
    range: Range<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    Channel(&'a str),
    User(&'a str),
    /// A channel that the user is in, or else a user.
    Either(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range<'a> {
    Latest,
    Before(u64),
    After(u64),
    At(&'a str),
}

pub(super) const USAGE: &str = "/history [#channel|user] [n] \
     [before <id> | after <id> | at <time>]; a time is 14:03, 2026-01-31 or 2026-01-31 14:03, in \
     UTC";

/// The number of messages that are shown if the user gives none.
const DEFAULT_COUNT: usize = 20;

impl<'a> HistoryLine<'a> {
    /// Parses what follows `/history`; `None` if it has another form.
    pub(super) fn parse(rest: &'a str) -> Option<Self> {
        let mut line = Self { place: None, count: DEFAULT_COUNT, range: Range::Latest };
        let (mut word, mut rest) = words::first(rest);
        if !word.is_empty() && !is_keyword(word) && word.parse::<usize>().is_err() {
            line.place = Some(match word.strip_prefix('@') {
                Some(user) => Place::User(user),
                None if word.starts_with('#') => Place::Channel(word),
                None => Place::Either(word),
            });
            (word, rest) = words::first(rest);
        }
        if let Ok(count) = word.parse::<NonZero<usize>>() {
            line.count = count.get();
            (word, rest) = words::first(rest);
        }
        line.range = match word {
            "" => Range::Latest,
            "before" => Range::Before(rest.parse().ok()?),
            "after" => Range::After(rest.parse().ok()?),
            "at" if !rest.is_empty() => Range::At(rest),
            _ => return None,
        };
        Some(line)
    }

    /// Returns the command for the engine, and what the answer has to know of the request.
    /// `channels` are those of the user, of which the last is the current one. `now` is the time of
    /// the command, which a time of day refers to.
    pub(super) fn command(
        &self,
        channels: &[ChannelName],
        now: Timestamp,
    ) -> Result<(RequestId, Command), Problem> {
        let (direction, range) = match self.range {
            Range::Latest => (Direction::Older, HistoryRange::Latest),
            Range::Before(id) => (Direction::Older, HistoryRange::Before(MessageId(id))),
            Range::After(id) => (Direction::Newer, HistoryRange::After(MessageId(id))),
            Range::At(time) => {
                let at = parse_time(time, now).ok_or(Problem::Time)?;
                (Direction::Both, HistoryRange::At(at))
            }
        };
        let limit = self.count;
        let is_joined =
            |word| ChannelName::parse(word).is_ok_and(|channel| channels.contains(&channel));
        let private =
            |user: &str| Query::PrivateHistory { nickname: user.to_owned(), range, limit };
        let public = |channel: &str| Query::History { channel: channel.to_owned(), range, limit };
        let query = match self.place {
            Some(Place::Channel(channel)) => public(channel),
            Some(Place::Either(word)) if is_joined(word) => public(word),
            Some(Place::User(user) | Place::Either(user)) => private(user),
            None => public(channels.last().ok_or(Problem::NoChannel)?.shown()),
        };
        let is_latest = range == HistoryRange::Latest;
        let request = Request { direction, is_latest, count: self.count };
        Ok((request.into(), Command::Query(query)))
    }
}

/// The reason why a line is no command.
pub(super) enum Problem {
    NoChannel,
    Time,
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "before" | "after" | "at")
}

/// Parses a time: RFC 3339, or in UTC a date, a date and a time, or a time of day, which is the
/// last one that is not in the future.
fn parse_time(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(at) = parse_rfc3339(text) {
        return Some(at);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return Some(in_utc(civil));
    }
    let time: Time = text.parse().ok()?;
    let now_millis = i64::try_from(now.as_millis()).ok()?;
    let today = Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(now_millis).ok()?).date();
    let at = in_utc(today.to_datetime(time));
    if at <= now {
        return Some(at);
    }
    Some(in_utc(today.yesterday().ok()?.to_datetime(time)))
}

/// The parts of a request that its answer needs.
struct Request {
    direction: Direction,
    is_latest: bool,
    count: usize,
}

/// The direction in which a page goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Older,
    Newer,
    Both,
}

impl From<Request> for RequestId {
    fn from(Request { direction, is_latest, count }: Request) -> Self {
        let direction = match direction {
            Direction::Older if is_latest => "latest",
            Direction::Older => "older",
            Direction::Newer => "newer",
            Direction::Both => "both",
        };
        Self(format!("{direction} {count}").into())
    }
}

impl Request {
    fn of(request: Option<&RequestId>) -> Self {
        let (direction, count) =
            request.and_then(|RequestId(id)| id.split_once(' ')).unwrap_or_default();
        let (direction, is_latest) = match direction {
            "newer" => (Direction::Newer, false),
            "both" => (Direction::Both, false),
            "older" => (Direction::Older, false),
            _ => (Direction::Older, true),
        };
        Self { direction, is_latest, count: count.parse().unwrap_or(DEFAULT_COUNT) }
    }
}

/// Writes a page of history, and the commands for the pages next to it. `is_current` is true if it
/// is of the current channel.
pub(super) fn write(
    lines: &mut LineWriter<'_>,
    at: Timestamp,
    request: Option<&RequestId>,
    event: &Event,
    is_current: bool,
) {
    let request = Request::of(request);
    if let Event::History { channel, messages, more } = event {
        let place = if is_current { String::new() } else { format!(" {channel}") };
        let page = Page { messages, more: *more, place: &place };
        page.write(lines, at, request, &|is_latest, direction| match is_latest {
            true => format!("nothing has been said in {channel} yet"),
            false => format!("no {direction} messages in {channel}"),
        });
    } else if let Event::PrivateHistory { nickname, messages, more } = event {
        let page = Page { messages, more: *more, place: &format!(" @{nickname}") };
        page.write(lines, at, request, &|is_latest, direction| match is_latest {
            true => format!("no private messages with {nickname}"),
            false => format!("no {direction} private messages with {nickname}"),
        });
    }
}

/// A page of history.
struct Page<'a> {
    messages: &'a [Arc<Message>],
    more: bool,
    /// The channel or user in the commands for other pages, after a space.
    place: &'a str,
}

impl Page<'_> {
    fn write(
        &self,
        lines: &mut LineWriter<'_>,
        at: Timestamp,
        request: Request,
        nothing: &dyn Fn(bool, &str) -> String,
    ) {
        let Request { direction, is_latest, count } = request;
        let (Some(first), Some(last)) = (self.messages.first(), self.messages.last()) else {
            let direction = match direction {
                Direction::Older => "older",
                Direction::Newer => "newer",
                Direction::Both => "such",
            };
            return lines.system(at, None, &nothing(is_latest, direction));
        };
        let count = if count == DEFAULT_COUNT { String::new() } else { format!(" {count}") };
        let place = self.place;
        let mut day = day_of(at);
        for message in self.messages {
            let own_day = day_of(message.at);
            if std::mem::replace(&mut day, own_day) != own_day {
                let date = Rfc3339::from(message.at);
                lines.plain(&format!("-- {} --", &date.as_str()[..10]));
            }
            lines.history_message(message);
        }
        if self.more && direction != Direction::Newer {
            let text = format!("older messages: /history{place}{count} before {}", first.id.0);
            lines.system(at, None, &text);
        }
        if self.more && direction != Direction::Older {
            let text = format!("newer messages: /history{place}{count} after {}", last.id.0);
            lines.system(at, None, &text);
        }
    }
}

/// Returns the number of a day, in UTC.
fn day_of(at: Timestamp) -> u64 {
    at.as_millis() / DAY_MILLIS
}

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_a_place_a_count_and_a_range() {
        let line = |place, count, range| Some(HistoryLine { place, count, range });
        let rust = Some(Place::Channel("#rust"));
        for (rest, expected) in [
            ("", line(None, 20, Range::Latest)),
            ("5", line(None, 5, Range::Latest)),
            ("#rust", line(rust, 20, Range::Latest)),
            ("#rust 5 before 41", line(rust, 5, Range::Before(41))),
            ("bob after 7", line(Some(Place::Either("bob")), 20, Range::After(7))),
            ("@at", line(Some(Place::User("at")), 20, Range::Latest)),
            ("at 14:03", line(None, 20, Range::At("14:03"))),
            ("#rust at 2026-01-31 14:03", line(rust, 20, Range::At("2026-01-31 14:03"))),
            ("before", None),
            ("before noon", None),
            ("after -1", None),
            ("at", None),
            ("bob carol", None),
            ("5 6", None),
            ("0", None),
        ] {
            assert_eq!(HistoryLine::parse(rest), expected, "{rest}");
        }
    }

    #[test]
    fn times_are_in_utc_and_not_in_the_future() {
        let millis = |text| parse_rfc3339(text).expect("a time");
        let now = millis("2026-01-31T14:00:00Z");
        for (text, expected) in [
            ("14:00", "2026-01-31T14:00:00Z"),
            ("14:00:01", "2026-01-30T14:00:01Z"),
            ("2026-01-30", "2026-01-30T00:00:00Z"),
            ("2026-01-30 08:15", "2026-01-30T08:15:00Z"),
            ("2026-01-30T08:15", "2026-01-30T08:15:00Z"),
            ("2026-01-30T08:15:00+01:00", "2026-01-30T07:15:00Z"),
            ("2099-01-01", "2099-01-01T00:00:00Z"),
            ("1969-12-31", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(parse_time(text, now), Some(millis(expected)), "{text}");
        }
        for wrong in ["noon", "5", "25:00", "2026-02-30", ""] {
            assert_eq!(parse_time(wrong, now), None, "{wrong}");
        }
    }
}
