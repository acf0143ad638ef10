//! Reads standard input line by line.

use std::io::{self, BufRead, Read};
use std::thread;
use tokio::sync::mpsc;

/// A line of standard input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InputLine {
    /// The line, with its line end if it has one. Bytes that are not UTF-8 are replaced by U+FFFD.
    Line(String),
    /// A line with more than [`LONGEST`] bytes, which has been skipped.
    TooLong,
}

/// The longest line that is read, in bytes. It is far above the limit of any server, and small
/// enough to keep in memory.
pub(in crate::connect) const LONGEST: usize = 1 << 20;

/// Reads standard input in a thread. The process does not wait for the thread when it ends.
pub(super) fn read_input() -> mpsc::Receiver<io::Result<InputLine>> {
    let (lines, input) = mpsc::channel(1);
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut is_first = true;
        while let Some(line) = read_line(&mut stdin, std::mem::take(&mut is_first)).transpose() {
            let is_over = line.is_err();
            if lines.blocking_send(line).is_err() || is_over {
                return;
            }
        }
    });
    input
}

/// Returns the next line, or `None` at the end. A byte order mark before the first line is skipped,
/// because some editors and shells write one.
fn read_line(source: &mut impl BufRead, is_first: bool) -> io::Result<Option<InputLine>> {
    let mut bytes = Vec::new();
    if source.take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
        skip_line(source)?;
        return Ok(Some(InputLine::TooLong));
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(&text);
    Ok(Some(InputLine::Line(text.to_owned())))
}

fn skip_line(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let (used, is_over) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(used);
        if is_over {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut source: &[u8]) -> Vec<InputLine> {
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut source, lines.is_empty()).expect("no error") {
            lines.push(line);
        }
        lines
    }

    fn line(text: &str) -> InputLine {
        InputLine::Line(text.to_owned())
    }

    #[test]
    fn one_byte_order_mark_is_skipped_at_the_start() {
        let source = "\u{feff}\u{feff}one\r\n\u{feff}two\nthree";
        assert_eq!(
            lines(source.as_bytes()),
            [line("\u{feff}one\r\n"), line("\u{feff}two\n"), line("three")]
        );
    }

    #[test]
    fn too_long_line_is_skipped() {
        let longest = "x".repeat(LONGEST);
        let source = format!("{longest}\n{longest}xx\nnext\n{longest}yy");
        let expected =
            [line(&format!("{longest}\n")), InputLine::TooLong, line("next\n"), InputLine::TooLong];
        assert!(lines(source.as_bytes()) == expected);
    }
}
