//! Contextual rules for the few characters that are valid only beside certain others (RFC 5892,
//! appendix A).

use unicode_script::{Script, UnicodeScript};

/// Returns true if the character at `index` is allowed in its position.
///
/// Joiners (U+200C, U+200D) are never allowed: they are invisible, and validating them needs
/// joining types, for which there is no table here.
pub(super) fn allows(name: &[char], index: usize) -> bool {
    let before = index.checked_sub(1).map(|i| name[i]);
    let after = name.get(index + 1).copied();
    match name[index] {
        '\u{b7}' => before == Some('l') && after == Some('l'),
        '\u{375}' => after.is_some_and(|c| c.script() == Script::Greek),
        '\u{5f3}' | '\u{5f4}' => before.is_some_and(|c| c.script() == Script::Hebrew),
        '\u{30fb}' => name
            .iter()
            .any(|c| matches!(c.script(), Script::Hiragana | Script::Katakana | Script::Han)),
        '\u{660}'..='\u{669}' => !name.iter().any(|c| matches!(c, '\u{6f0}'..='\u{6f9}')),
        '\u{6f0}'..='\u{6f9}' => !name.iter().any(|c| matches!(c, '\u{660}'..='\u{669}')),
        _ => false,
    }
}
