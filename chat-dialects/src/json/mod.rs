//! The dialect for programs: one JSON object a frame, in two versions.
//!
//! Version 1 is one room for the smallest possible client; version 2 is everything that the engine can do. The client's
//! `hello` decides.

mod chat;
mod conversation;
mod event;
mod request;
mod version1;
mod version2;

pub use event::MessageObject;

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::JsonConversation;
use std::sync::Arc;

/// JSON, one object a frame.
#[derive(Clone, Debug)]
pub struct JsonDialect {
    server: Arc<str>,
}

impl JsonDialect {
    /// JSON from a server of this name, which clients of version 2 are told in their `welcome`.
    pub fn new(server: impl Into<Arc<str>>) -> Self {
        Self { server: server.into() }
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
        Box::new(JsonConversation::new(session, peer, self.server.clone()))
    }

    fn encode(&self, form: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        match form {
            VERSION_2 => version2::told(event, out),
            // A conversation has no other form than these two.
            _ => version1::told(event, out),
        }
    }
}

/// What those who said hello without a version are sent.
const VERSION_1: Form = Form(1);
/// What those who asked for version 2 are sent.
const VERSION_2: Form = Form(2);
