//! Folds characters, so that different spellings of a word are equal.

use alloc::string::String;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Returns the folded form of a text: NFKC, full case folding, and no diacritics.
pub(super) fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|&c| !is_diacritic(c));
    // Lower, upper and lower case is full case folding: `ẞ` becomes `ß`, `SS` and `ss`, and `ı`
    // becomes `I` and `i`.
    let lower = plain.flat_map(char::to_lowercase);
    let folded = lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    // Case mappings can add marks again.
    let bare = folded.nfkd().filter(|&c| !is_diacritic(c));
    let letters = bare.map(plain_sign).flat_map(base_letters);
    // Voiced kana, Hangul and others whose marks stay are composed.
    letters.nfc().collect()
}

/// Replaces a typographic quotation mark or dash with the one of a keyboard: programs insert them
/// without being asked.
fn plain_sign(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => c,
    }
}

/// Returns true for a mark that words are found without: accents of Latin, Greek and Cyrillic
/// letters, and the points of Hebrew and Arabic. Marks that are letters of their own, such as the
/// vowels of Indic scripts and the voicing of kana, stay. The classes are those of Unicode's
/// `DerivedCombiningClass.txt`.
fn is_diacritic(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=36 | 200..)
}

/// Replaces a letter that Unicode does not decompose with the letters that it is searched with.
fn base_letters(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ł' => ('l', None),
        'ø' => ('o', None),
        'ŧ' => ('t', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        _ => (c, None),
    };
    core::iter::once(first).chain(second)
}
