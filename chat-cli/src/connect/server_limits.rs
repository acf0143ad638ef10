//! The limits that a server sets for requests.

use super::request::Request;
use chat_server::engine::Text;
use serde::Deserialize;

/// The limits of a server, which its `welcome` contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ServerLimits {
    /// The longest frame in bytes.
    frame_bytes: usize,
    /// The longest message in bytes, after it has been cleaned.
    message_bytes: usize,
    /// The largest number of lines of a message.
    message_lines: usize,
}

/// The error for a request that is not sent, because it exceeds a limit of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooLong {
    #[error(
        "the message is too long: it has {bytes} bytes, and the server accepts at most {limit}"
    )]
    Message { bytes: usize, limit: usize },
    #[error(
        "the message is too long: it has {lines} lines, and the server accepts at most {limit}"
    )]
    Lines { lines: usize, limit: usize },
    #[error(
        "the line is too long: as JSON it has {bytes} bytes, and the server accepts at most \
         {limit}"
    )]
    Frame { bytes: usize, limit: usize },
}

impl ServerLimits {
    /// Checks that a request meets the limits.
    pub(super) fn check(&self, request: &Request) -> Result<(), TooLong> {
        if let Request::Chat { text, .. } = request {
            let text = Text::clean_lines(text);
            let (bytes, limit) = (text.as_str().len(), self.message_bytes);
            if bytes > limit {
                return Err(TooLong::Message { bytes, limit });
            }
            let (lines, limit) = (text.line_count(), self.message_lines);
            if lines > limit {
                return Err(TooLong::Lines { lines, limit });
            }
        }
        let (bytes, limit) = (request.encode(LONGEST_REFERENCE).len(), self.frame_bytes);
        if bytes > limit { Err(TooLong::Frame { bytes, limit }) } else { Ok(()) }
    }
}

/// The default limits of the server, for servers whose `welcome` does not contain limits.
impl Default for ServerLimits {
    fn default() -> Self {
        Self { frame_bytes: 8_192, message_bytes: 4_096, message_lines: 64 }
    }
}

/// The longest possible reference.
const LONGEST_REFERENCE: &str = "18446744073709551615";
