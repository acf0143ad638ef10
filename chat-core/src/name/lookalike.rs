//! Names that look the same although they are spelt differently (UTS #39).

use super::Nickname;
use alloc::boxed::Box;
use alloc::string::String;
use unicode_normalization::UnicodeNormalization;

/// What a name looks like. Two names may be mistaken for each other when they have a skeleton in
/// common.
///
/// Two skeletons are needed: that of the folded name (`ALICE` and `alice` with a Cyrillic а), and
/// the folded skeleton of the name as it is shown (`paypaI`, with a capital i, and `paypal`). They
/// are often equal, and then it is one.
///
/// They are made anew each time: a name is taken once, and kept for as long as somebody has it.
pub(crate) fn skeletons(name: &Nickname) -> impl Iterator<Item = Box<str>> {
    let folded = skeleton(name.folded());
    let composed: String = name.shown().nfkc().collect();
    // Most names are written as they are compared, and a skeleton takes longer than all the rest.
    let is_folded = composed == name.folded();
    let lowered =
        if is_folded { folded.to_lowercase() } else { skeleton(&composed).to_lowercase() };
    let shown = Some(skeleton(&lowered)).filter(|shown| *shown != folded);
    core::iter::once(folded).chain(shown).map(String::into_boxed_str)
}

fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}
