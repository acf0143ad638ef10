//! The dialect for people with `nc`, `telnet` and `wscat`: lines, commands that begin with `/`, and
//! no markup.

mod account;
mod action;
mod audit_line;
mod conversation;
mod editing;
mod form;
mod help;
mod history;
mod line_writer;
mod mask;
mod message_lines;
mod operator;
mod parse;
mod render;
mod style;
mod words;

pub use audit_line::AuditLine;
pub use style::{Naming, Style, UserList};

use crate::{Conversation, Dialect, Form, Frames};
use chat_core::{Event, Peer, SessionId, Timestamp};
use conversation::TextConversation;
use std::sync::Arc;

/// Text, in a [`Style`].
#[derive(Clone, Debug)]
pub struct TextDialect {
    style: Arc<Style>,
}

impl TextDialect {
    /// Text in a style of one's own.
    pub fn new(style: Style) -> Self {
        Self { style: Arc::new(style) }
    }

    /// [`Style::bracket`].
    pub fn bracket() -> Self {
        Self::new(Style::bracket())
    }

    /// [`Style::star`].
    pub fn star() -> Self {
        Self::new(Style::star())
    }

    /// [`Style::plain`].
    pub fn plain() -> Self {
        Self::new(Style::plain())
    }
}

impl Dialect for TextDialect {
    fn is_typed(&self) -> bool {
        true
    }

    fn names_on_connect(&self) -> bool {
        self.style.naming == Naming::Given
    }

    fn name(&self) -> &str {
        "text"
    }

    fn open(&self, _: SessionId, peer: &Peer) -> Box<dyn Conversation> {
        Box::new(TextConversation::new(self.style.clone(), peer))
    }

    fn encode(&self, form: Form, at: Timestamp, event: &Event, out: &mut Frames) {
        render::write_event(&self.style, form, at, event, out);
    }
}
