//! Generates look-ups.

use super::{CHANNELS, LIMITS, NICKNAMES, TEXTS, pick};
use chat_core::{
    AuditId, EventKey, HistoryRange, List, MessageId, Query, Recipient, ReportId, SearchQuery,
    Timestamp,
};

pub(super) fn query(first: u8, second: u8) -> Query {
    let nickname = || String::from(pick(NICKNAMES, second));
    let channel = || String::from(pick(CHANNELS, second));
    let limit = pick(LIMITS, second >> 4);
    match first % 11 {
        0 if second & 8 != 0 => Query::Playback {
            of: if second & 32 != 0 {
                Recipient::Channel(channel())
            } else {
                Recipient::User(nickname())
            },
            range: range(second),
            event: (second & 16 != 0).then_some(EventKey(u64::from(first))),
            limit,
        },
        0 => Query::History { channel: channel(), range: range(second), limit },
        1 => Query::PrivateHistory { nickname: nickname(), range: range(second), limit },
        2 => Query::Users { channel: None, after: (second & 1 == 0).then(nickname), limit },
        3 => Query::Users {
            channel: Some(channel()),
            after: (second & 64 == 0).then(nickname),
            limit,
        },
        4 => Query::Channels { after: (second & 64 == 0).then(channel), limit },
        5 => Query::List {
            channel: channel(),
            list: pick(&List::ALL, second >> 5),
            offset: pick(LIMITS, second),
            limit,
        },
        6 if second & 3 == 2 => {
            let after = (second & 4 == 0).then_some(ReportId(u64::from(first >> 4)));
            Query::Reports { after, limit: usize::from(second >> 5) }
        }
        6 if second & 3 == 1 => {
            let older_than = (second & 4 == 0).then_some(AuditId(u64::from(first)));
            Query::AuditLog { older_than, limit: usize::from(second >> 4) }
        }
        6 if second & 7 == 7 => Query::Targets {
            after: Timestamp::from_millis(1_767_225_600_000 + u64::from(first) * 10),
            before: Timestamp::from_millis(1_767_225_600_000 + u64::from(second) * 1_000),
            limit: usize::from(first >> 4),
        },
        6 if second & 3 == 0 => Query::ServerBans { offset: usize::from(first & 1), limit: 1 },
        6 if first & 1 == 0 => Query::Counts,
        6 => Query::Invitations,
        7 => Query::User { nickname: nickname() },
        8 => Query::WasHere { nickname: nickname(), limit },
        9 => Query::Search(Box::new(SearchQuery {
            channel: (second & 1 == 0).then(channel),
            from: (second & 6 == 0).then(nickname),
            older_than: (second & 24 == 0).then(|| MessageId((second >> 3).into())),
            limit,
            ..SearchQuery::new(pick(TEXTS, first >> 4))
        })),
        _ if second & 1 == 0 => Query::Pins { channel: channel() },
        _ => Query::Topic { channel: channel() },
    }
}

pub(super) fn range(byte: u8) -> HistoryRange {
    let id = MessageId(byte.into());
    let at = Timestamp::from_millis(1_767_225_600_000 + u64::from(byte) * 100);
    match byte % 7 {
        0 => HistoryRange::Latest,
        1 => HistoryRange::Before(id),
        2 => HistoryRange::After(id),
        3 => HistoryRange::At(at),
        4 => HistoryRange::BeforeTime(at),
        5 => HistoryRange::AfterTime(at),
        _ => HistoryRange::Around(id),
    }
}
