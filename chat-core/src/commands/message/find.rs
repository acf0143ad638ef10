//! Finds the message that a command is about.

use super::super::context::CommandContext;
use crate::durable::History;
use crate::{
    AccountName, Answer, ChannelName, Checked, Message, MessageCommand, MessageRequest, Question,
    Refusal, Target, Timestamp,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Returns the message if it is in memory, and the user may read it.
pub(super) fn in_memory(
    context: &CommandContext<'_>,
    command: &MessageCommand<Checked>,
) -> Result<Option<Arc<Message>>, Refusal> {
    let state = &*context.state;
    let find = |history: &History, oldest: Timestamp| {
        history.get(command.id).filter(|message| message.at >= oldest).cloned()
    };
    for name in channels(context, command)? {
        if let Some(channel) = state.durable.channels.get(&name)
            && let Some(message) = find(&channel.history, state.oldest_readable_in(channel))
        {
            return exists(command, message).map(Some);
        }
    }
    if command.channel.is_some() {
        return Ok(None);
    }
    let Some(user) = context.user() else { return Ok(None) };
    let mailbox = |account: &AccountName| {
        let mailbox = &state.durable.account(account)?.mailbox;
        find(mailbox, state.oldest_readable())
    };
    let own = user.account().and_then(mailbox);
    // A message of a user without an account is in the mailbox of its recipient only.
    let sent = || {
        let holders = state.durable.holders(command.id);
        let found = holders.iter().find_map(&mailbox);
        found.filter(|message| user.has_sent(message))
    };
    own.or_else(sent).map(|message| exists(command, message)).transpose()
}

/// Returns the question to the host for a message that is no longer in memory.
pub(super) fn question(
    context: &CommandContext<'_>,
    command: &MessageCommand<Checked>,
) -> Result<Question, Refusal> {
    let durable = &context.state.durable;
    let channels = channels(context, command)?.into_iter();
    let channels = channels
        .filter_map(|name| durable.channels.get(&name).map(|found| (name, found.id)))
        .collect::<Vec<_>>();
    let account = context.info.account.clone().filter(|_| command.channel.is_none());
    let may_exist = context.state.config.older_history
        && command.id <= durable.last_message()
        && (!channels.is_empty() || account.is_some());
    if !may_exist {
        return Err(Refusal::NoSuchMessage(command.id));
    }
    let mut request = MessageRequest::new(command.id);
    (request.channels, request.account) = (channels, account);
    Ok(Question::Message(Box::new(request)))
}

/// Returns the message that the host has found, if the user may still read it.
pub(super) fn in_answer(
    context: &CommandContext<'_>,
    command: &MessageCommand<Checked>,
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
    let found = messages.into_iter().find(|message| message.id == command.id);
    let message = found.ok_or(Refusal::NoSuchMessage(command.id))?;
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
        return Err(Refusal::NoSuchMessage(command.id));
    }
    exists(command, message)
}

/// Returns the channels that the message may be in.
fn channels(
    context: &CommandContext<'_>,
    command: &MessageCommand<Checked>,
) -> Result<Vec<ChannelName>, Refusal> {
    match &command.channel {
        Some(channel) => context.joined_channel(channel).map(|(name, ..)| [name].into()),
        None => Ok(context.channels()),
    }
}

/// Returns a message that was not deleted.
fn exists(
    command: &MessageCommand<Checked>,
    message: Arc<Message>,
) -> Result<Arc<Message>, Refusal> {
    match message.deletion() {
        Some(_) => Err(Refusal::NoSuchMessage(command.id)),
        None => Ok(message),
    }
}
