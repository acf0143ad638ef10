//! Names that look the same although they are spelt differently (UTS #39).

use alloc::boxed::Box;
use alloc::string::String;
use unicode_normalization::UnicodeNormalization;

/// What a name looks like. Two names may be mistaken for each other when they have a skeleton in common.
///
/// Two skeletons are needed: that of the folded name (`ALICE` and `alice` with a Cyrillic а), and the folded skeleton
/// of the name as it is shown (`paypaI`, with a capital i, and `paypal`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skeletons {
    folded: Box<str>,
    shown: Box<str>,
}

impl Skeletons {
    pub(super) fn of(shown: &str, folded: &str) -> Self {
        let composed: String = shown.nfkc().collect();
        let lowered = skeleton(&composed).to_lowercase();
        Self { folded: skeleton(folded).into(), shown: skeleton(&lowered).into() }
    }

    /// Both skeletons; they are often equal.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let second = (self.shown != self.folded).then_some(&*self.shown);
        core::iter::once(&*self.folded).chain(second)
    }
}

fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}
