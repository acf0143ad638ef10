//! A disk that outlasts its server, and its faults.

use chat_runtime::chat_core::{Config, StampedRecord, Timestamp};
use chat_runtime::chat_store::{MemoryStore, Opened, Reader, Store, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A disk with the records of a server. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<Contents>>);

#[derive(Debug)]
struct Contents {
    records: Vec<StampedRecord>,
    /// The number of records that outlast a loss of power.
    synced: usize,
    syncs_each_commit: bool,
    is_full: bool,
    /// The number of commits that find no room at first.
    slow_commits: u32,
    /// The fault of the next commit: true if its records are written nevertheless.
    next_failure: Option<bool>,
}

impl Disk {
    pub(crate) fn new(syncs_each_commit: bool) -> Self {
        Self(Arc::new(Mutex::new(Contents {
            records: Vec::new(),
            synced: 0,
            syncs_each_commit,
            is_full: false,
            slow_commits: 0,
            next_failure: None,
        })))
    }

    /// Opens the store on the disk.
    pub(crate) fn open(&self, config: &Config, now: Timestamp) -> Opened {
        let mut store = MemoryStore::new(config, now);
        let committed = store.commit(&self.contents().records);
        committed.expect("memory has room");
        let Opened { state, .. } = store.open();
        Opened::new(DiskStore { disk: self.clone(), store }, state)
    }

    /// Loses everything that was not synced.
    pub(crate) fn lose_power(&self) {
        let mut contents = self.contents();
        let synced = contents.synced;
        contents.records.truncate(synced);
    }

    /// Ends or begins a time in which there is no room.
    pub(crate) fn fill(&self, is_full: bool) {
        self.contents().is_full = is_full;
    }

    /// Lets the next commits find no room, once for each call.
    pub(crate) fn slow_down(&self, attempts: u32) {
        self.contents().slow_commits = attempts;
    }

    /// Lets the next commit fail.
    pub(crate) fn fail_next(&self, is_written: bool) {
        self.contents().next_failure = Some(is_written);
    }

    /// Ends all faults.
    pub(crate) fn repair(&self) {
        let mut contents = self.contents();
        contents.is_full = false;
        contents.slow_commits = 0;
        contents.next_failure = None;
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The store on a [`Disk`].
struct DiskStore {
    disk: Disk,
    /// A copy that is read.
    store: MemoryStore,
}

impl Store for DiskStore {
    fn commit(&mut self, records: &[StampedRecord]) -> Result<(), StoreError> {
        let mut contents = self.disk.contents();
        if contents.is_full || contents.slow_commits > 0 {
            contents.slow_commits = contents.slow_commits.saturating_sub(1);
            return Err(StoreError::Full("the simulated disk is full".into()));
        }
        let failure = contents.next_failure.take();
        if failure == Some(false) {
            return Err(StoreError::Failed("the simulated disk has failed".into()));
        }
        contents.records.extend_from_slice(records);
        if contents.syncs_each_commit {
            contents.synced = contents.records.len();
        }
        if failure == Some(true) {
            return Err(StoreError::Failed("the simulated disk failed to sync".into()));
        }
        drop(contents);
        self.store.commit(records)
    }

    fn blocks(&self) -> bool {
        false
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        let mut contents = self.disk.contents();
        contents.synced = contents.records.len();
        Ok(())
    }
}
