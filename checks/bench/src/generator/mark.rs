//! The mark in each message, which identifies its sender and its number.

use memchr::memchr_iter;

/// Sender and number, written `<SSSSS.NNNNNNNNNN>` at the beginning of a message; the rest of the
/// message is padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The sending member.
    pub(crate) sender: u32,
    /// The number of messages that it has sent before.
    pub(crate) number: u64,
}

impl Mark {
    /// The length of a mark, which is the minimum size of a message.
    pub(crate) const LENGTH: usize = 18;

    /// The sender of messages that only confirm that all members are in their rooms.
    pub(crate) const READINESS: u32 = 99_999;

    /// Writes a message with this mark, `size` bytes long.
    pub(crate) fn write(self, size: usize, out: &mut Vec<u8>) {
        let begin = out.len();
        out.push(b'<');
        digits(u64::from(self.sender), 5, out);
        out.push(b'.');
        digits(self.number, 10, out);
        out.push(b'>');
        out.resize(begin + size.max(Self::LENGTH), b'x');
    }

    /// Finds the mark in a frame.
    pub(crate) fn find(frame: &[u8]) -> Option<Self> {
        memchr_iter(b'<', frame).find_map(|at| Self::parse(frame.get(at..at + Self::LENGTH)?))
    }

    fn parse(mark: &[u8]) -> Option<Self> {
        if mark[6] != b'.' || mark[17] != b'>' {
            return None;
        }
        let sender = u32::try_from(number(&mark[1..6])?).ok()?;
        Some(Self { sender, number: number(&mark[7..17])? })
    }
}

fn digits(mut number: u64, count: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    out.resize(begin + count, b'0');
    for digit in out[begin..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_is_found_as_it_was_written() {
        let mark = Mark { sender: 17, number: 1_234_567_890 };
        let mut text = b"[<name>]: ".to_vec();
        mark.write(64, &mut text);
        assert_eq!(text.len(), 10 + 64);
        assert_eq!(Mark::find(&text), Some(mark));
        assert_eq!(Mark::find(b"- /name <your_display_name> - ..."), None);
        assert_eq!(Mark::find(b"<00001.00000"), None);
    }
}
