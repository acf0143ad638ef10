//! What a name is kept as.

use alloc::boxed::Box;

/// A name as it was written and as it is compared, which for most names is the same.
pub(super) struct Forms {
    folded: Box<str>,
    /// `None`: as it is compared.
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
