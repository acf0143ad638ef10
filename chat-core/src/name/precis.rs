//! The PRECIS FreeformClass (RFC 8264) and the mapping by which names are compared (RFC 8266).
//!
//! The crates that implement PRECIS need `std`, so the class is derived here, as RFC 8264 §8 says,
//! from general categories and normalisation. A test compares the result with `precis-core` for
//! every code point that its tables know.

use alloc::string::{String, ToString};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{
    GeneralCategory as Category, GeneralCategoryGroup as Group, UnicodeGeneralCategory,
};

/// The verdict of RFC 8264 on a character in the FreeformClass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Valid,
    /// Valid if its neighbours allow it (RFC 5892, appendix A).
    Contextual,
    Disallowed,
}

/// Derives the property of a character, in the order of RFC 8264 §8.
pub(super) fn freeform(c: char) -> Verdict {
    if let Some(exception) = exception(c) {
        return exception;
    }
    if c.is_ascii_graphic() {
        return Verdict::Valid;
    }
    if matches!(c, '\u{200c}' | '\u{200d}') {
        return Verdict::Contextual;
    }
    if is_old_hangul_jamo(c) || is_ignorable(c) {
        return Verdict::Disallowed;
    }
    match c.general_category_group() {
        Group::Letter | Group::Mark | Group::Number | Group::Punctuation | Group::Symbol => {
            Verdict::Valid
        }
        Group::Separator if c.general_category() == Category::SpaceSeparator => Verdict::Valid,
        Group::Other
            if matches!(
                c.general_category(),
                Category::Format | Category::Surrogate | Category::PrivateUse
            ) && has_compatibility_form(c) =>
        {
            Verdict::Valid
        }
        Group::Separator | Group::Other => Verdict::Disallowed,
    }
}

/// Returns true if a character is a combining mark (general categories Mn, Mc, Me).
pub(super) fn is_mark(c: char) -> bool {
    c.general_category_group() == Group::Mark
}

/// Maps a name to the form in which names are compared: NFKC and lower case, until nothing changes
/// (RFC 8266 §2.4).
pub(super) fn fold(name: &str) -> String {
    // A fast path: most names are ASCII, which normalisation does not change, and every command
    // about a channel folds its name.
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = fold_once(name);
    // RFC 8266 requires at most three further applications; all of Unicode is stable sooner.
    for _ in 0..3 {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(name: &str) -> String {
    let composed: String = name.nfkc().collect();
    composed.to_lowercase().nfkc().to_string()
}

/// RFC 8264 §9.6.
fn exception(c: char) -> Option<Verdict> {
    match c {
        '\u{df}' | '\u{3c2}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => {
            Some(Verdict::Valid)
        }
        '\u{b7}'
        | '\u{375}'
        | '\u{5f3}'
        | '\u{5f4}'
        | '\u{30fb}'
        | '\u{660}'..='\u{669}'
        | '\u{6f0}'..='\u{6f9}' => Some(Verdict::Contextual),
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => {
            Some(Verdict::Disallowed)
        }
        _ => None,
    }
}

/// RFC 8264 §9.9: conjoining Hangul jamo (Hangul_Syllable_Type L, V or T).
fn is_old_hangul_jamo(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11ff}'
            | '\u{a960}'..='\u{a97c}'
            | '\u{d7b0}'..='\u{d7c6}'
            | '\u{d7cb}'..='\u{d7fb}'
    )
}

/// RFC 8264 §9.13: default ignorable characters and non-characters, as far as the general category
/// does not rule them out by itself (Unicode's `DerivedCoreProperties.txt`).
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn has_compatibility_form(c: char) -> bool {
    !core::iter::once(c).nfkc().eq([c])
}

#[cfg(test)]
mod tests {
    use super::*;
    use precis_core::{DerivedPropertyValue, FreeformClass, StringClass};

    #[test]
    fn freeform_class_agrees_with_precis_core() {
        let peer = FreeformClass::default();
        for c in '\0'..=char::MAX {
            let expected = match peer.get_value_from_char(c) {
                DerivedPropertyValue::PValid | DerivedPropertyValue::SpecClassPval => {
                    Verdict::Valid
                }
                DerivedPropertyValue::ContextJ | DerivedPropertyValue::ContextO => {
                    Verdict::Contextual
                }
                DerivedPropertyValue::SpecClassDis | DerivedPropertyValue::Disallowed => {
                    Verdict::Disallowed
                }
                // Its tables are of Unicode 6.3; ours include later characters.
                DerivedPropertyValue::Unassigned => continue,
            };
            assert_eq!(freeform(c), expected, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn folding_is_idempotent() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }
}
