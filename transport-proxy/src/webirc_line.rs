//! Reads the first line of a gateway, and not a byte beyond it.

use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The first line of a connection from a gateway:
/// `WEBIRC password gateway hostname address [:options]` (IRCv3 WebIRC). The host name and the
/// options are ignored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WebircLine {
    pub(crate) password: String,
    /// The address of the client.
    pub(crate) client: IpAddr,
}

/// The reason for which no line could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// Typical of a health check that only tests whether the port is open.
    #[error("the connection ended before its first byte")]
    Empty,
    #[error("it does not begin with WEBIRC")]
    Missing,
    #[error("its WEBIRC is longer than {LONGEST} bytes")]
    TooLong,
    #[error("its WEBIRC has no address of a client")]
    Invalid,
    #[error("it ended within its WEBIRC")]
    Failed(#[from] io::Error),
}

/// Reads the line. The bytes after it stay in the stream.
pub(crate) async fn read_line(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<WebircLine, LineError> {
    let mut line = Vec::with_capacity(128);
    // Single bytes are read, so that no byte after the line end is taken.
    while line.last() != Some(&b'\n') {
        if line.len() == LONGEST {
            return Err(LineError::TooLong);
        }
        let mut byte = [0];
        if let Err(error) = stream.read_exact(&mut byte).await {
            return Err(if line.is_empty() { LineError::Empty } else { error.into() });
        }
        line.extend(byte);
        let begun = &line[..line.len().min(COMMAND.len())];
        if !begun.eq_ignore_ascii_case(&COMMAND[..begun.len()]) {
            return Err(LineError::Missing);
        }
    }
    std::str::from_utf8(&line).ok().and_then(parse).ok_or(LineError::Invalid)
}

fn parse(line: &str) -> Option<WebircLine> {
    let line = line.trim_end_matches(['\r', '\n']);
    let mut words = line.split(' ').filter(|word| !word.is_empty()).skip(1);
    let password = words.next()?.trim_start_matches(':').to_owned();
    let (_gateway, _host, client) = (words.next()?, words.next()?, words.next()?);
    // An address as the last parameter may have a colon before it. That of IPv6 may begin with
    // one of its own.
    let client = client.strip_prefix(':').filter(|rest| !rest.starts_with(':')).unwrap_or(client);
    let client: IpAddr = client.parse().ok()?;
    Some(WebircLine { password, client: client.to_canonical() })
}

/// The beginning of the line.
const COMMAND: &[u8] = b"WEBIRC ";
/// The longest line with its end (RFC 1459 §2.3).
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    /// Returns the line of a stream, and the bytes that are left in it.
    async fn read(bytes: &[u8]) -> (Result<(String, String), String>, Vec<u8>) {
        let (mut near, mut far) = tokio::io::duplex(1);
        let bytes = bytes.to_vec();
        let writing = tokio::spawn(async move {
            // The reader drops the stream early if it refuses the line.
            let _ = far.write_all(&bytes).await;
        });
        let line = read_line(&mut near).await;
        let line = line.map(|line| (line.password, line.client.to_string()));
        let mut rest = Vec::new();
        near.read_to_end(&mut rest).await.expect("the rest");
        writing.await.expect("it is written");
        (line.map_err(|error| error.to_string()), rest)
    }

    #[tokio::test]
    async fn line_names_the_client_and_leaves_the_rest() {
        for (line, address) in [
            ("WEBIRC pw kiwi host.example 192.0.2.1\r\n", "192.0.2.1"),
            ("webirc pw kiwi host.example 192.0.2.1 :secure\n", "192.0.2.1"),
            ("WEBIRC pw kiwi host.example :192.0.2.1\r\n", "192.0.2.1"),
            ("WEBIRC pw kiwi host.example 2001:db8::1\r\n", "2001:db8::1"),
            ("WEBIRC pw kiwi host.example ::1\r\n", "::1"),
            ("WEBIRC pw kiwi host.example 0::1\r\n", "::1"),
            ("WEBIRC pw kiwi host.example ::ffff:192.0.2.1\r\n", "192.0.2.1"),
        ] {
            let (read, rest) = read(format!("{line}NICK a\r\n").as_bytes()).await;
            assert_eq!(read, Ok(("pw".to_owned(), address.to_owned())), "{line}");
            assert_eq!(rest, b"NICK a\r\n", "{line}");
        }
    }

    #[tokio::test]
    async fn other_lines_are_refused() {
        let endless = format!("WEBIRC {}", "x".repeat(600));
        for (line, error) in [
            ("", LineError::Empty),
            ("NICK a\r\n", LineError::Missing),
            ("WEBIRX pw kiwi h 192.0.2.1\r\n", LineError::Missing),
            ("WEBIRC pw kiwi h\r\n", LineError::Invalid),
            ("WEBIRC pw kiwi h example.org\r\n", LineError::Invalid),
            ("WEBIRC pw", LineError::Failed(io::ErrorKind::UnexpectedEof.into())),
            (&*endless, LineError::TooLong),
        ] {
            assert_eq!(read(line.as_bytes()).await.0, Err(error.to_string()), "{line}");
        }
    }
}
