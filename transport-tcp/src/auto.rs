//! One port for everybody: what a client sends first says what it speaks.

use bytes::BytesMut;
use chat_runtime::dialects::Dialect;
use chat_runtime::read_some;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::time::{Instant, timeout_at};

/// The dialects of a port for everybody.
///
/// A client that begins with `{` speaks JSON, one that begins with `reg$` txt-chat, and everybody else is a person. So is
/// who says nothing for [`PATIENCE`](Self::PATIENCE): people wait to be greeted, programs do not.
#[derive(Clone)]
pub struct AutoDialects {
    text: Arc<dyn Dialect>,
    json: Arc<dyn Dialect>,
    txtchat: Arc<dyn Dialect>,
}

impl AutoDialects {
    /// How long a client may be silent before it is taken for a person.
    pub const PATIENCE: Duration = Duration::from_millis(300);

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

    /// Waits for what a client sends first. Returns what it speaks, and what has been read of it.
    pub(crate) async fn choose(
        &self,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> (Arc<dyn Dialect>, BytesMut) {
        let until = Instant::now() + Self::PATIENCE;
        let mut early = BytesMut::new();
        let guess = loop {
            if let Some(guess) = guess(&early) {
                break guess;
            }
            match timeout_at(until, read_some(reader, &mut early)).await {
                Ok(Ok(1..)) => {}
                // Silence, or the end: whatever it is, it is met as a person.
                Ok(Ok(0) | Err(_)) | Err(_) => break Guess::Text,
            }
        };
        let dialect = match guess {
            Guess::Text => &self.text,
            Guess::Json => &self.json,
            Guess::TxtChat => &self.txtchat,
        };
        (dialect.clone(), early)
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
    fn too_few_bytes_decide_nothing() {
        for bytes in [&b""[..], b"r", b"re", b"reg"] {
            assert_eq!(guess(bytes), None);
        }
    }
}
