//! The dialects, with the frames that a client of each sends.

use super::work::WORDS;
use chat_core::Config;
use chat_dialects::{Dialect, JsonDialect, TextDialect, TxtChatDialect};
use chat_irc::{IrcDialect, IrcSettings};
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
    /// IRC without capabilities.
    Irc,
    /// IRC with all capabilities that tag messages.
    IrcTags,
    /// IRC, to a client that is not told the members of the channels that it joins.
    IrcNoNames,
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
            Self::Irc | Self::IrcTags | Self::IrcNoNames => {
                let settings = IrcSettings::new("chat.example.org");
                Arc::new(IrcDialect::new(settings, &Config::default()))
            }
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
            Self::Irc | Self::IrcTags | Self::IrcNoNames => {
                let capabilities = if self == Self::IrcTags {
                    "server-time message-tags account-tag"
                } else if self == Self::IrcNoNames {
                    "no-implicit-names"
                } else {
                    ""
                };
                let user = format!("USER {name} 0 * :{name}");
                let ready = ["CAP END".to_owned(), "JOIN #lobby".to_owned()];
                [format!("CAP REQ :{capabilities}"), format!("NICK {name}"), user]
                    .into_iter()
                    .chain(ready)
                    .collect()
            }
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
            Self::Irc | Self::IrcTags | Self::IrcNoNames => format!("PRIVMSG #lobby :{WORDS}"),
        }
    }
}
