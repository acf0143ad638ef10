//! Names that look the same although they are spelt differently (UTS #39).

use super::Nickname;
use alloc::boxed::Box;
use alloc::string::String;
use unicode_normalization::UnicodeNormalization;

/// Returns the skeletons of a name. Two names look alike if they have a skeleton in common.
///
/// Two skeletons are needed: that of the folded name (`ALICE` and `alice` with a Cyrillic а), and
/// the folded skeleton of the name as it is shown (`paypaI`, with a capital i, and `paypal`). If
/// they are equal, only one is returned.
///
/// They are computed on each call, which is rare: a nickname is taken once and then kept.
pub(crate) fn skeletons(name: &Nickname) -> impl Iterator<Item = Box<str>> {
    let folded = skeleton(name.folded());
    let composed: String = name.shown().nfkc().collect();
    // For most names both forms are equal, and computing a skeleton is the most expensive step.
    let is_folded = composed == name.folded();
    let lowered =
        if is_folded { folded.to_lowercase() } else { skeleton(&composed).to_lowercase() };
    let shown = Some(skeleton(&lowered)).filter(|shown| *shown != folded);
    core::iter::once(folded).chain(shown).map(String::into_boxed_str)
}

fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}
