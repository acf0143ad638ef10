//! What a session speaks.

use crate::{Conversation, Dialect, Form};
use chat_core::Event;
use std::sync::Arc;

/// What a session speaks.
pub(crate) enum Speech {
    /// A dialect, over a connection.
    Dialect(Talk),
    /// None: a session in the same process.
    Events,
}

/// A conversation in a dialect.
pub(crate) struct Talk {
    dialect: Arc<dyn Dialect>,
    conversation: Box<dyn Conversation>,
    /// What the conversation has said of itself when it last did something.
    only_form: Option<Form>,
}

impl Talk {
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
