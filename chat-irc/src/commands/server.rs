//! Questions about the server.

use crate::client::Client;
use crate::pending::Pending;
use crate::replies;
use chat_core::{Command, Query};
use chat_dialects::{Reaction, Rfc3339};

pub(super) fn motd(client: &Client, reaction: &mut Reaction) {
    replies::motd(client, reaction);
}

pub(super) fn lusers(client: &mut Client, reaction: &mut Reaction) {
    client.ask(Pending::Lusers, Command::Query(Query::Counts), reaction);
}

pub(super) fn version(client: &Client, reaction: &mut Reaction) {
    let (version, server) = (replies::VERSION, &client.settings.server_name);
    client.numeric(&mut reaction.frames, 351, format_args!("{version} {server} :"));
    replies::support(client, reaction);
}

pub(super) fn time(client: &Client, reaction: &mut Reaction) {
    let (server, at) = (&client.settings.server_name, Rfc3339::from(reaction.at));
    client.numeric(&mut reaction.frames, 391, format_args!("{server} :{}", at.as_str()));
}

pub(super) fn admin(client: &Client, reaction: &mut Reaction) {
    let server = &client.settings.server_name;
    let rest = format_args!("{server} :No administrative info available");
    client.numeric(&mut reaction.frames, 423, rest);
}

pub(super) fn info(client: &Client, reaction: &mut Reaction) {
    let out = &mut reaction.frames;
    client.numeric(out, 371, format_args!(":{}", replies::VERSION));
    client.numeric(out, 374, format_args!(":End of INFO list"));
}

/// There is one server, so that there are no links.
pub(super) fn links(client: &Client, reaction: &mut Reaction) {
    client.numeric(&mut reaction.frames, 365, format_args!("* :End of /LINKS list"));
}
