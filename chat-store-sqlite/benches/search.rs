//! Measures searches, pages of history and starts of a store with many messages:
//!
//!     cargo bench -p chat-store-sqlite --bench search [-- MESSAGES]
//!
//! The default is 1,000,000 messages in 200 channels, of which half are in the first ten, with
//! words that are as frequent as those of natural languages (Zipf's law).

#![allow(clippy::print_stdout, reason = "it prints its results")]

use chat_core::search::SearchRequest;
use chat_core::{
    Actor, ChannelId, ChannelName, HistoryRange, Message, MessageId, Modes, Nickname, Record,
    StampedRecord, StatusSet, Target, Text, Timestamp, UserInfo,
};
use chat_store::{Found, Reader};
use chat_store_sqlite::{Durability, SqliteOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const CHANNELS: u64 = 200;
const WORDS: u64 = 30_000;
const SENDERS: u64 = 1_000;

fn main() {
    let count = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let count = count.unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chat.db");
    let mut options = SqliteOptions::default();
    options.durability = Durability::Process;
    let mut store = options.open(&path, START).expect("it opens").store;
    let size = || std::fs::metadata(&path).map_or(0, |data| data.len()) / count;

    let begun = Instant::now();
    let created: Vec<_> = (2..=CHANNELS).map(created).collect();
    store.commit(&created).expect("it commits");
    let senders: Vec<Arc<UserInfo>> = (0..SENDERS).map(sender).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut id = 0;
    while id < count {
        let round: Vec<_> =
            (id + 1..=(id + 64).min(count)).map(|id| said(id, &senders, &mut random)).collect();
        id += round.len() as u64;
        store.commit(&round).expect("it commits");
    }
    println!("{count} messages committed, most of them indexed: {:.1?}", begun.elapsed());
    let begun = Instant::now();
    while store.maintain(START).expect("it does its work") {}
    let index = index_bytes(&path) / count;
    println!(
        "the rest indexed: {:.1?}; {} bytes a message, of which the index has {index}",
        begun.elapsed(),
        size()
    );

    let mut reader = store.reader().expect("it can be read");
    let everywhere = || (1..=CHANNELS.min(50)).collect::<Vec<_>>();
    for (what, text, channels) in [
        ("a word of half of the messages", word(0), everywhere()),
        ("a letter", "w".into(), everywhere()),
        ("two letters", "w1".into(), everywhere()),
        ("two common words", format!("{} {}", word(0), word(1)), everywhere()),
        ("a word of few messages", word(20_000), everywhere()),
        ("a common and a rare word", format!("{} {}", word(0), word(20_000)), everywhere()),
        ("a sign", "!".into(), everywhere()),
        ("a common word in a small channel", word(0), vec![CHANNELS]),
        (
            "a common word and a rare one in a small channel",
            format!("{} {}", word(0), word(20_000)),
            vec![CHANNELS],
        ),
        ("nothing", "absent".into(), everywhere()),
    ] {
        let mut request = SearchRequest::new(Text::clean(&text), 50);
        for channel in channels {
            request = request.with_channel(ChannelId(channel), channel_name(channel));
        }
        let (first, found) = measure(&mut *reader, &request);
        request.older_than = Some(MessageId(count / 10));
        let (deep, _) = measure(&mut *reader, &request);
        let number = found.messages.len();
        println!("{what}: {first:.2?} for {number} results, {deep:.2?} far back");
    }
    measure_pages(&mut *reader, &path, count);
    drop((reader, store));
    let mut starts: Vec<Duration> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            options.open(&path, START).expect("it opens");
            begun.elapsed()
        })
        .collect();
    println!("a start, and the stop after it: {:.2?}", median(&mut starts));
}

/// Measures pages of the lobby's history, and for each what its query costs alone.
fn measure_pages(reader: &mut dyn Reader, path: &Path, count: u64) {
    let connection = rusqlite::Connection::open(path).expect("it opens");
    let mut query = connection
        .prepare(
            "SELECT messages.id, at, recipient, senders.sender, kind, text, data FROM messages \
             JOIN senders ON senders.id = messages.sender \
             WHERE channel = 1 AND messages.id < ? ORDER BY messages.id DESC LIMIT 51",
        )
        .expect("it is valid");
    let (mut pages, mut queries) = (Vec::new(), Vec::new());
    for number in 1..=1_000 {
        let before = count * number / 1_000;
        let begun = Instant::now();
        let range = HistoryRange::Before(MessageId(before));
        let page = reader.history(ChannelId(1), &ChannelName::lobby(), range, 50).expect("a page");
        pages.push(begun.elapsed());
        let begun = Instant::now();
        let mut rows = query.query((before.cast_signed(),)).expect("rows");
        let mut found = 0;
        while let Some(row) = rows.next().expect("a row") {
            let text = row.get_ref(5).and_then(|text| Ok(text.as_str()?)).expect("a text");
            found += usize::from(!text.is_empty());
        }
        queries.push(begun.elapsed());
        assert_eq!(page.messages.len(), found.min(50));
    }
    let (page, query) = (median(&mut pages), median(&mut queries));
    let ratio = page.as_secs_f64() / query.as_secs_f64();
    println!("a page of history: {page:.2?}, {ratio:.2} times its query alone, {query:.2?}");
}

/// Returns the size of the tables of the index.
fn index_bytes(path: &Path) -> u64 {
    let connection = rusqlite::Connection::open(path).expect("it opens");
    let data = "SELECT (SELECT sum(length(block) + 8) FROM search_data) \
                + (SELECT sum(length(sz) + 12) FROM search_docsize)";
    let bytes: i64 = connection.query_row(data, (), |row| row.get(0)).expect("a number");
    bytes.unsigned_abs()
}

/// Returns the median time of a search, and its result.
fn measure(reader: &mut dyn Reader, request: &SearchRequest) -> (Duration, Found) {
    let mut times = Vec::new();
    let mut found = Found::default();
    for _ in 0..9 {
        let begun = Instant::now();
        found = reader.search(request).expect("it searches");
        times.push(begun.elapsed());
    }
    (median(&mut times), found)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn channel_name(channel: u64) -> ChannelName {
    match channel {
        1 => ChannelName::lobby(),
        _ => ChannelName::parse(&format!("c{channel}")).expect("a name"),
    }
}

fn created(channel: u64) -> StampedRecord {
    let record = Record::ChannelCreated {
        channel: channel_name(channel),
        id: ChannelId(channel),
        by: Actor::Server,
        owner: None,
        statuses: StatusSet::default(),
        modes: Modes::default(),
        kept: true,
    };
    StampedRecord { at: START, record }
}

fn sender(number: u64) -> Arc<UserInfo> {
    Arc::new(UserInfo::guest(Nickname::parse(&format!("user{number}")).expect("a nickname")))
}

fn said(id: u64, senders: &[Arc<UserInfo>], random: &mut Random) -> StampedRecord {
    let at = START + Duration::from_millis(id * 100);
    let channel =
        if random.below(2) == 0 { 1 + random.below(10) } else { 1 + random.below(CHANNELS) };
    let mut text: Vec<String> = (0..3 + random.below(14)).map(|_| word(random.zipf())).collect();
    if random.below(4) == 0 {
        text.push("!".into());
    }
    let sender = senders[usize::try_from(random.below(SENDERS)).expect("it is small")].clone();
    let target = Target::Channel(channel_name(channel));
    let message = Message::new(MessageId(id), at, sender, target, Text::clean(&text.join(" ")));
    let record =
        Record::Said { message: Arc::new(message), recipient: None, nonce: None, away: None };
    StampedRecord { at, record }
}

/// Returns a word of five to seven letters; lower numbers are more frequent.
fn word(rank: u64) -> String {
    format!("w{}{rank:x}", ["alp", "bet", "gam", "del", "1eps"][rank as usize % 5])
}

/// Numbers that are the same in every run (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A rank by Zipf's law: each power of two has the same probability.
    fn zipf(&mut self) -> u64 {
        let magnitude = self.below(15);
        (self.below(1 << magnitude) + (1 << magnitude) - 1).min(WORDS - 1)
    }
}
