//! One port for everybody: what a client sends first says what it speaks.

use chat_runtime::chat_dialects::Dialect;
use std::sync::Arc;

/// The dialects of a port for everybody.
///
/// A client that begins with `{` speaks JSON, one that begins with `reg$` txt-chat, after white
/// space and a byte order mark, which are skipped. Every other client is a person, and so is one
/// that sends nothing for the [detection time](crate::TcpFrontEnd::detection_time): people wait to
/// be greeted, programs do not. A program that is late can still begin: if the first line is a JSON
/// `hello`, the connection switches to JSON, and nobody is shown the line.
#[derive(Clone)]
pub struct AutoDialects {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    txtchat: Arc<dyn Dialect>,
}

impl AutoDialects {
    /// The dialects to choose from.
    pub fn new(
        text: impl Dialect + 'static,
        json: impl Dialect + 'static,
        txtchat: impl Dialect + 'static,
    ) -> Self {
        Self { text: Arc::new(text), json: Arc::new(json), txtchat: Arc::new(txtchat) }
    }

    pub(crate) fn for_people(&self) -> &Arc<dyn Dialect> {
        &self.text
    }

    /// What begins again as a program when a person turns out to be one.
    pub(crate) fn for_programs(&self) -> &Arc<dyn Dialect> {
        &self.json
    }

    /// Returns true if these first bytes show what a client speaks.
    pub(crate) fn is_decided(early: &[u8]) -> bool {
        matches!(guess(early), Some(Guess::Json | Guess::TxtChat))
    }

    /// The dialect of a client that has begun with these bytes and then waited.
    pub(crate) fn choose(&self, early: &[u8]) -> &Arc<dyn Dialect> {
        match guess(early) {
            Some(Guess::Json) => &self.json,
            Some(Guess::TxtChat) => &self.txtchat,
            // A person waits to be greeted.
            Some(Guess::Text) | None => &self.text,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Text,
    Json,
    TxtChat,
}

/// What these first bytes mean; `None` if that depends on those to come.
fn guess(bytes: &[u8]) -> Option<Guess> {
    const REGISTER: &[u8] = b"reg$";
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start();
    if bytes.starts_with(b"{") {
        Some(Guess::Json)
    } else if bytes.starts_with(REGISTER) {
        Some(Guess::TxtChat)
    } else if REGISTER.starts_with(bytes) {
        None
    } else {
        Some(Guess::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(guess(b"{\"type\":"), Some(Guess::Json));
        assert_eq!(guess(b"reg$alice\n"), Some(Guess::TxtChat));
        assert_eq!(guess(b"regards\n"), Some(Guess::Text));
        assert_eq!(guess(b"/name alice\n"), Some(Guess::Text));
        assert_eq!(guess(b"\xff\xfd"), Some(Guess::Text));
    }

    #[test]
    fn a_mark_and_white_space_in_front_do_not_matter() {
        assert_eq!(guess(b"\xef\xbb\xbf{"), Some(Guess::Json));
        assert_eq!(guess(b"\r\n \t{"), Some(Guess::Json));
        assert_eq!(guess(b"\xef\xbb\xbf\nreg$alice"), Some(Guess::TxtChat));
        assert_eq!(guess(b" hello"), Some(Guess::Text));
    }

    #[test]
    fn too_few_bytes_decide_nothing() {
        for bytes in [&b""[..], b"r", b"re", b"reg", b"\xef\xbb", b"\xef\xbb\xbf", b" \n"] {
            assert_eq!(guess(bytes), None);
        }
    }
}
