//! The stored forms of a name.

use alloc::boxed::Box;

/// The shown form and the folded form of a name, which are equal for most names.
pub(super) struct Forms {
    folded: Box<str>,
    /// `None` if it equals the folded form.
    shown: Option<Box<str>>,
}

impl Forms {
    pub(super) fn new(shown: &str, folded: &str) -> Self {
        Self { folded: folded.into(), shown: (shown != folded).then(|| shown.into()) }
    }

    pub(super) fn shown(&self) -> &str {
        self.shown.as_ref().unwrap_or(&self.folded)
    }

    pub(super) fn folded(&self) -> &str {
        &self.folded
    }
}
