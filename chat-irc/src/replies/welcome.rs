//! The welcome, and answers about the server.

use super::metadata;
use crate::client::Client;
use crate::identity::{Mask, Word};
use crate::pending::Pending;
use chat_core::{Command, Counts, Event, Timestamp, UserInfo};
use chat_dialects::{Reaction, Rfc3339};
use std::sync::Arc;

/// The name and the version of the server.
pub(crate) const VERSION: &str = concat!("chat-", env!("CARGO_PKG_VERSION"));

/// Writes the welcome of a client that has a user now.
pub(super) fn welcome(
    client: &mut Client,
    user: &Arc<UserInfo>,
    boot: Timestamp,
    reaction: &mut Reaction,
) {
    let nickname = user.nickname.shown();
    let wanted = client.registration.nickname.take();
    let away = client.registration.away.take();
    let noted = std::mem::take(&mut client.registration.metadata);
    client.registration = Default::default();
    if let Some(wanted) = wanted.filter(|wanted| wanted != nickname) {
        // Some clients ignore another nickname in 001.
        reaction.frames.push(format!(":{} NICK {nickname}", Word(&wanted)));
    }
    client.user = Some(user.clone());
    let settings = client.settings.clone();
    let (server, network) = (&settings.server_name, &settings.network);
    let out = &mut reaction.frames;
    let rest = format_args!(":Welcome to the {network} network, {}", Mask(user));
    client.numeric(out, 1, rest);
    client.numeric(out, 2, format_args!(":Your host is {server}, running version {VERSION}"));
    let boot = Rfc3339::from(boot);
    client.numeric(out, 3, format_args!(":This server was created {}", boot.as_str()));
    client.numeric(out, 4, format_args!("{server} {VERSION} Biow Ibeiklmnoqstv Ibeklqov"));
    support(client, reaction);
    metadata::welcome(client, noted, reaction);
    motd(client, reaction);
    if let Some(message) = away {
        client.ask(Pending::PreAway, Command::SetAway { message }, reaction);
    }
}

/// Writes the features of the server.
pub(crate) fn support(client: &Client, reaction: &mut Reaction) {
    for tokens in client.settings.support.chunks(TOKENS_IN_LINE) {
        let rest = format_args!("{} :are supported by this server", tokens.join(" "));
        client.numeric(&mut reaction.frames, 5, rest);
    }
}

/// Writes the message of the day.
pub(crate) fn motd(client: &Client, reaction: &mut Reaction) {
    let out = &mut reaction.frames;
    let lines = client.settings.reloadable.get().motd;
    if lines.is_empty() {
        return client.numeric(out, 422, format_args!(":MOTD File is missing"));
    }
    let server = &client.settings.server_name;
    client.numeric(out, 375, format_args!(":- {server} Message of the day -"));
    for line in &*lines {
        client.numeric(out, 372, format_args!(":- {line}"));
    }
    client.numeric(out, 376, format_args!(":End of /MOTD command"));
}

/// Writes the numbers of users and channels.
pub(super) fn lusers(client: &Client, event: &Event, reaction: &mut Reaction) {
    let Event::CountsShown(counts) = event else { return };
    let &Counts { users, invisible, operators, newcomers, channels, most_users, .. } = counts;
    let out = &mut reaction.frames;
    let visible = users.saturating_sub(invisible);
    let text = format_args!(":There are {visible} users and {invisible} invisible on 1 servers");
    client.numeric(out, 251, text);
    client.numeric(out, 252, format_args!("{operators} :operator(s) online"));
    client.numeric(out, 253, format_args!("{newcomers} :unknown connection(s)"));
    client.numeric(out, 254, format_args!("{channels} :channels formed"));
    client.numeric(out, 255, format_args!(":I have {users} clients and 0 servers"));
    for (code, of) in [(265, "local"), (266, "global")] {
        let text =
            format_args!("{users} {most_users} :Current {of} users {users}, max {most_users}");
        client.numeric(out, code, text);
    }
}

/// The most tokens in a line (RFC 1459 allows 15 parameters).
const TOKENS_IN_LINE: usize = 13;
