//! `MODE` of a user.

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use chat_core::{Command, Nickname, ProfileChange, UserCommand, UserModeChange};
use chat_dialects::Reaction;

/// Shows or changes the modes of the client's own user.
pub(super) fn mode(client: &mut Client, name: &str, line: &Line<'_>, reaction: &mut Reaction) {
    let own = client.user.as_ref().map(|user| (user.nickname.clone(), user.bot));
    let Some((_, bot)) = own.filter(|(own, _)| Nickname::parse(name).as_ref() == Ok(own)) else {
        let text = "Cannot change the modes of other users";
        return client.numeric(&mut reaction.frames, 502, format_args!(":{text}"));
    };
    let Some(letters) = line.param(1) else {
        return ask(client, Vec::new(), reaction);
    };
    let (mut is_on, mut is_bot, mut is_unknown) = (true, bot, false);
    let mut changes = Vec::new();
    for letter in letters.chars() {
        match letter {
            '+' | '-' => is_on = letter == '+',
            'i' => changes.push(UserModeChange::Invisible(is_on)),
            'w' => changes.push(UserModeChange::Announcements(is_on)),
            'o' if !is_on => changes.push(UserModeChange::NoOperator),
            // Only `OPER` makes an operator (RFC 2812 §3.1.5).
            'o' => {}
            'B' => is_bot = is_on,
            _ => is_unknown = true,
        }
    }
    if is_unknown {
        client.numeric(&mut reaction.frames, 501, format_args!(":Unknown mode"));
    }
    if !changes.is_empty() {
        ask(client, changes, reaction);
    }
    if is_bot != bot {
        let changes = vec![ProfileChange::Bot(is_bot)];
        client.command("MODE", "", Command::SetProfile { changes }, reaction);
    }
}

fn ask(client: &mut Client, changes: Vec<UserModeChange>, reaction: &mut Reaction) {
    let pending = Pending::UserModes { is_reading: changes.is_empty() };
    client.ask(pending, Command::User(UserCommand::SetModes { changes }), reaction);
}
