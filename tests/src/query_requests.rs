//! Encodes look-ups as requests of JSON version 2.

use chat_runtime::chat_core::{HistoryRange, Query, SearchQuery, Timestamp};
use serde_json::{Value, json};

pub(crate) fn with(mut object: Value, field: &str, value: &Option<String>) -> Value {
    if let Some(value) = value {
        object[field] = json!(value);
    }
    object
}

pub(crate) fn history(field: &str, place: &str, range: HistoryRange, limit: usize) -> Value {
    let mut history = json!({ "type": "history", field: place, "limit": limit });
    match range {
        HistoryRange::Latest => {}
        HistoryRange::Before(id) => history["before"] = json!(id.0),
        HistoryRange::After(id) => history["after"] = json!(id.0),
        HistoryRange::Around(id) => history["around"] = json!(id.0),
        HistoryRange::At(at) => history["at"] = json!(rfc3339(at)),
        // JSON has no requests for them.
        HistoryRange::BeforeTime(_) | HistoryRange::AfterTime(_) | _ => {
            unreachable!("a variant that this test does not know")
        }
    }
    history
}

/// Writes a time as RFC 3339 has it.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let millis = i64::try_from(at.as_millis()).expect("a time of a script");
    let at = jiff::Timestamp::from_millisecond(millis).expect("a time of a script");
    format!("{at:.3}")
}

pub(crate) fn search(search: &SearchQuery) -> Value {
    let SearchQuery { text, channel, from, after, before, older_than, limit } = search;
    let object = json!({ "type": "search", "text": text, "limit": limit });
    let mut object = with(with(object, "channel", channel), "from", from);
    object = with(object, "after", &after.map(rfc3339));
    object = with(object, "before", &before.map(rfc3339));
    if let Some(bound) = older_than {
        object["older_than"] = json!(bound.0);
    }
    object
}

pub(crate) fn look_up(query: &Query) -> Value {
    match query {
        Query::Search(query) => search(query),
        Query::History { channel, range, limit } => history("channel", channel, *range, *limit),
        Query::PrivateHistory { nickname, range, limit } => history("to", nickname, *range, *limit),
        Query::Users { channel, after, limit } => {
            let users = with(json!({ "type": "users", "limit": limit }), "channel", channel);
            with(users, "after", after)
        }
        Query::Channels { after, limit } => {
            with(json!({ "type": "channels", "limit": limit }), "after", after)
        }
        Query::Pins { channel } => json!({ "type": "pins", "channel": channel }),
        Query::Topic { channel } => json!({ "type": "topic", "channel": channel }),
        Query::Modes { channel } => json!({ "type": "modes", "channel": channel }),
        Query::List { channel, list, offset, limit } => json!({
            "type": list.name(), "channel": channel, "offset": offset, "limit": limit,
        }),
        Query::Missed { after, limit } => {
            json!({ "type": "missed", "after": after.0, "limit": limit })
        }
        Query::Reports { after, limit } => {
            let mut request = json!({ "type": "reports" });
            if let Some(after) = after {
                request["after"] = json!(after.0);
            }
            if *limit != usize::MAX {
                request["limit"] = json!(limit);
            }
            request
        }
        Query::AuditLog { older_than, limit } => {
            let mut request = json!({ "type": "audit_log" });
            if let Some(older_than) = older_than {
                request["older_than"] = json!(older_than.0);
            }
            if *limit != usize::MAX {
                request["limit"] = json!(limit);
            }
            request
        }
        Query::ServerBans { offset, limit } => {
            let mut request = json!({ "type": "server_bans", "offset": offset });
            if *limit != usize::MAX {
                request["limit"] = json!(limit);
            }
            request
        }
        Query::Targets { after, before, limit } => json!({
            "type": "targets", "after": rfc3339(*after), "before": rfc3339(*before), "limit": limit,
        }),
        Query::Counts => json!({ "type": "counts" }),
        Query::Invitations => json!({ "type": "invitations" }),
        Query::User { nickname } => json!({ "type": "whois", "nickname": nickname }),
        Query::WasHere { nickname, limit } => {
            json!({ "type": "whowas", "nickname": nickname, "limit": limit })
        }
        Query::Playback { .. } | _ => unreachable!("a variant that this test does not know"),
    }
}
