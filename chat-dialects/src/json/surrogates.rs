//! Lone surrogates in JSON, which JavaScript writes and UTF-8 cannot represent.

/// Replaces each escape of a lone surrogate by that of U+FFFD, as a decoder of UTF-16 does (Unicode
/// §3.9). Returns `None` if there is none.
///
/// Browsers write such escapes when a text has been cut in the middle of an emoji (ECMA-262,
/// `JSON.stringify`). They are valid JSON (RFC 8259 §8.2), but serde_json refuses them.
pub(super) fn replace_lone(json: &str) -> Option<String> {
    let mut replaced: Option<String> = None;
    // `replaced` contains the bytes up to here, if it exists.
    let mut copied = 0;
    let mut at = 0;
    // A backslash occurs only within strings, and is always followed by another character.
    while let Some(backslash) = json.get(at..).and_then(|rest| rest.find('\\')) {
        at += backslash;
        let length = match (unit(json, at), unit(json, at + ESCAPE)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                let replaced = replaced.get_or_insert_with(|| String::with_capacity(json.len()));
                replaced.push_str(&json[copied..at]);
                replaced.push_str(r"\ufffd");
                copied = at + ESCAPE;
                ESCAPE
            }
            (Some(_), _) => ESCAPE,
            (None, _) => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
        at += length;
    }
    let mut replaced = replaced?;
    replaced.push_str(&json[copied..]);
    Some(replaced)
}

/// Returns the code unit of the `\u` escape at this position, if there is one.
fn unit(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Length in bytes of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn lone_halves_are_replaced_and_pairs_are_not() {
        for (json, replaced) in [
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""\uDE00""#, Some(r#""\ufffd""#)),
            (r#""a\ud83dé""#, Some(r#""a\ufffdé""#)),
            (r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ud83d\u0041""#, Some(r#""\ufffd\u0041""#)),
            (r#""\ud83d\\ude00""#, Some(r#""\ufffd\\ude00""#)),
            (r#""\ud83d\n\ude00""#, Some(r#""\ufffd\n\ufffd""#)),
            (r#"{"\ud83d":["\ud83d"]}"#, Some(r#"{"\ufffd":["\ufffd"]}"#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\\\ud83d""#, Some(r#""\\\ufffd""#)),
            (r#""\u00e9 \"\/\b""#, None),
            (r#""\ud83""#, None),
            (r#""\u+83d""#, None),
            (r#""\ud83é""#, None),
            ("\"\\", None),
            ("\"\\é", None),
            ("\\ud83d", Some("\\ufffd")),
            ("", None),
        ] {
            assert_eq!(replace_lone(json).as_deref(), replaced, "{json}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_a_decoder_of_utf_16_reads(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0xd7ff..=0xe000_u16],
            0..8,
        )) {
            let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escapes}\"");
            let json = replace_lone(&json).unwrap_or(json);
            let read: Value = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(read.as_str(), Some(&*String::from_utf16_lossy(&units)));
        }

        #[test]
        fn replacement_never_panics(json in r#"[\\ud83dDC0é"]{0,30}"#) {
            let replaced = replace_lone(&json);
            prop_assert!(replaced.is_none_or(|replaced| replaced.contains("fffd")));
        }
    }
}
