//! The changes of messages that a client has received before it lost its connection.

use super::reader::Reader;
use crate::{Message, MessageId, Target};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Returns true if all changes are known of the messages that a client has received, up to this
/// one, and if they fit into a page.
pub(crate) fn knows_changes(reader: Reader<'_>, received: MessageId) -> bool {
    let limit = reader.history_limit(usize::MAX);
    reader.state.durable.changes().reach(received) && found(reader, received).nth(limit).is_none()
}

/// Returns the messages that a client has received, up to this one, and that were changed since
/// then, as they are now.
pub(crate) fn changes(reader: Reader<'_>, received: MessageId) -> Vec<Arc<Message>> {
    found(reader, received).take(reader.history_limit(usize::MAX)).cloned().collect()
}

fn found<'a>(reader: Reader<'a>, received: MessageId) -> impl Iterator<Item = &'a Arc<Message>> {
    let state = reader.state;
    let may_read = move |message: &Message, accounts: &[_]| match &message.target {
        Target::Channel(name) => {
            let channel = state.durable.channels.get(name);
            channel.is_some_and(|channel| {
                reader.is_in(channel) && message.at >= state.oldest_readable_in(channel)
            })
        }
        Target::Members { .. } => false,
        Target::User(_) => {
            let own = reader.user.account();
            own.is_some_and(|own| accounts.contains(own)) && message.at >= state.oldest_readable()
        }
    };
    let changes = state.durable.changes().since(received);
    let changes = changes.filter(move |change| may_read(&change.message, &change.accounts));
    changes.map(|change| &change.message)
}
