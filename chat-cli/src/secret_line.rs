//! Reads a secret, such as a password, from a file or from standard input.

use chat_server::engine::Secret;
use std::io::{self, Read};

/// Reads a secret, and removes the end of its line.
pub(crate) fn read(source: impl Read) -> io::Result<Secret> {
    let mut text = String::new();
    source.take(MOST_READ).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

/// The most bytes that are read. A password is shorter.
const MOST_READ: u64 = 65_536;
