//! Names that look the same although they are spelt differently (UTS #39 §4).
//!
//! Two names look alike if they have the same skeleton. Three pairs of ASCII letters and digits,
//! which UTS #39 lists as confusable, are exempt, because users need both names of pairs such as
//! `modem` and `modern`, or `user1` and `userl`: `m` and `rn`, `0` and `O`, and `1`, `l` and `I`. A
//! difference in any other character counts, so that a Cyrillic `О` looks like `O` and like `0`.

use super::Nickname;
use alloc::boxed::Box;
use alloc::string::String;
use unicode_normalization::UnicodeNormalization;

/// A form in which a name is compared with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Equal for all names that look the same according to UTS #39.
    pub(crate) skeleton: Box<str>,
    /// The name with each exempt letter or digit replaced by the representative of its pair. If two
    /// names have the same skeleton and the same spelling, they differ only in exempt pairs, and do
    /// not look alike. `None` if it equals the skeleton, as for most names.
    pub(crate) spelling: Option<Box<str>>,
}

impl Look {
    fn new(skeleton: String, spelling: String) -> Self {
        let spelling = (spelling != skeleton).then(|| spelling.into_boxed_str());
        Self { skeleton: skeleton.into_boxed_str(), spelling }
    }
}

/// Returns the forms in which a name is compared. Two names look alike if they have a skeleton in
/// common, with different spellings.
///
/// Two forms are needed: that of the folded name (`ALICE` and `alice` with a Cyrillic а), and the
/// folded skeleton of the name as it is shown (`Ιan`, with a Greek capital iota, and `lan`). If
/// their skeletons are equal, only one is returned.
///
/// They are computed on each call, which is rare: a nickname is taken once and then kept.
pub(crate) fn looks(name: &Nickname) -> impl Iterator<Item = Look> {
    let folded = Look::new(skeleton(name.folded()), spelling(name.folded()));
    let composed: String = name.shown().nfkc().collect();
    // For most names both forms are equal, and computing a skeleton is the most expensive step.
    let is_folded = composed == name.folded();
    let lowered =
        if is_folded { folded.skeleton.to_lowercase() } else { skeleton(&composed).to_lowercase() };
    let shown = skeleton(&lowered);
    let shown = (*shown != *folded.skeleton).then(|| Look::new(shown, spelling(&composed)));
    core::iter::once(folded).chain(shown)
}

fn skeleton(name: &str) -> String {
    if !name.is_ascii() {
        return unicode_security::skeleton(name).collect();
    }
    // Most names are ASCII, and searching the tables of Unicode is the largest cost of a login.
    let mut skeleton = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        match ascii_prototype(c) {
            Some(prototype) => skeleton.push_str(prototype),
            None => skeleton.push(c),
        }
    }
    skeleton
}

/// Returns the prototype of an ASCII character in UTS #39, unless it is the character itself. A
/// test compares it with the tables of Unicode.
fn ascii_prototype(c: char) -> Option<&'static str> {
    Some(match c {
        'm' => "rn",
        '0' => "O",
        '1' | 'I' | '|' => "l",
        '"' => "''",
        '`' => "'",
        '%' => "\u{b0}/\u{2080}",
        _ => return None,
    })
}

/// Returns a composed name in lower case, with the same representative for all letters and digits
/// of an exempt pair. Letters with accents are exempt from nothing.
fn spelling(name: &str) -> String {
    let mut spelling = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'm' | 'M' => spelling.push_str("rn"),
            '0' => spelling.push('o'),
            '1' | 'I' => spelling.push('l'),
            _ => spelling.extend(c.to_lowercase()),
        }
    }
    spelling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prototypes_of_ascii_are_those_of_unicode() {
        for c in '\0'..='\x7f' {
            let of_unicode: String = unicode_security::skeleton(c.encode_utf8(&mut [0])).collect();
            assert_eq!(skeleton(c.encode_utf8(&mut [0])), of_unicode, "{c:?}");
        }
        for name in ["modem", "Paypa|", "1l0O\"`m"] {
            let of_unicode: String = unicode_security::skeleton(name).collect();
            assert_eq!(skeleton(name), of_unicode, "{name:?}");
        }
    }

    fn look_alike(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|raw| Nickname::parse(raw).expect("a nickname"));
        let is_spelt_differently = |one: Look, other: Look| {
            one.skeleton == other.skeleton && one.spelling != other.spelling
        };
        looks(&one).any(|one| looks(&other).any(|other| is_spelt_differently(one.clone(), other)))
    }

    #[test]
    fn names_of_other_scripts_look_like_ascii() {
        for (one, other) in [
            ("alice", "\u{430}lice"),
            ("ALICE", "\u{430}lice"),
            ("paypal", "\u{440}\u{430}ypal"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("'a'", "\u{2019}a\u{2019}"),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
            assert!(look_alike(other, one), "{other} {one}");
        }
        assert!(!look_alike("alice", "bob"));
    }

    #[test]
    fn three_pairs_of_ascii_are_exempt() {
        for (one, other) in [
            ("modem", "modern"),
            ("Mary", "rnary"),
            ("user0", "usero"),
            ("user0", "userO"),
            ("O0", "00"),
            ("user1", "userl"),
            ("user1", "userI"),
            ("paypal", "paypaI"),
            ("PAYPAL", "paypaI"),
            ("m0l", "rnoI"),
        ] {
            assert!(!look_alike(one, other), "{one} {other}");
            assert!(!look_alike(other, one), "{other} {one}");
        }
    }

    #[test]
    fn only_ascii_is_exempt() {
        let (cyrillic_o, greek_o, palochka, iota) = ("\u{41e}", "\u{39f}", "\u{4c0}", "\u{399}");
        for (one, other) in [
            ("O", cyrillic_o),
            ("o", cyrillic_o),
            ("0x", "\u{41e}x"),
            ("O", greek_o),
            ("o", greek_o),
            (cyrillic_o, greek_o),
            ("l", palochka),
            ("1x", "\u{4c0}x"),
            ("I", palochka),
            ("l", iota),
            ("I", iota),
            ("1x", "\u{399}x"),
            ("l", "|"),
            ("1x", "|x"),
            ("modem", "mod\u{435}rn"),
            ("modem", "mode\u{433}n"),
            ("\u{1e41}a", "r\u{1e45}a"),
            ("\u{f3}", "0\u{301}"),
            ("\u{440}aypaI", "paypal"),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
            assert!(look_alike(other, one), "{other} {one}");
        }
    }

    #[test]
    fn names_that_share_a_letter_of_another_script_may_differ_in_an_exempt_pair() {
        assert!(!look_alike("us\u{435}r1", "us\u{435}rl"));
        assert!(look_alike("us\u{435}r1", "userl"));
    }
}
