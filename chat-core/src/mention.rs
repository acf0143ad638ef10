//! Mentions of users in messages.

use crate::{Nickname, Text};

/// Returns true if a text contains one of the nicknames as a word, with or without `@` before it.
/// Case and width do not matter.
pub(crate) fn mentions(text: &Text, names: &[&Nickname]) -> bool {
    text.as_str().split_whitespace().any(|word| names.iter().any(|name| is_mention(word, name)))
}

/// Returns true if a word is a nickname, apart from punctuation around it.
fn is_mention(word: &str, name: &Nickname) -> bool {
    let folded = name.folded();
    // Folding can make a name shorter or longer, but most names have ASCII characters only.
    if folded.is_ascii() && word.is_ascii() && word.len() < folded.len() {
        return false;
    }
    let word = word.trim_start_matches(is_opening);
    let is_name = |word: &str| {
        word.eq_ignore_ascii_case(folded)
            || !word.is_ascii() && Nickname::parse(word).is_ok_and(|parsed| parsed == *name)
    };
    // A nickname may end with punctuation itself.
    is_name(word) || {
        let bare = word.trim_end_matches(is_closing);
        let bare = bare.strip_suffix("'s").unwrap_or(bare);
        is_name(bare)
    }
}

fn is_opening(c: char) -> bool {
    matches!(c, '@' | '(' | '[' | '<' | '"' | '\'' | '*' | '`' | '“' | '‘' | '¿' | '¡')
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        ',' | '.'
            | ':'
            | ';'
            | '!'
            | '?'
            | ')'
            | ']'
            | '>'
            | '"'
            | '\''
            | '*'
            | '`'
            | '”'
            | '’'
            | '…'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_as_a_word_is_a_mention() {
        let alice = Nickname::parse("alice").expect("a nickname");
        let is_mentioned = |text: &str| mentions(&Text::clean(text), &[&alice]);
        let mentioned = [
            "alice",
            "Alice: hi",
            "hi @ALICE!",
            "(alice)",
            "ask alice's friend",
            "ａｌｉｃｅ?",
            "“alice”",
            "hi\talice",
        ];
        for text in mentioned {
            assert!(is_mentioned(text), "{text}");
        }
        for text in ["malice", "alice2", "alic", "", "alice-bob", "@", "a.lice"] {
            assert!(!is_mentioned(text), "{text}");
        }
    }

    #[test]
    fn name_that_ends_with_punctuation_is_found() {
        let name = Nickname::parse("dot.").expect("a nickname");
        assert!(mentions(&Text::clean("hi dot."), &[&name]));
    }
}
