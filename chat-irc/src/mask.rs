//! Masks with `*` and `?`.

/// Returns true if a text matches a mask, without regard to the case of ASCII letters. Takes no
/// more than the product of both lengths.
pub(crate) fn matches(mask: &str, text: &str) -> bool {
    let fold = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (mask, text) = (fold(mask), fold(text));
    let (mut at_mask, mut at_text) = (0, 0);
    // The place after the last star, and the place in the text where the rest is tried next.
    let mut star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match mask.get(at_mask) {
            Some('*') => {
                star = Some((at_mask + 1, at_text));
                at_mask += 1;
            }
            Some(&c) if c == '?' || c == text[at_text] => {
                at_mask += 1;
                at_text += 1;
            }
            Some(_) | None => {
                let Some((after, tried)) = star else { return false };
                star = Some((after, tried + 1));
                (at_mask, at_text) = (after, tried + 1);
            }
        }
    }
    mask[at_mask..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match() {
        for (mask, text, expected) in [
            ("*", "alice", true),
            ("a*e", "Alice", true),
            ("a?ice", "alice", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b", "abc", false),
            ("", "a", false),
            ("?", "", false),
            ("**", "", true),
        ] {
            assert_eq!(matches(mask, text), expected, "{mask} {text}");
        }
        let long = "a".repeat(400);
        assert!(!matches(&"a*".repeat(200), &format!("{}b", "c".repeat(400))));
        assert!(matches(&"a*".repeat(200), &long));
    }
}
