//! The lines of a message, for dialects whose frames are lines.

use chat_core::Text;

/// Calls a function with each line of a message, in order.
///
/// Tabs become [spaces](TAB): where the cursor goes at a tab depends on the terminal, and some
/// overwrite the last column of a full row.
#[inline]
pub(crate) fn for_each_line(text: &Text, mut write: impl FnMut(&str)) {
    let text = text.as_str();
    // A message contains no other control characters than line feeds and tabs.
    if has_controls(text.as_bytes()) {
        write_lines(text, &mut write);
    } else {
        write(text);
    }
}

/// Returns true if a text contains control characters of ASCII. Most messages are short, so that
/// this takes fewer instructions than a search for two bytes: it examines eight bytes at once, and
/// the last eight again.
#[inline]
fn has_controls(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else {
        return text.iter().any(|&byte| byte < b' ');
    };
    let (chunks, _) = text.as_chunks::<8>();
    // Without an early exit, the compiler processes several chunks at once.
    let found = chunks.iter().chain([last]).fold(0, |found, chunk| {
        let bytes = u64::from_ne_bytes(*chunk);
        // The highest bit of each byte that is below the space. A borrow from a byte that is below
        // can mark the byte above it as well, which does not matter.
        found | (bytes.wrapping_sub(SPACES) & !bytes)
    });
    found & HIGHEST_BITS != 0
}

/// Eight spaces.
const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
/// The highest bit of each of eight bytes.
const HIGHEST_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Does the work of [`for_each_line`] for the few messages with several lines or tabs.
#[cold]
fn write_lines(text: &str, write: &mut dyn FnMut(&str)) {
    for line in text.split('\n') {
        if line.contains('\t') {
            write(&line.replace('\t', TAB));
        } else {
            write(line);
        }
    }
}

/// The replacement of a tab: wide enough to show the indentation of code.
const TAB: &str = "    ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_found_at_every_place() {
        for length in 0..40 {
            let plain = vec![b'~'; length];
            assert!(!has_controls(&plain));
            assert!(!has_controls("\u{e9} \u{4f60}".repeat(length).as_bytes()));
            for place in 0..length {
                for byte in [b'\n', b'\t', 0x1f, 0] {
                    let mut text = plain.clone();
                    text[place] = byte;
                    assert!(has_controls(&text), "{byte} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn lines_come_in_order_with_spaces_for_tabs() {
        for (text, lines) in [
            ("hi", &["hi"][..]),
            ("  hi", &["  hi"]),
            ("if:\n\tgo\n\n  end", &["if:", "    go", "", "  end"]),
            ("a\tb", &["a    b"]),
        ] {
            let mut written = Vec::new();
            for_each_line(&Text::clean_lines(text), |line| written.push(line.to_owned()));
            assert_eq!(written, lines, "{text:?}");
        }
    }
}
