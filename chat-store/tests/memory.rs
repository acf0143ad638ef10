//! The store in memory passes its own tests.

use chat_core::{
    ChannelId, ChannelName, Config, HistoryRange, Message, MessageId, Modes, Nickname, Record,
    StampedRecord, Target, Text, Timestamp, UserInfo,
};
use chat_store::conformance::{self, Subject};
use chat_store::{MemoryStore, Opened, Store};
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Memory(Option<MemoryStore>);

impl Subject for Memory {
    fn open(&mut self, recent: usize, now: Timestamp) -> Opened {
        let config = Config {
            history_per_channel: recent,
            mailbox_per_account: recent,
            ..Config::default()
        };
        self.0.get_or_insert_with(|| MemoryStore::new(&config, now)).open()
    }
}

#[test]
fn memory_store_conforms() {
    conformance::check(Memory::default);
}

#[test]
fn messages_above_the_age_of_their_channel_are_deleted() {
    let start = Timestamp::from_millis(1_000_000);
    let mut store = MemoryStore::new(&Config::default(), start);
    let alice = UserInfo::guest(Nickname::parse("alice").expect("a name"));
    let said = |id: u64| {
        let at = start + Duration::from_secs(id);
        let target = Target::Channel(ChannelName::lobby());
        let sender = Arc::new(alice.clone());
        let message = Arc::new(Message::new(MessageId(id), at, sender, target, Text::clean("hi")));
        StampedRecord {
            at,
            record: Record::Said { message, recipient: None, nonce: None, away: None },
        }
    };
    let modes = Modes { keep: Some(Duration::from_secs(60)), ..Modes::default() };
    let changed = Record::ModesChanged { channel: ChannelName::lobby(), modes };
    store
        .commit(&[StampedRecord { at: start, record: changed }, said(1), said(2), said(3)])
        .expect("it commits");
    let mut first_at = |seconds| {
        store.prune(start + Duration::from_secs(seconds)).expect("it prunes");
        let mut reader = store.reader().expect("it can be read");
        let lobby = ChannelName::lobby();
        let page = reader.history(ChannelId(1), &lobby, HistoryRange::Latest, 10);
        page.expect("it reads").messages.first().map(|first| first.id.0)
    };
    assert_eq!([61, 62, 63, 64].map(&mut first_at), [Some(1), Some(2), Some(3), None]);
}
