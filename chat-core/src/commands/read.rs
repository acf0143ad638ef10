//! Marks messages as read.

use super::context::CommandContext;
use crate::{Event, MessageId, Record, Refusal, Target};

pub(super) fn mark(
    context: &mut CommandContext<'_>,
    target: Target,
    id: MessageId,
) -> Result<Event, Refusal> {
    // A mark beyond the newest message would hide messages that nobody has said yet.
    let id = id.min(context.state.durable.last_message());
    let target = match target {
        Target::Channel(name) | Target::Members { channel: name, .. } => {
            Target::Channel(context.joined_channel(&name)?.0)
        }
        Target::User(nickname) => Target::User(nickname),
    };
    let id = match context.info.account.clone() {
        Some(account) => {
            let known = context.state.read_position(&account, &target);
            if known.is_none_or(|known| known < id) {
                let target = target.clone();
                context.record(Record::ReadMarked { account, target, id });
            }
            known.map_or(id, |known| known.max(id))
        }
        None => id,
    };
    let event = Event::ReadMarked { target, id };
    context.tell_own(|| event.clone());
    Ok(event)
}
