//! Splits a text into tokens.

use super::fold::fold;
use alloc::format;
use alloc::string::String;
use unicode_properties::{
    GeneralCategory as Category, GeneralCategoryGroup as Group, UnicodeGeneralCategory,
};
use unicode_script::{Script, UnicodeScript};

/// Returns the folded tokens of a text, each with a space before it, and a space at the end; an
/// empty string if there is none. No token contains a space or a control character.
///
/// ```
/// use chat_core::search::tokens;
///
/// assert_eq!(tokens("Don't use C++!"), " don ' t use c + + ! ");
/// assert_eq!(tokens("Größe 東京"), " grosse 東 京 ");
/// ```
pub fn tokens(text: &str) -> String {
    Tokens::of(text).0
}

/// Returns the version of the tokens: texts have the same tokens as long as it is the same. An
/// index of another version has to be made anew.
pub fn tokens_version() -> String {
    let [normal, properties, scripts, case] = [
        version(unicode_normalization::UNICODE_VERSION),
        version(unicode_properties::UNICODE_VERSION),
        version(unicode_script::UNICODE_VERSION),
        version(char::UNICODE_VERSION),
    ];
    format!("{RULES}, Unicode {normal} {properties} {scripts} {case}")
}

/// The version of the rules in this module and in `fold`. It changes with them.
const RULES: u32 = 1;

/// The longest word, in characters. What follows is another token, so that an index needs no longer
/// ones.
const WORD: usize = 64;

/// The end of the tokens that were written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// A separator.
    None,
    /// A word of this many characters.
    Word(usize),
    /// A letter of a script without spaces. Marks after it belong to it.
    Letter,
    /// A punctuation mark or a symbol.
    Sign,
}

/// The tokens that were written.
pub(super) struct Tokens {
    text: String,
    open: Open,
}

impl Tokens {
    /// Returns the tokens of a text, and their end.
    pub(super) fn of(text: &str) -> (String, Open) {
        let mut tokens = Self { text: String::with_capacity(text.len() + 16), open: Open::None };
        tokens.add(text);
        tokens.finish()
    }

    fn add(&mut self, text: &str) {
        // Most messages need no tables.
        if text.is_ascii() {
            return text.bytes().for_each(|byte| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    self.word(byte.to_ascii_lowercase().into());
                }
                b'!'..=b'~' => self.sign(byte.into()),
                b'\t'..=b'\r' | b' ' => self.open = Open::None,
                // Other control characters.
                _ => {}
            });
        }
        fold(text).chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.open = Open::None;
            return;
        }
        if is_ignored(c) {
            return;
        }
        match c.general_category_group() {
            // A frame around a character, such as that of a keycap, makes it no other character.
            Group::Mark if c.general_category() == Category::EnclosingMark => {}
            Group::Mark if self.open == Open::Letter => self.text.push(c),
            Group::Letter | Group::Mark | Group::Number => {
                if stands_alone(c) {
                    self.begin(c, Open::Letter);
                } else {
                    self.word(c);
                }
            }
            Group::Punctuation | Group::Symbol => self.sign(c),
            Group::Other => {
                if matches!(c.general_category(), Category::PrivateUse | Category::Unassigned) {
                    self.sign(c);
                }
            }
            Group::Separator => {}
        }
    }

    fn word(&mut self, c: char) {
        match self.open {
            Open::Word(length) if length < WORD => {
                self.text.push(c);
                self.open = Open::Word(length + 1);
            }
            Open::Word(_) | Open::None | Open::Letter | Open::Sign => self.begin(c, Open::Word(1)),
        }
    }

    fn sign(&mut self, c: char) {
        self.begin(c, Open::Sign);
    }

    fn begin(&mut self, c: char, open: Open) {
        self.text.push(' ');
        self.text.push(c);
        self.open = open;
    }

    fn finish(mut self) -> (String, Open) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        (self.text, self.open)
    }
}

/// Returns true for a letter that is a token of its own: words of its script are not separated.
fn stands_alone(c: char) -> bool {
    // The marks that lengthen or repeat kana belong to several scripts.
    matches!(c, '\u{30fc}' | '\u{3031}'..='\u{3035}')
        || matches!(
            c.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Hangul
                | Script::Bopomofo
                | Script::Yi
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
}

/// Returns true for a character that is not seen, or that only makes a word longer. Those of the
/// category Cf are found by their category.
fn is_ignored(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{640}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn version((major, minor, update): (impl Into<u64>, impl Into<u64>, impl Into<u64>)) -> String {
    let (major, minor, update): (u64, u64, u64) = (major.into(), minor.into(), update.into());
    format!("{major}.{minor}.{update}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn spellings_of_a_word_have_the_same_tokens() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σισυφος"),
            ("İstanbul", "istanbul"),
            ("ISPARTA ısparta", "isparta Isparta"),
            ("Đà Nẵng", "da nang"),
            ("Tiếng Việt", "tieng viet"),
            ("crème brûlée", "creme brulee"),
            ("Łódź", "lodz"),
            ("Ørsted Æon œuvre", "orsted aeon oeuvre"),
            ("ё й", "е и"),
            ("ﬁne ① ½", "fine 1 1⁄2"),
            ("Ｗｉｄｅ", "wide"),
            ("ｶﾞ", "ガ"),
            ("don’t “so” — ok", "don't \"so\" - ok"),
            ("co\u{ad}op", "coop"),
            ("כָּתַב", "כתב"),
            ("كَتَبَ ك\u{640}تب أب", "كتب كتب اب"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(tokens(one), tokens(other), "{one}");
            assert!(!tokens(one).is_empty());
        }
    }

    #[test]
    fn letters_that_differ_have_different_tokens() {
        for (one, other) in [("が", "か"), ("कि", "कु"), ("пить", "петь"), ("1", "l"), ("한", "하")]
        {
            assert_ne!(tokens(one), tokens(other), "{one} {other}");
        }
    }

    #[test]
    fn words_signs_and_letters_are_tokens() {
        for (text, expected) in [
            ("user-name snake_case", " user - name snake _ case "),
            ("c++ #rust \"x\"", " c + + # rust \" x \" "),
            ("a\u{7f}b\tc\nd", " ab c d "),
            ("rust語abc", " rust 語 abc "),
            ("ラーメン", " ラ ー メ ン "),
            ("안녕 ㅋㅋ", " 안 녕 ᄏ ᄏ "),
            ("ไทย น้ำ", " ไ ท ย น\u{e49}\u{e4d} า "),
            ("नमस्ते", " नमस्ते "),
            ("👩‍💻 1️⃣ #️⃣", " 👩 💻 1 # "),
            ("\u{e000}x", " \u{e000} x "),
            (" \u{200b}\t", ""),
            ("", ""),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn long_word_is_several_tokens() {
        let word = "a".repeat(2 * WORD + 1);
        let lengths: alloc::vec::Vec<_> = tokens(&word).split_whitespace().map(str::len).collect();
        assert_eq!(lengths, [WORD, WORD, 1]);
    }

    #[test]
    fn tokens_of_any_character_are_stable_and_without_separators() {
        for c in '\0'..=char::MAX {
            let once = tokens(&c.to_string());
            let is_separator = |c: char| c != ' ' && (c.is_whitespace() || c.is_control());
            assert!(!once.contains(is_separator), "U+{:04X}", u32::from(c));
            assert_eq!(tokens(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn ascii_has_the_same_tokens_next_to_other_characters() {
        for byte in 0..0x80_u8 {
            let text = format!("x{}y", char::from(byte));
            let beside = tokens(&format!("{text} é"));
            assert_eq!(beside.strip_suffix("e "), Some(&*tokens(&text)), "{byte}");
        }
    }
}
