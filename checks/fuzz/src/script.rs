//! The bytes of a fuzz target as a script that people can read: who sends which frame.
//!
//! | line | meaning |
//! | --- | --- |
//! | `3…` | client 3, who connects if need be, sends what comes after the digit as a frame |
//! | <code>&#124;…</code> | the frame of the line before goes on, after a line feed, as one of a WebSocket can |
//! | `+500` | half a second passes |
//! | `-3` | client 3 goes away |
//! | `!3` | client 3 sends a line that is too long for the transport |
//! | `~3` | client 3 no longer reads what it is sent, or reads again |
//!
//! Any other line is a frame of client 0.

/// What happens next.
#[derive(Debug)]
pub(crate) enum Act {
    Frame { client: usize, frame: Vec<u8> },
    TooLong { client: usize },
    Leave { client: usize },
    Deafen { client: usize },
    Wait { millis: u64 },
}

/// The first line, which says how the target is to be set up, and the acts.
pub(crate) fn read(data: &[u8]) -> (&[u8], Vec<Act>) {
    let mut lines = data.split(|&byte| byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let mut acts = Vec::new();
    for line in lines {
        let (first, rest) = match line {
            [] => continue,
            [first, rest @ ..] => (*first, rest),
        };
        let client = rest.first().and_then(|&digit| digit_of(digit)).unwrap_or(0);
        acts.push(match first {
            b'|' => {
                if let Some(Act::Frame { frame, .. }) = acts.last_mut() {
                    frame.push(b'\n');
                    frame.extend_from_slice(rest);
                }
                continue;
            }
            b'+' => Act::Wait { millis: millis(rest) },
            b'-' => Act::Leave { client },
            b'!' => Act::TooLong { client },
            b'~' => Act::Deafen { client },
            _ => match digit_of(first) {
                Some(client) => Act::Frame { client, frame: rest.to_vec() },
                None => Act::Frame { client: 0, frame: line.to_vec() },
            },
        });
        if acts.len() == MOST_ACTS {
            break;
        }
    }
    (header, acts)
}

fn digit_of(byte: u8) -> Option<usize> {
    byte.is_ascii_digit().then(|| usize::from(byte - b'0'))
}

/// A number, of which anything that is too much to be a wait is left out.
fn millis(digits: &[u8]) -> u64 {
    digits.iter().filter_map(|&byte| digit_of(byte)).take(9).fold(0, |n, d| n * 10 + d as u64)
}

/// More would only make a run slower.
const MOST_ACTS: usize = 500;
