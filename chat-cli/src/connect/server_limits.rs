//! The limits that a server sets for requests.

use super::request::Request;
use chat_core::Text;
use serde::Deserialize;

/// How much a server takes at once, as its `welcome` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ServerLimits {
    /// Most bytes of a frame.
    frame_bytes: usize,
    /// Most bytes of a message, after it has been cleaned.
    message_bytes: usize,
}

/// A request is not sent, because the server would not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooLong {
    #[error("the message is too long: it has {bytes} bytes, and the server takes at most {limit}")]
    Message { bytes: usize, limit: usize },
    #[error(
        "the line is too long: as JSON it has {bytes} bytes, and the server takes at most {limit}"
    )]
    Frame { bytes: usize, limit: usize },
}

impl ServerLimits {
    /// Whether a server with these limits takes a request.
    pub(super) fn check(&self, request: &Request) -> Result<(), TooLong> {
        if let Request::Chat { text, .. } = request {
            let (bytes, limit) = (Text::clean(text).as_str().len(), self.message_bytes);
            if bytes > limit {
                return Err(TooLong::Message { bytes, limit });
            }
        }
        let (bytes, limit) = (request.encode(LONGEST_REFERENCE).len(), self.frame_bytes);
        if bytes > limit { Err(TooLong::Frame { bytes, limit }) } else { Ok(()) }
    }
}

/// The limits of a server whose operator has not changed them, for one that does not say.
impl Default for ServerLimits {
    fn default() -> Self {
        Self { frame_bytes: 8_192, message_bytes: 4_096 }
    }
}

/// As long as a reference can become.
const LONGEST_REFERENCE: &str = "18446744073709551615";
