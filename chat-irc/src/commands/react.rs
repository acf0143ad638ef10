//! Reactions (IRCv3 client tags `+draft/react` and `+draft/unreact`).

use crate::client::Client;
use crate::client_tags::{REACT, REPLY, UNREACT};
use crate::message_id::WireId;
use crate::pending::Pending;
use chat_core::{AppData, Command, MessageAction, MessageCommand};
use chat_dialects::Reaction;

/// Sends a signal: as a reaction, if its tags name a message of this server. If the engine does not
/// know that message any more, it is relayed as it is.
pub(super) fn signal(client: &mut Client, target: &str, plain: Command, reaction: &mut Reaction) {
    let found = if let Command::Signal { data, .. } = &plain {
        as_reaction(client, target, data)
    } else {
        None
    };
    match found {
        Some(react) => {
            let (name, plain) = ("TAGMSG", Box::new(plain));
            let pending = Pending::Reply { name, subject: target.into(), plain };
            client.ask(pending, Command::Message(react), reaction);
        }
        None => client.command("TAGMSG", target, plain, reaction),
    }
}

fn as_reaction(client: &Client, target: &str, data: &AppData) -> Option<MessageCommand> {
    // It is read with the history as it is.
    if data.get(AppData::PERSIST).is_some() {
        return None;
    }
    // The number of an earlier epoch may be that of another message now.
    let known = WireId::parse(data.get(REPLY)?).filter(|known| known.at >= client.epoch)?;
    let (emoji, remove) = match (data.get(REACT), data.get(UNREACT)) {
        (Some(emoji), None) => (emoji.to_owned(), false),
        (None, Some(emoji)) => (emoji.to_owned(), true),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let channel = target.starts_with('#').then(|| target.to_owned());
    let action = MessageAction::React { emoji, remove };
    Some(MessageCommand { id: known.id, channel, action })
}
