//! Finds the message that a command is about.

use super::super::context::CommandContext;
use crate::durable::History;
use crate::{
    AccountName, Answer, ChannelName, Checked, Message, MessageCommand, MessageId, MessageRequest,
    Question, Refusal, Target, Timestamp,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The message that a command is about.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) id: MessageId,
    pub(super) place: Place<'a>,
}

/// The place where a message has to be.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Channel(&'a ChannelName),
    Private,
    /// A channel that the user is in, or a private conversation.
    Any,
}

impl<'a> From<&'a MessageCommand<Checked>> for Sought<'a> {
    fn from(command: &'a MessageCommand<Checked>) -> Self {
        let place = command.channel.as_ref().map_or(Place::Any, Place::Channel);
        Self { id: command.id, place }
    }
}

/// Returns the message if it is in memory, and the user may read it. It may be deleted.
pub(super) fn in_memory(
    context: &CommandContext<'_>,
    sought: Sought<'_>,
) -> Result<Option<Arc<Message>>, Refusal> {
    let state = &*context.state;
    let find = |history: &History, oldest: Timestamp| {
        history.get(sought.id).filter(|message| message.at >= oldest).cloned()
    };
    for name in channels(context, sought.place)? {
        let Some(channel) = state.durable.channels.get(&name) else { continue };
        let oldest = state.oldest_readable_in(channel);
        let pinned = || channel.pins.get(sought.id).filter(|message| message.at >= oldest).cloned();
        if let Some(message) = find(&channel.history, oldest).or_else(pinned) {
            return Ok(Some(message));
        }
    }
    if let Place::Channel(_) = sought.place {
        return Ok(None);
    }
    let Some(user) = context.user() else { return Ok(None) };
    let mailbox = |account: &AccountName| {
        let mailbox = &state.durable.account(account)?.mailbox;
        find(mailbox, state.oldest_readable())
    };
    let own = user.account().and_then(mailbox);
    // A private message of or to a user without an account is in the mailbox of the other only.
    let of_other = || {
        let holders = state.durable.holders(sought.id);
        let found = holders.iter().find_map(&mailbox);
        found.filter(|message| user.has_sent(message) || user.has_received(message))
    };
    Ok(own.or_else(of_other))
}

/// Returns the question to the host for a message that is no longer in memory.
pub(super) fn question(
    context: &CommandContext<'_>,
    sought: Sought<'_>,
) -> Result<Question, Refusal> {
    let durable = &context.state.durable;
    let channels = channels(context, sought.place)?.into_iter();
    let channels = channels
        .filter_map(|name| durable.channels.get(&name).map(|found| (name, found.id)))
        .collect::<Vec<_>>();
    let may_be_private = !matches!(sought.place, Place::Channel(_));
    let account = context.info.account.clone().filter(|_| may_be_private);
    let may_exist = context.state.config.older_history
        && sought.id <= durable.last_message()
        && (!channels.is_empty() || account.is_some());
    if !may_exist {
        return Err(Refusal::NoSuchMessage(sought.id));
    }
    let mut request = MessageRequest::new(sought.id);
    (request.channels, request.account) = (channels, account);
    Ok(Question::Message(Box::new(request)))
}

/// Returns the message that the host has found, if the user may still read it.
pub(super) fn in_answer(
    context: &CommandContext<'_>,
    sought: Sought<'_>,
    question: &Question,
    answer: Answer,
) -> Result<Arc<Message>, Refusal> {
    let Question::Message(request) = question else { return Err(Refusal::HistoryUnavailable) };
    let messages = match answer {
        Answer::Messages { messages, .. } => messages,
        Answer::Refused(reason) => return Err(Refusal::Forbidden(reason.single_line())),
        Answer::Account(_)
        | Answer::Guest
        | Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Found { .. }
        | Answer::Unavailable => return Err(Refusal::HistoryUnavailable),
    };
    let found = messages.into_iter().find(|message| message.id == sought.id);
    let message = found.ok_or(Refusal::NoSuchMessage(sought.id))?;
    let state = &*context.state;
    let may_read = match &message.target {
        Target::Channel(name) => context.joined_channel(name).is_ok_and(|(name, channel, _)| {
            // Another channel of the same name has other messages.
            request.channels.contains(&(name, channel.id))
                && message.at >= state.oldest_readable_in(channel)
        }),
        Target::Members { .. } => false,
        Target::User(_) => {
            let account = context.info.account.as_ref();
            account.is_some()
                && account == request.account.as_ref()
                && message.at >= state.oldest_readable()
        }
    };
    if !may_read {
        return Err(Refusal::NoSuchMessage(sought.id));
    }
    Ok(message)
}

/// Returns the channels that the message may be in.
fn channels(context: &CommandContext<'_>, place: Place<'_>) -> Result<Vec<ChannelName>, Refusal> {
    match place {
        Place::Channel(channel) => context.joined_channel(channel).map(|(name, ..)| [name].into()),
        Place::Private => Ok(Vec::new()),
        Place::Any => Ok(context.channels()),
    }
}
