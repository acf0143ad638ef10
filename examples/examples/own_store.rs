//! A store of your own: a file to which each round of records is appended as one line of JSON. It
//! is read back at the start, and passes the tests that every store has to pass:
//!
//! ```console
//! $ cargo test -p chat-examples --example own_store
//! $ cargo run -p chat-examples --example own_store    # in another terminal: nc 127.0.0.1 5000
//! ```

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_runtime::chat_core::{Config, StampedRecord, Timestamp, VersionedRecord};
use chat_runtime::chat_dialects::TextDialect;
use chat_runtime::chat_store::{MemoryStore, Opened, Reader, Store, StoreError};
use chat_runtime::{Clock, Server, SystemClock};
use fs4::fs_std::FileExt;
use std::error::Error;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, Write};
use std::path::Path;
use transport_tcp::TcpFrontEnd;

/// The file, and everything in it. All of it is in memory, which a store for many messages avoids.
struct LogStore {
    file: File,
    /// The length of all rounds that are committed.
    length: u64,
    memory: MemoryStore,
}

impl LogStore {
    fn open(path: &Path, config: &Config, now: Timestamp) -> Result<Opened, StoreError> {
        let mut options = File::options();
        let mut file = options.create(true).read(true).append(true).open(path).map_err(failed)?;
        // A second server that writes to the file would destroy it.
        if !file.try_lock_exclusive().map_err(failed)? {
            return Err(unusable(path, "another process has it"));
        }
        if file.metadata().map_err(failed)?.len() == 0 {
            // The state begins with the lobby, which was created at this time.
            writeln!(&file, "{}", now.as_millis()).map_err(failed)?;
        }
        file.rewind().map_err(failed)?;
        let mut lines = BufReader::new(file.try_clone().map_err(failed)?);
        let mut created = String::new();
        let length = lines.read_line(&mut created).map_err(failed)? as u64;
        let created = created.trim_end().parse().map_err(|_| unusable(path, "another format"))?;
        let memory = MemoryStore::new(config, Timestamp::from_millis(created));
        let mut store = Self { file, length, memory };
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            // A round without its line end was cut short by a crash, so nobody has seen it.
            if line.last() != Some(&b'\n') {
                break;
            }
            let round: Vec<VersionedRecord> =
                serde_json::from_slice(&line).map_err(|error| unusable(path, error))?;
            let round: Vec<_> = round
                .into_iter()
                .map(|VersionedRecord { at, record, .. }| StampedRecord { at, record })
                .collect();
            store.memory.commit(&round)?;
            store.length += line.len() as u64;
            line.clear();
        }
        store.file.set_len(store.length).map_err(failed)?;
        let Opened { state, .. } = store.memory.open();
        Ok(Opened::new(store, state))
    }
}

impl Store for LogStore {
    /// One line, so that all records of a round are there or none. When this returns, the line
    /// outlasts a loss of power.
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        let round: Vec<_> = records
            .iter()
            .map(|stamped| VersionedRecord::new(stamped.at, stamped.record.clone()))
            .collect();
        let mut line = serde_json::to_vec(&round).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        match self.file.write_all(&line) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                // The server tries again with the same records.
                self.file.set_len(self.length).map_err(failed)?;
                return Err(StoreError::Full(error.to_string()));
            }
            Err(error) => return Err(failed(error)),
        }
        // After this has failed, nobody knows what is on the disk. The server stops, and reads the
        // file at its next start.
        self.file.sync_data().map_err(failed)?;
        self.length += line.len() as u64;
        self.memory.commit(records)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.memory.reader()
    }
}

fn unusable(path: &Path, why: impl Display) -> StoreError {
    StoreError::Unusable(format!("cannot use {}: {why}", path.display()))
}

fn failed(error: io::Error) -> StoreError {
    StoreError::Failed(error.to_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store =
        LogStore::open(Path::new("chat.log"), &Config::default(), SystemClock::new().now())?;
    let tcp = TcpFrontEnd::bind("127.0.0.1:5000".parse()?, TextDialect::bracket())?;
    println!("storing in chat.log; nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());
    Server::new().store(store).front_end(tcp).run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_runtime::chat_store::conformance::{self, Subject};
    use tempfile::TempDir;

    struct Folder(TempDir);

    impl Subject for Folder {
        fn open(&mut self, recent: usize, now: Timestamp) -> Opened {
            let config = Config {
                history_per_channel: recent,
                mailbox_per_account: recent,
                ..Config::default()
            };
            LogStore::open(&self.0.path().join("chat.log"), &config, now).expect("it opens")
        }
    }

    #[test]
    fn it_passes_the_tests_of_all_stores() {
        conformance::check_cases(|| Folder(tempfile::tempdir().expect("a folder")), 20);
    }

    #[test]
    fn a_round_that_was_cut_short_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chat.log");
        std::fs::write(&path, "7\n[{\"version\":1,\"at\":8,").expect("it is written");
        let now = Timestamp::from_millis(9);
        let opened = LogStore::open(&path, &Config::default(), now).expect("it opens");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"7\n");
        drop(opened);
    }
}
