//! Standard input, line by line.

use std::io::{self, BufRead, Read};
use std::thread;
use tokio::sync::mpsc;

/// What standard input has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, with its line end if it has one. What is not UTF-8 in it has become U+FFFD.
    Line(String),
    /// A line with more than [`LONGEST`] bytes, which has been skipped.
    TooLong,
}

/// The longest line that is read, in bytes: far above what any server takes, and little enough to
/// keep in memory.
pub(super) const LONGEST: usize = 1 << 20;

/// Reads standard input in a thread of its own, which the process does not wait for when it ends.
pub(super) fn read_input() -> mpsc::Receiver<io::Result<Typed>> {
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

/// The next line, or `None` at the end. Before the first one, a byte order mark is skipped: editors
/// and other systems' shells begin files and pipes with it.
fn read_line(source: &mut impl BufRead, is_first: bool) -> io::Result<Option<Typed>> {
    let mut bytes = Vec::new();
    if source.take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
        skip_line(source)?;
        return Ok(Some(Typed::TooLong));
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(&text);
    Ok(Some(Typed::Line(text.to_owned())))
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

    fn lines(mut source: &[u8]) -> Vec<Typed> {
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut source, lines.is_empty()).expect("no error") {
            lines.push(line);
        }
        lines
    }

    fn line(text: &str) -> Typed {
        Typed::Line(text.to_owned())
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
    fn a_line_that_is_too_long_is_skipped() {
        let longest = "x".repeat(LONGEST);
        let source = format!("{longest}\n{longest}xx\nnext\n{longest}yy");
        let expected =
            [line(&format!("{longest}\n")), Typed::TooLong, line("next\n"), Typed::TooLong];
        assert!(lines(source.as_bytes()) == expected);
    }
}
