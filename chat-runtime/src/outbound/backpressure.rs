//! A signal from a shard to the engine task.

use std::sync::atomic::{AtomicBool, Ordering};

/// True if a socket of another shard has refused bytes since the engine task last looked.
#[derive(Debug, Default)]
pub(crate) struct Backpressure(AtomicBool);

impl Backpressure {
    /// Notes that a socket has refused bytes.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns true if that has happened since the last call.
    pub(crate) fn take(&self) -> bool {
        // The flag is written to only if it is set: a cache line that nobody writes to stays in the
        // caches of both processors.
        self.0.load(Ordering::Acquire) && self.0.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_is_reported_once() {
        let backpressure = Backpressure::default();
        assert!(!backpressure.take());
        backpressure.set();
        backpressure.set();
        assert!(backpressure.take());
        assert!(!backpressure.take());
    }
}
