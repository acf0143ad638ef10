//! Being asked to stop: what runs then ends, and takes the servers that it has started with it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Listens for SIGINT, SIGTERM and SIGHUP from now on.
pub(crate) fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| ASKED.store(true, Ordering::Relaxed))
}

/// Whether somebody has asked.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

static ASKED: AtomicBool = AtomicBool::new(false);
