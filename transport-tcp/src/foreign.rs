//! Recognises clients that speak another protocol by the first bytes that they send.
//!
//! A web page can make its visitor's browser send an HTTP request to any port that the visitor can
//! reach, with a body that the page chooses. On a port where each line is a command, the server
//! would execute the lines of that body. Therefore a connection that begins with an HTTP request is
//! closed before any byte of it is decoded, and so is a connection that begins with a TLS
//! handshake, an SSH identification or a PROXY header.

use bytes::Bytes;
use memchr::{memchr, memrchr};

/// A protocol that a port for lines does not support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignProtocol {
    /// A request line (RFC 9112 §3), with any method and target.
    Http,
    /// A TLS handshake record (RFC 8446 §5.1).
    Tls,
    /// An identification string (RFC 4253 §4.2).
    Ssh,
    /// The PROXY protocol, in either version, on a listener that does not expect it.
    ProxyHeader,
}

/// The result of inspecting the first bytes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// More bytes are needed.
    Undecided,
    /// The client seems to speak a dialect of lines.
    Lines,
    /// The client speaks another protocol.
    Foreign(ForeignProtocol),
}

impl ForeignProtocol {
    /// Returns the reason that `chat_connections_refused_total` counts.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Http => "http_request",
            Self::Tls => "tls_handshake",
            Self::Ssh => "ssh",
            Self::ProxyHeader => "proxy_header",
        }
    }

    /// Returns the last bytes that the client is sent before the connection is closed, in its own
    /// protocol where possible.
    pub(crate) fn answer(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Http => {
                b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
                Content-Length: 78\r\nConnection: close\r\n\r\n\
                This port is for chat over TCP. The page and the API are at a ws:// listener.\n"
            }
            // A fatal alert, unexpected_message (RFC 8446 §6), in the oldest record version.
            Self::Tls => b"\x15\x03\x01\x00\x02\x02\x0a",
            Self::Ssh => b"This port is for chat, not for SSH.\r\n",
            Self::ProxyHeader => {
                b"This port expects no PROXY protocol header. Add the proxy's address to \
                [proxy] trusted.\r\n"
            }
        })
    }
}

/// Inspects the first bytes of a connection on which a line has at most `limit` bytes.
pub(crate) fn inspect(bytes: &[u8], limit: usize) -> Verdict {
    if bytes.first() == Some(&TLS_HANDSHAKE) {
        return Verdict::Foreign(ForeignProtocol::Tls);
    }
    if bytes.starts_with(PROXY_2) {
        return Verdict::Foreign(ForeignProtocol::ProxyHeader);
    }
    if PROXY_2.starts_with(bytes) {
        return Verdict::Undecided;
    }
    let is_full = bytes.len() > limit;
    let bytes = bytes.trim_ascii_start();
    for (start, protocol) in PREFIXES {
        if bytes.starts_with(start) {
            return Verdict::Foreign(protocol);
        }
    }
    match memchr(b'\n', bytes) {
        Some(end) if is_request_line(&bytes[..end]) => Verdict::Foreign(ForeignProtocol::Http),
        Some(_) => Verdict::Lines,
        None if !is_full => Verdict::Undecided,
        // The decoder skips the rest of a line that is too long, but decodes the lines after it. So
        // the beginning of the line has to decide.
        None if is_long_request_line(bytes) => Verdict::Foreign(ForeignProtocol::Http),
        None => Verdict::Lines,
    }
}

/// Returns the number of bytes at the start that belong to blank lines and can be discarded. They
/// are kept while they may still be the start of a PROXY header of version 2.
pub(crate) fn blank_lines(bytes: &[u8]) -> usize {
    if PROXY_2.starts_with(bytes) {
        return 0;
    }
    let blank = bytes.len() - bytes.trim_ascii_start().len();
    memrchr(b'\n', &bytes[..blank]).map_or(0, |end| end + 1)
}

/// Returns true for `method SP request-target SP HTTP-version`.
fn is_request_line(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut parts = line.split(|&byte| byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    is_token(method) && !target.is_empty() && version.starts_with(b"HTTP/")
}

/// Returns true if a line that exceeds the limit begins like a request line, with a method and a
/// target that does not end. People do not write a word of this length.
fn is_long_request_line(line: &[u8]) -> bool {
    let Some(space) = memchr(b' ', line) else { return false };
    let (method, target) = (&line[..space], &line[space + 1..]);
    is_token(method) && memchr(b' ', target).is_none()
}

/// Returns true for a token (RFC 9110 §5.6.2).
fn is_token(bytes: &[u8]) -> bool {
    let is_token_byte =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_token_byte)
}

/// The content type of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;
/// The signature of version 2 of the PROXY protocol.
const PROXY_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The first bytes of further protocols. TLS, HTTP and version 2 of the PROXY protocol are
/// recognised in other ways.
const PREFIXES: [(&[u8], ForeignProtocol); 4] = [
    (b"SSH-", ForeignProtocol::Ssh),
    (b"PROXY TCP4 ", ForeignProtocol::ProxyHeader),
    (b"PROXY TCP6 ", ForeignProtocol::ProxyHeader),
    (b"PROXY UNKNOWN", ForeignProtocol::ProxyHeader),
];

#[cfg(test)]
mod tests {
    use super::*;
    use ForeignProtocol::{Http, ProxyHeader, Ssh, Tls};

    #[test]
    fn foreign_protocols_are_recognised() {
        for (bytes, protocol) in [
            (&b"POST / HTTP/1.1\r\n"[..], Http),
            (b"GET /ws?x=y HTTP/1.0\n", Http),
            (b"\r\nGET / HTTP/1.1\r\n", Http),
            (b"M-SEARCH * HTTP/1.1\r\n", Http),
            (b"CONNECT example.org:443 HTTP/1.1\r\n", Http),
            (b"hello http://example.org/ HTTP/1.1\r\n", Http),
            (b"PRI * HTTP/2.0\r\n", Http),
            (b"\x16\x03\x01", Tls),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Ssh),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n", ProxyHeader),
            (b"PROXY UNKNOWN\r\n", ProxyHeader),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", ProxyHeader),
        ] {
            assert_eq!(inspect(bytes, 100), Verdict::Foreign(protocol), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn lines_of_people_and_programs_are_accepted() {
        for bytes in [
            &b"hello\n"[..],
            b"/name visitor\r\n",
            b"GET / please\n",
            b"what is HTTP/1.1 good for?\n",
            b"{\"type\":\"hello\"}\n",
            b"reg$alice\n",
            b"PROXY is a funny word\n",
            b"\n\nhello\n",
        ] {
            assert_eq!(inspect(bytes, 100), Verdict::Lines, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn incomplete_first_bytes_are_undecided() {
        for bytes in [&b""[..], b"\r\n", b"\r\n\r\n\0\r\nQUIT", b"GET / HTTP/1.1", b"hel", b"SSH"] {
            assert_eq!(inspect(bytes, 100), Verdict::Undecided, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn blank_lines_before_the_first_line_are_counted() {
        assert_eq!(blank_lines(b"\r\n\r\n  hello"), 4);
        assert_eq!(blank_lines(b"  hello"), 0);
        assert_eq!(blank_lines(b"\r\n\r\n\0\r"), 0, "it may be a PROXY header");
    }

    #[test]
    fn request_line_that_exceeds_the_limit_is_recognised() {
        let long = |start: &str| format!("{start}{}", "x".repeat(101)).into_bytes();
        assert_eq!(inspect(&long("GET /"), 100), Verdict::Foreign(Http));
        assert_eq!(inspect(&long("POST http://example.org/"), 100), Verdict::Foreign(Http));
        assert_eq!(inspect(&long("POST ftp://"), 100), Verdict::Foreign(Http));
        assert_eq!(inspect(&long("once upon a time"), 100), Verdict::Lines);
        assert_eq!(inspect(&long(""), 100), Verdict::Lines);
    }

    #[test]
    fn content_length_of_the_http_answer_is_right() {
        let answer = Http.answer();
        let text = std::str::from_utf8(&answer).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}
