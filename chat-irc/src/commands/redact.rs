//! `REDACT` (IRCv3 draft/message-redaction).

use crate::client::Client;
use crate::line::Line;
use crate::message_id::WireId;
use crate::pending::Pending;
use crate::replies::{Unredacted, not_redacted};
use chat_core::{ChannelName, Command, MessageAction, MessageCommand};
use chat_dialects::Reaction;

pub(super) fn redact(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let (Some(target), Some(id)) = (line.param(0), line.param(1)) else {
        return client.needs_more("REDACT", reaction);
    };
    let is_channel = target.starts_with('#');
    let name = ChannelName::parse(target).ok().filter(|_| is_channel);
    if is_channel && !name.is_some_and(|name| client.channels.contains(&name)) {
        let text = "You are not on that channel";
        return not_redacted(client, Unredacted::InvalidTarget, (target, id), text, reaction);
    }
    // The number of an earlier epoch may be that of another message now.
    let Some(known) = WireId::parse(id).filter(|known| known.at >= client.epoch) else {
        let text = "There is no such message";
        return not_redacted(client, Unredacted::UnknownMessage, (target, id), text, reaction);
    };
    let reason = line.param(2).map(str::to_owned);
    let channel = is_channel.then(|| target.to_owned());
    let action = MessageAction::Delete { reason };
    let command = Command::Message(MessageCommand { id: known.id, channel, action });
    let pending = Pending::Redact { target: target.into(), id: id.into() };
    client.ask(pending, command, reaction);
}
