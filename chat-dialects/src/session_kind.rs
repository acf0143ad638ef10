//! The two kinds of session: with a dialect, and in process.

use crate::{Conversation, Dialect, Form};
use chat_core::Event;
use std::sync::Arc;

/// The kind of a session.
pub(crate) enum SessionKind {
    /// A connection that speaks a dialect.
    Dialect(DialectSession),
    /// A session in the same process, which receives events as values.
    Events,
}

/// A dialect and the state of a conversation in it.
pub(crate) struct DialectSession {
    dialect: Arc<dyn Dialect>,
    conversation: Box<dyn Conversation>,
    /// The conversation's [`only_form`](Conversation::only_form) after its last call.
    only_form: Option<Form>,
}

impl DialectSession {
    pub(crate) fn new(dialect: Arc<dyn Dialect>, conversation: Box<dyn Conversation>) -> Self {
        let only_form = conversation.only_form();
        Self { dialect, conversation, only_form }
    }

    pub(crate) fn dialect(&self) -> &Arc<dyn Dialect> {
        &self.dialect
    }

    /// In which form its client reads an event about others.
    pub(crate) fn form(&self, event: &Event) -> Form {
        match self.only_form {
            Some(form) => form,
            None => self.conversation.form(event),
        }
    }

    /// Lets the conversation take or say something.
    pub(crate) fn let_speak<T>(&mut self, speak: impl FnOnce(&mut dyn Conversation) -> T) -> T {
        let said = speak(self.conversation.as_mut());
        self.only_form = self.conversation.only_form();
        said
    }
}
