//! Selects a connection's dialect by the first bytes that the client sends.

use chat_runtime::chat_dialects::Dialect;
use std::fmt;
use std::sync::Arc;

/// The dialects of a port that detects each client's dialect.
///
/// A client that begins with `{` speaks JSON, a client that begins with `reg$` speaks txt-chat, and
/// one that begins with `CAP`, `NICK`, `PASS` or `USER` and a space speaks IRC, if the port has
/// [IRC](Self::irc). White space and a byte order mark in front are skipped. Every other client
/// gets the text dialect, and so does a client that sends nothing for the
/// [detection time](crate::TcpFrontEnd::detection_time): people wait for a greeting, programs send
/// at once. A program that sends later is still recognised: if the first line is a JSON `hello`,
/// the connection switches to JSON, and the line is not delivered as a message.
#[derive(Clone)]
pub struct AutoDialects {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    txtchat: Arc<dyn Dialect>,
    irc: Option<Arc<dyn Dialect>>,
}

impl AutoDialects {
    /// Makes the set of dialects to choose from.
    pub fn new(
        text: impl Dialect + 'static,
        json: impl Dialect + 'static,
        txtchat: impl Dialect + 'static,
    ) -> Self {
        let (text, json, txtchat) = (Arc::new(text), Arc::new(json), Arc::new(txtchat));
        Self { text, json, txtchat, irc: None }
    }

    /// Adds IRC.
    #[must_use]
    pub fn irc(mut self, dialect: impl Dialect + 'static) -> Self {
        self.irc = Some(Arc::new(dialect));
        self
    }

    /// Returns the dialect of people, which is the default.
    pub(crate) fn for_people(&self) -> &Arc<dyn Dialect> {
        &self.text
    }

    /// Returns the dialect that a connection switches to if its first line is a JSON `hello`.
    pub(crate) fn for_programs(&self) -> &Arc<dyn Dialect> {
        &self.json
    }

    /// Returns true if these first bytes identify a dialect of programs.
    pub(crate) fn is_decided(early: &[u8]) -> bool {
        matches!(guess(early), Some(Guess::Json | Guess::TxtChat | Guess::Irc))
    }

    /// Returns the dialect of a client that has sent these bytes within the detection time.
    pub(crate) fn choose(&self, early: &[u8]) -> &Arc<dyn Dialect> {
        match guess(early) {
            Some(Guess::Json) => &self.json,
            Some(Guess::TxtChat) => &self.txtchat,
            Some(Guess::Irc) => self.irc.as_ref().unwrap_or(&self.text),
            // Undecided bytes are treated as a person's, who waits for a greeting.
            Some(Guess::Text) | None => &self.text,
        }
    }
}

impl fmt::Debug for AutoDialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, json, txtchat, irc } = self;
        let mut debug = f.debug_struct("AutoDialects");
        debug.field("text", &text.name()).field("json", &json.name());
        debug.field("txtchat", &txtchat.name());
        debug.field("irc", &irc.as_ref().map(|irc| irc.name())).finish()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Text,
    Json,
    TxtChat,
    Irc,
}

/// Guesses the dialect from the first bytes. Returns `None` if more bytes are needed.
fn guess(bytes: &[u8]) -> Option<Guess> {
    const REGISTER: &[u8] = b"reg$";
    const IRC: [&[u8]; 4] = [b"CAP ", b"NICK ", b"PASS ", b"USER "];
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start();
    if bytes.starts_with(b"{") {
        Some(Guess::Json)
    } else if bytes.starts_with(REGISTER) {
        Some(Guess::TxtChat)
    } else if IRC.iter().any(|command| bytes.starts_with(command)) {
        Some(Guess::Irc)
    } else if [REGISTER].iter().chain(&IRC).any(|first| first.starts_with(bytes)) {
        None
    } else {
        Some(Guess::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_select_the_dialect() {
        assert_eq!(guess(b"{\"type\":"), Some(Guess::Json));
        assert_eq!(guess(b"reg$alice\n"), Some(Guess::TxtChat));
        assert_eq!(guess(b"regards\n"), Some(Guess::Text));
        for first in ["CAP LS 302\r\n", "NICK al", "PASS x", "USER u 0 * :Al"] {
            assert_eq!(guess(first.as_bytes()), Some(Guess::Irc), "{first}");
        }
        assert_eq!(guess(b"CAPTAIN\n"), Some(Guess::Text));
        assert_eq!(guess(b"nick al\n"), Some(Guess::Text));
        assert_eq!(guess(b"/name alice\n"), Some(Guess::Text));
        assert_eq!(guess(b"\xff\xfd"), Some(Guess::Text));
    }

    #[test]
    fn byte_order_mark_and_leading_white_space_are_ignored() {
        assert_eq!(guess(b"\xef\xbb\xbf{"), Some(Guess::Json));
        assert_eq!(guess(b"\r\n \t{"), Some(Guess::Json));
        assert_eq!(guess(b"\xef\xbb\xbf\nreg$alice"), Some(Guess::TxtChat));
        assert_eq!(guess(b" hello"), Some(Guess::Text));
    }

    #[test]
    fn incomplete_prefix_is_undecided() {
        for bytes in
            [&b""[..], b"NI", b"USER", b"r", b"re", b"reg", b"\xef\xbb", b"\xef\xbb\xbf", b" \n"]
        {
            assert_eq!(guess(bytes), None);
        }
    }
}
