//! Panics in tasks, which a runtime keeps to itself.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Takes note of every panic from now on.
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

/// The panics on this thread since it was last asked.
pub(crate) fn take() -> Vec<String> {
    SEEN.take()
}
