//! Answers about the modes of the client's own user.

use crate::client::Client;
use crate::mode::user_letters;
use crate::reloadable::Rehash;
use chat_core::Event;
use chat_dialects::Reaction;

/// Writes the modes.
pub(super) fn show(client: &mut Client, event: &Event, reaction: &mut Reaction) {
    let Event::UserModesChanged { user, after, .. } = event else { return };
    client.is_operator = after.operator;
    let letters = user_letters(*after, user.bot);
    client.numeric(&mut reaction.frames, 221, format_args!("{letters}"));
}

/// Writes that the user is a server operator now.
pub(super) fn operator(client: &Client, reaction: &mut Reaction) {
    let text = "You are now an IRC operator";
    client.numeric(&mut reaction.frames, 381, format_args!(":{text}"));
}

/// Asks the host to reload its settings, for a server operator.
pub(super) fn rehash(client: &Client, reaction: &mut Reaction) {
    let out = &mut reaction.frames;
    match &client.settings.rehash {
        Some(Rehash(reload)) => {
            reload();
            client.numeric(out, 382, format_args!("* :The settings are read again"));
        }
        None => {
            let text = "The settings cannot be read again from here";
            client.numeric(out, 400, format_args!("REHASH :{text}"));
        }
    }
}
