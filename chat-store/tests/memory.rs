//! The store in memory passes its own tests.

use chat_core::{Config, Timestamp};
use chat_store::conformance::{self, Subject};
use chat_store::{MemoryStore, Opened};

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
