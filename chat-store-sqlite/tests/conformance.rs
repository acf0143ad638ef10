//! The store passes the tests of all stores.

use chat_core::Timestamp;
use chat_store::Opened;
use chat_store::conformance::{self, Subject};
use chat_store_sqlite::{Durability, SqliteOptions};
use tempfile::TempDir;

struct File(TempDir);

impl Subject for File {
    fn open(&mut self, recent: usize, now: Timestamp) -> Opened {
        let mut options = SqliteOptions::default();
        options.recent = recent;
        options.durability = Durability::Process;
        options.open(self.0.path().join("chat.db"), now).expect("it opens")
    }
}

#[test]
fn sqlite_store_conforms() {
    conformance::check(|| File(tempfile::tempdir().expect("a folder")));
}
