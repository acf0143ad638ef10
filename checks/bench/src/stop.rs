//! Stopping by a signal: the current run ends, and with it the servers that it has started.

use std::sync::atomic::{AtomicBool, Ordering};

/// Installs the handler of SIGINT, SIGTERM and SIGHUP.
pub(crate) fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed))
}

/// Returns true if a signal has arrived.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

static REQUESTED: AtomicBool = AtomicBool::new(false);
