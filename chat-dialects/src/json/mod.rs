//! The dialect for programs: one JSON object a frame, in two versions.
//!
//! Version 1 is one room for the smallest possible client; version 2 is everything that the engine
//! can do. The client's `hello` decides.

mod account;
mod audit_object;
mod chat;
mod conversation;
mod data;
mod deletion_object;
mod entry;
mod event;
mod form;
mod hello;
mod limits_object;
mod look_up;
mod mask;
mod message;
mod operator;
mod operator_object;
mod pin_object;
mod place;
mod reactions_object;
mod read;
mod read_object;
mod reference;
mod reply_object;
mod report_object;
mod request;
mod session_object;
mod settings;
mod signal;
mod surrogates;
mod target_object;
mod user;
mod version1;
mod version2;
mod watch;

pub use audit_object::AuditObject;
pub use event::MessageObject;

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::JsonConversation;
use form::VERSION_2;
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
            VERSION_2 => version2::write_event(event, out),
            // Conversations use only these two forms.
            _ => version1::write_event(event, out),
        }
    }
}
