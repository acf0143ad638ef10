//! Parses requests that look something up.

use super::request::{Problem, Request, Time, Whole, page};
use super::{account, mask, message, operator, read, user, watch};
use crate::times::parse_time;
use chat_core::{Command, HistoryRange, List, MessageId, Query, SearchQuery, Timestamp};
use serde::Deserialize;

/// Returns the engine's command for any request of version 2; `None` for an unknown type.
pub(super) fn command(request: Request) -> Option<Result<Command, Problem>> {
    let query = match request.kind.as_str() {
        "users" => request.read().map(|Users { channel, after, limit }| Query::Users {
            channel,
            after,
            limit: page(limit),
        }),
        "channels" => request
            .read()
            .map(|Channels { after, limit }| Query::Channels { after, limit: page(limit) }),
        "history" => request.read().and_then(History::query),
        "search" => request.read().and_then(Search::query),
        "bans" => request.read().map(|entries: Entries| entries.query(List::Bans)),
        "mutes" => request.read().map(|entries: Entries| entries.query(List::Mutes)),
        "exceptions" => request.read().map(|entries: Entries| entries.query(List::Exceptions)),
        "mute_exceptions" => {
            request.read().map(|entries: Entries| entries.query(List::MuteExceptions))
        }
        "invite_exceptions" => {
            request.read().map(|entries: Entries| entries.query(List::InviteExceptions))
        }
        "invitations" => Ok(Query::Invitations),
        "whois" => request.read().map(|WhoIs { nickname }| Query::User { nickname }),
        "whowas" => request
            .read()
            .map(|WhoWas { nickname, limit }| Query::WasHere { nickname, limit: page(limit) }),
        _ => match account::command(request)
            .or_else(operator::command)
            .or_else(user::command)
            .or_else(watch::command)
            .or_else(mask::command)
            .or_else(message::command)
        {
            Ok(command) => return Some(command),
            Err(request) => match read::command(request) {
                Ok(command) => return Some(command),
                Err(request) => return request.command(),
            },
        },
    };
    Some(query.map(Command::Query))
}

/// Number of messages for a `history` without a `limit`.
const HISTORY_LIMIT: usize = 50;

#[derive(Deserialize)]
struct Users {
    channel: Option<String>,
    after: Option<String>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Channels {
    after: Option<String>,
    limit: Option<Whole<usize>>,
}

/// The history of a channel, or the private messages with a user.
#[derive(Deserialize)]
struct History {
    channel: Option<String>,
    to: Option<String>,
    before: Option<Whole<u64>>,
    after: Option<Whole<u64>>,
    around: Option<Whole<u64>>,
    at: Option<Time>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Search {
    text: String,
    channel: Option<String>,
    from: Option<String>,
    after: Option<String>,
    before: Option<String>,
    older_than: Option<Whole<u64>>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct Entries {
    channel: String,
    offset: Option<Whole<usize>>,
    limit: Option<Whole<usize>>,
}

#[derive(Deserialize)]
struct WhoIs {
    nickname: String,
}

#[derive(Deserialize)]
struct WhoWas {
    nickname: String,
    limit: Option<Whole<usize>>,
}

impl History {
    fn query(self) -> Result<Query, Problem> {
        let ids = [self.before, self.after, self.around];
        let [before, after, around] = ids.map(|id| id.map(|Whole(id)| MessageId(id)));
        let range = match (before, after, around, self.at) {
            (None, None, None, None) => HistoryRange::Latest,
            (Some(id), None, None, None) => HistoryRange::Before(id),
            (None, Some(id), None, None) => HistoryRange::After(id),
            (None, None, Some(id), None) => HistoryRange::Around(id),
            (None, None, None, Some(Time(at))) => HistoryRange::At(at),
            (_, _, _, Some(_)) => {
                return Err(
                    "history: give \"at\" without \"before\", \"after\" and \"around\"".into()
                );
            }
            (_, _, Some(_), None) => {
                return Err("history: give \"around\" without \"before\" and \"after\"".into());
            }
            (Some(_), Some(_), None, None) => {
                return Err("history: give \"before\" or \"after\", not both".into());
            }
        };
        let limit = self.limit.map_or(HISTORY_LIMIT, |Whole(limit)| limit);
        match (self.channel, self.to) {
            (Some(channel), None) => Ok(Query::History { channel, range, limit }),
            (None, Some(nickname)) => Ok(Query::PrivateHistory { nickname, range, limit }),
            (None, None) => Err("history: missing field `channel`".into()),
            (Some(_), Some(_)) => Err("history: give \"channel\" or \"to\", not both".into()),
        }
    }
}

impl Search {
    fn query(self) -> Result<Query, Problem> {
        Ok(Query::Search(Box::new(SearchQuery {
            text: self.text,
            channel: self.channel,
            from: self.from,
            after: time("after", self.after)?,
            before: time("before", self.before)?,
            older_than: self.older_than.map(|Whole(id)| MessageId(id)),
            limit: page(self.limit),
        })))
    }
}

fn time(field: &str, written: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let Some(written) = written else { return Ok(None) };
    match parse_time(&written) {
        Some(at) => Ok(Some(at)),
        None => Err(format!(
            "search: \"{field}\" must be a time such as \"2026-01-01T14:03:22.250Z\", or a date"
        )),
    }
}

impl Entries {
    fn query(self, list: List) -> Query {
        let offset = self.offset.map_or(0, |Whole(offset)| offset);
        Query::List { channel: self.channel, list, offset, limit: page(self.limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::Version;
    use super::*;
    use chat_core::Timestamp;

    #[test]
    fn history_has_one_range() {
        let read = |fields: &str| {
            let request = format!(r#"{{"type":"history","channel":"tea",{fields}}}"#);
            let request = Request::parse(&request).ok();
            match request.and_then(command) {
                Some(Ok(Command::Query(Query::History { range, .. }))) => Ok(range),
                Some(Err(problem)) => Err(problem),
                _ => unreachable!("it is a history"),
            }
        };
        let at = Timestamp::from_millis(1_767_225_600_250);
        assert_eq!(read(r#""at":"2026-01-01T01:00:00.25+01:00""#), Ok(HistoryRange::At(at)));
        for (fields, problem) in [
            (r#""at":"noon""#, "\"noon\" is not a time such as \"2026-01-01T14:03:22Z\""),
            (r#""at":1767225600"#, "invalid type: integer `1767225600`, expected a string"),
            (
                r#""at":"2026-01-01T00:00:00Z","after":1"#,
                "give \"at\" without \"before\", \"after\" and \"around\"",
            ),
            (r#""around":1,"before":2"#, "give \"around\" without \"before\" and \"after\""),
            (r#""before":1,"after":1"#, "give \"before\" or \"after\", not both"),
        ] {
            assert_eq!(read(fields), Err(format!("history: {problem}")));
        }
    }

    #[test]
    fn whole_numbers_may_be_written_with_a_fraction() {
        let limit = |number: &str| {
            let request = format!(r#"{{"type":"history","channel":"tea","limit":{number}}}"#);
            let request = Request::parse(&request).ok();
            match request.and_then(command) {
                Some(Ok(Command::Query(Query::History { limit, .. }))) => Some(limit),
                _ => None,
            }
        };
        assert_eq!(limit("50"), Some(50));
        assert_eq!(limit("50.0"), Some(50));
        assert_eq!(limit("5e1"), Some(50));
        assert_eq!(limit("-0.0"), Some(0));
        for wrong in ["50.5", "-1", "-1.0", "1e300", "\"50\"", "[50]"] {
            assert_eq!(limit(wrong), None, "{wrong}");
        }
        for (version, read) in [("2.0", Ok(Version::Two)), ("1.0", Ok(Version::One))] {
            let hello = Request::parse(&format!(r#"{{"type":"hello","version":{version}}}"#));
            assert_eq!(hello.ok().map(|hello| hello.version()), Some(read));
        }
    }
}
