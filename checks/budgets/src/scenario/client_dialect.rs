//! The dialects, with the frames that a client of each sends.

use super::work::WORDS;
use chat_dialects::{Dialect, JsonDialect, TextDialect, TxtChatDialect};
use std::sync::Arc;

/// A client's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientDialect {
    /// Text, `[bob]: hi`.
    Bracket,
    /// Text, with the time.
    Star,
    /// Text, `bob: hi`.
    Plain,
    /// JSON, version 1.
    Json1,
    /// JSON, version 2.
    Json2,
    /// txt-chat.
    TxtChat,
}

impl ClientDialect {
    /// Creates the dialect, which all of its clients have to share.
    pub(super) fn dialect(self) -> Arc<dyn Dialect> {
        match self {
            Self::Bracket => Arc::new(TextDialect::bracket()),
            Self::Star => Arc::new(TextDialect::star()),
            Self::Plain => Arc::new(TextDialect::plain()),
            Self::Json1 | Self::Json2 => Arc::new(JsonDialect::default()),
            Self::TxtChat => Arc::new(TxtChatDialect::new(7)),
        }
    }

    /// Returns the frames with which a client takes a nickname and joins the lobby.
    pub(super) fn join_frames(self, number: u64) -> Vec<String> {
        let name = format!("member{number}");
        match self {
            Self::Bracket | Self::Plain => vec![format!("/name {name}")],
            Self::Star => vec![name],
            Self::Json1 => vec![format!(r#"{{"type":"hello","nickname":"{name}"}}"#)],
            Self::Json2 => {
                let hello = r#""type":"hello","version":2,"lobby":true"#;
                vec![format!(r#"{{{hello},"nickname":"{name}"}}"#)]
            }
            Self::TxtChat => vec![format!("reg${name}"), format!("join${number}$lobby")],
        }
    }

    /// Returns the frame of a message to the lobby.
    pub(super) fn message(self, number: u64) -> String {
        match self {
            Self::Bracket | Self::Star | Self::Plain => WORDS.to_owned(),
            Self::Json1 => format!(r#"{{"type":"chat","text":"{WORDS}"}}"#),
            Self::Json2 => {
                format!(r#"{{"type":"chat","ref":"17","channel":"lobby","text":"{WORDS}"}}"#)
            }
            Self::TxtChat => format!("send_msg${number}$lobby${WORDS}"),
        }
    }
}
