//! Collects panics in tasks, which the runtime catches without failing the run.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Records every panic from now on.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let otherwise = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            SEEN.with_borrow_mut(|seen| seen.push(format!("a panic: {info}")));
            otherwise(info);
        }));
    });
    SEEN.take();
}

/// Returns the panics on this thread since the last call.
pub(crate) fn take() -> Vec<String> {
    SEEN.take()
}
