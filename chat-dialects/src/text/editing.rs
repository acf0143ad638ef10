//! Line editing for a terminal that sends each key as it is pressed.

use memchr::{memchr, memchr3};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// Applies the editing keys: backspace and DEL remove the character before them, Ctrl+U and Ctrl+C
/// remove the whole line.
///
/// Terminals in line mode do this themselves. `telnet` in character mode, PuTTY and serial
/// terminals send the keys. A character is a grapheme cluster (UAX #29): a letter is removed
/// together with its combining marks.
pub(super) fn edited(line: &str) -> Cow<'_, str> {
    let bytes = line.as_bytes();
    if memchr3(BACKSPACE, DELETE, KILL_LINE, bytes).is_none() && memchr(INTERRUPT, bytes).is_none()
    {
        return Cow::Borrowed(line);
    }
    let mut characters = Vec::new();
    // A control character is always a grapheme cluster of its own.
    for character in line.graphemes(true) {
        match *character.as_bytes() {
            [BACKSPACE | DELETE] => drop(characters.pop()),
            [KILL_LINE | INTERRUPT] => characters.clear(),
            _ => characters.push(character),
        }
    }
    Cow::Owned(characters.concat())
}

const INTERRUPT: u8 = 0x03;
const BACKSPACE: u8 = 0x08;
const KILL_LINE: u8 = 0x15;
const DELETE: u8 = 0x7f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backspace_and_delete_erase_a_character() {
        assert_eq!(edited("helo\u{8}lo"), "hello");
        assert_eq!(edited("ab\u{7f}\u{7f}c"), "c");
        assert_eq!(edited("\u{8}\u{8}a"), "a", "there is nothing to erase at the start");
        assert_eq!(edited("e\u{301}\u{8}a"), "a", "a letter is removed with its accent");
        assert_eq!(edited("👩‍👧\u{8}a"), "a");
    }

    #[test]
    fn control_u_and_control_c_erase_the_line() {
        assert_eq!(edited("half typed\u{3}hi"), "hi");
        assert_eq!(edited("secret\u{15}hi"), "hi");
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        assert!(matches!(edited("hi\tthere\u{7}"), Cow::Borrowed("hi\tthere\u{7}")));
    }
}
