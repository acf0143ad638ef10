//! Records the change of a message, and tells the others.

use super::super::context::CommandContext;
use crate::{Event, Message, MessageChange, MessageChangeKind, Record, Refusal, Target};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Returns the answer to a command that changes nothing, so that nobody else is told.
pub(super) fn unchanged(
    context: &CommandContext<'_>,
    message: &Arc<Message>,
    kind: MessageChangeKind,
) -> Event {
    let (message, by) = (message.clone(), context.actor());
    Event::MessageChanged(Arc::new(MessageChange { message, by, kind }))
}

/// Records the change of a message, and tells the others.
pub(super) fn change(
    context: &mut CommandContext<'_>,
    message: Message,
    kind: MessageChangeKind,
) -> Result<Event, Refusal> {
    let message = Arc::new(message);
    let mut accounts = Vec::new();
    if let Target::User(_) = message.target {
        accounts = context.state.durable.holders(message.id);
        // Memory may have lost the message, which the store still has.
        if let Some(account) = context.info.account.clone()
            && let Err(place) = accounts.binary_search(&account)
            && message.sender.user().is_some_and(|sender| sender.account.is_some())
        {
            accounts.insert(place, account);
        }
    }
    let recorded = Record::MessageChanged { message: message.clone(), accounts: accounts.clone() };
    context.record(recorded);
    context.state.changes_made += 1;
    context.state.nonces.replace(&context.user, &message);
    let by = context.actor();
    let event = Event::MessageChanged(Arc::new(MessageChange { message, by, kind }));
    let Event::MessageChanged(changed) = &event else { return Ok(event) };
    match &changed.message.target {
        Target::Channel(name) => context.tell_channel(name, || event.clone()),
        // Not kept, so that it cannot be changed.
        Target::Members { .. } => {}
        Target::User(nickname) => {
            let state = &*context.state;
            let users = accounts.iter().filter_map(|account| state.user_of_account(account));
            let recipient = state.holder_since(nickname, changed.message.id);
            let users = users.chain(recipient).chain([context.user]);
            let audiences = users.map(|user| state.sessions_of(user));
            context.out.deliver_once(audiences, context.session, || event.clone());
        }
    }
    Ok(event)
}
