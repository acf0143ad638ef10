//! The two kinds of session: with a dialect, and in the same process.

use crate::broadcast::Broadcast;
use crate::encode_cache::{CacheKey, EncodeCache};
use crate::{Conversation, Dialect, Form, Port};
use chat_core::Event;
use std::sync::Arc;

/// The kind of a session, with its port.
pub(crate) enum SessionKind<P: Port> {
    /// A connection that speaks a dialect.
    Dialect(DialectSession<P>),
    /// A session in the same process, which receives events as values.
    Events(P::Events),
}

/// A dialect, the state of a conversation in it, and the port for its frames.
pub(crate) struct DialectSession<P> {
    dialect: Arc<dyn Dialect>,
    conversation: Box<dyn Conversation>,
    /// The conversation's [`only_form`](Conversation::only_form) after its last call.
    only_form: Option<Form>,
    pub(crate) port: P,
}

impl<P> DialectSession<P> {
    pub(crate) fn new(
        dialect: Arc<dyn Dialect>,
        conversation: Box<dyn Conversation>,
        port: P,
    ) -> Self {
        let only_form = conversation.only_form();
        Self { dialect, conversation, only_form, port }
    }

    /// Calls the conversation.
    pub(crate) fn converse<T>(&mut self, call: impl FnOnce(&mut dyn Conversation) -> T) -> T {
        let result = call(self.conversation.as_mut());
        self.only_form = self.conversation.only_form();
        result
    }

    /// Encodes an event about others. `None` if the dialect encodes it as nothing.
    pub(crate) fn encode<'a>(
        &mut self,
        group: u32,
        broadcast: Broadcast<'_>,
        encode_cache: &'a mut EncodeCache<P::Prepared>,
    ) -> Option<&'a P::Prepared>
    where
        P: Port,
    {
        let key = CacheKey { group, form: self.form(broadcast.event) };
        encode_cache.of(key, &*self.dialect, broadcast, &mut self.port)
    }

    pub(crate) fn dialect(&self) -> &Arc<dyn Dialect> {
        &self.dialect
    }

    /// Returns the form in which the client reads an event about others.
    fn form(&self, event: &Event) -> Form {
        match self.only_form {
            Some(form) => form,
            None => self.conversation.form(event),
        }
    }
}
