//! The dialect for programs: one JSON object a frame, in two versions.
//!
//! Version 1 is one room for the smallest possible client; version 2 is everything that the engine
//! can do. The client's `hello` decides.

mod chat;
mod conversation;
mod event;
mod form;
mod reference;
mod request;
mod settings;
mod surrogates;
mod version1;
mod version2;

pub use event::MessageObject;

use crate::frame::BYTE_ORDER_MARK;
use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::JsonConversation;
use form::VERSION_2;
use memchr::memmem;
use serde_json::Value;
use settings::Settings;
use std::sync::Arc;

/// JSON, one object a frame.
#[derive(Clone, Debug)]
pub struct JsonDialect {
    settings: Settings,
}

impl JsonDialect {
    /// JSON from a server of this name, which clients of version 2 are told in their `welcome`.
    pub fn new(server: impl Into<Arc<str>>) -> Self {
        Self { settings: Settings { server: server.into(), takes_early_requests: false } }
    }

    /// Returns true if a frame is a `hello` of this dialect, which may contain a token: a JSON
    /// object with `"type":"hello"`, or something that is only almost JSON and has that text in it.
    ///
    /// Connections that speak something else at first use this to recognise a program, so that its
    /// secrets are never said aloud.
    pub fn is_hello(frame: &[u8]) -> bool {
        let frame = frame.strip_prefix(BYTE_ORDER_MARK).unwrap_or(frame).trim_ascii();
        if frame.first() != Some(&b'{') {
            return false;
        }
        match serde_json::from_slice::<Value>(frame) {
            Ok(object) => object["type"] == "hello",
            Err(_) => memmem::find(frame, b"\"hello\"").is_some(),
        }
    }
}

impl Default for JsonDialect {
    fn default() -> Self {
        Self::new(concat!("chat/", env!("CARGO_PKG_VERSION")))
    }
}

impl Dialect for JsonDialect {
    fn name(&self) -> &str {
        "json"
    }

    fn open(&self, session: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        Box::new(JsonConversation::new(session, peer, self.settings.clone()))
    }

    fn with_early_requests(self) -> Self {
        Self { settings: Settings { takes_early_requests: true, ..self.settings } }
    }

    fn encode(&self, form: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        match form {
            VERSION_2 => version2::told(event, out),
            // A conversation has no other form than these two.
            _ => version1::told(event, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_is_recognised_however_it_is_written() {
        for hello in [
            r#"{"type":"hello","nickname":"bot"}"#,
            "\u{feff} \t{ \"version\" : 2, \"type\" : \"hello\" }\r",
            r#"{"type":"h\u0065llo"}"#,
            // A lone surrogate, and a comma too many: not JSON, and yet full of secrets.
            r#"{"type":"hello","nickname":"\ud83d","token":"secret"}"#,
            r#"{"type":"hello","token":"secret",}"#,
        ] {
            assert!(JsonDialect::is_hello(hello.as_bytes()), "{hello}");
        }
        for other in ["hello", "", "{", r#"{"type":"chat","text":"hello"}"#, r#"["hello"]"#] {
            assert!(!JsonDialect::is_hello(other.as_bytes()), "{other}");
        }
    }
}
