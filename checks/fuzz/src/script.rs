//! Parses the bytes of a fuzz target as a readable script of clients' actions.
//!
//! | line | meaning |
//! | --- | --- |
//! | `3…` | client 3 sends the rest of the line as a frame; it connects first if it has no connection |
//! | <code>&#124;…</code> | continues the frame of the line before, after a line feed, which a WebSocket frame can contain |
//! | `+500` | half a second passes |
//! | `-3` | client 3 disconnects |
//! | `!3` | client 3 sends a line that is too long for the transport |
//! | `~3` | client 3 stops reading, or resumes |
//!
//! Any other line is a frame of client 0.

/// One action of a script.
#[derive(Debug)]
pub(crate) enum Action {
    Frame { client: usize, frame: Vec<u8> },
    TooLong { client: usize },
    Leave { client: usize },
    ToggleReading { client: usize },
    Wait { millis: u64 },
}

/// Returns the first line, which configures the target, and the actions.
pub(crate) fn read(data: &[u8]) -> (&[u8], Vec<Action>) {
    let mut lines = data.split(|&byte| byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let mut actions = Vec::new();
    for line in lines {
        let (first, rest) = match line {
            [] => continue,
            [first, rest @ ..] => (*first, rest),
        };
        let client = rest.first().and_then(|&digit| digit_of(digit)).unwrap_or(0);
        actions.push(match first {
            b'|' => {
                if let Some(Action::Frame { frame, .. }) = actions.last_mut() {
                    frame.push(b'\n');
                    frame.extend_from_slice(rest);
                }
                continue;
            }
            b'+' => Action::Wait { millis: millis(rest) },
            b'-' => Action::Leave { client },
            b'!' => Action::TooLong { client },
            b'~' => Action::ToggleReading { client },
            _ => match digit_of(first) {
                Some(client) => Action::Frame { client, frame: rest.to_vec() },
                None => Action::Frame { client: 0, frame: line.to_vec() },
            },
        });
        if actions.len() == MAX_ACTS {
            break;
        }
    }
    (header, actions)
}

fn digit_of(byte: u8) -> Option<usize> {
    byte.is_ascii_digit().then(|| usize::from(byte - b'0'))
}

/// Parses a number of at most nine digits; other bytes are ignored.
fn millis(digits: &[u8]) -> u64 {
    digits.iter().filter_map(|&byte| digit_of(byte)).take(9).fold(0, |n, d| n * 10 + d as u64)
}

/// More actions would only make a run slower.
const MAX_ACTS: usize = 500;
