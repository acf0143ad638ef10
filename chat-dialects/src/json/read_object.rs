//! The parts of objects that tell which messages are read.

use chat_core::{Conversation, ReadState};
use serde::Serialize;

/// The messages that the reader has read, and has not read.
#[derive(Serialize)]
pub(super) struct ReadObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_read: Option<u64>,
    unread: usize,
    mentions: usize,
}

/// A private conversation.
#[derive(Serialize)]
pub(super) struct ConversationObject<'a> {
    nickname: &'a str,
    /// The id of its newest message.
    last_id: u64,
    #[serde(flatten)]
    read: ReadObject,
}

impl From<ReadState> for ReadObject {
    fn from(read: ReadState) -> Self {
        let last_read = read.last.map(|last| last.0);
        Self { last_read, unread: read.unread, mentions: read.mentions }
    }
}

impl<'a> From<&'a Conversation> for ConversationObject<'a> {
    fn from(conversation: &'a Conversation) -> Self {
        Self {
            nickname: conversation.nickname.shown(),
            last_id: conversation.newest.0,
            read: conversation.read.into(),
        }
    }
}
