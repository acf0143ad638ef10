//! Messages that reply to others (IRCv3 client tag `+draft/reply`).

use crate::client::Client;
use crate::client_tags::REPLY;
use crate::message_id::WireId;
use crate::pending::Pending;
use chat_core::Command;
use chat_dialects::Reaction;

/// Says something: as a reply, if its tag names a message of this server. If the engine does not
/// know that message any more, it is said with the tag as it is.
pub(super) fn say(
    client: &mut Client,
    name: &'static str,
    target: &str,
    plain: Command,
    reaction: &mut Reaction,
) {
    match as_reply(client, &plain) {
        Some(reply) => {
            let pending = Pending::Reply { name, subject: target.into(), plain: Box::new(plain) };
            client.ask(pending, reply, reaction);
        }
        None => client.command(name, target, plain, reaction),
    }
}

fn as_reply(client: &Client, plain: &Command) -> Option<Command> {
    let Command::Say { data, .. } = plain else { return None };
    // The number of an earlier epoch may be that of another message now.
    let parent = WireId::parse(data.get(REPLY)?).filter(|known| known.at >= client.epoch)?;
    let others = data.with(REPLY, None).ok()?;
    Some(plain.clone().with_data(others).replying_to(parent.id))
}
