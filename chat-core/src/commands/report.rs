//! Reports messages and users to the server operators.

use super::context::CommandContext;
use crate::state::{Rate, ThrottleKey};
use crate::{Event, Message, MessageId, Nickname, Record, Refusal, Report, ReportTarget, Text};
use alloc::sync::Arc;

pub(super) fn report(
    context: &mut CommandContext<'_>,
    about: ReportTarget<Nickname>,
    reason: Option<Text>,
) -> Result<Event, Refusal> {
    let (user, message) = match about {
        ReportTarget::User(nickname) => {
            let found = context.state.user_named(&nickname);
            let user = found.map(|(_, user)| user.info.without_data());
            (user.ok_or(Refusal::NoSuchUser(nickname))?, None)
        }
        ReportTarget::Message(id) => {
            let message = readable(context, id).filter(|message| message.deletion().is_none());
            let message = message.ok_or(Refusal::NoSuchMessage(id))?;
            let sender = message.sender.user().filter(|sender| **sender != context.info);
            (sender.cloned().ok_or(Refusal::NoSuchMessage(id))?, Some(message))
        }
    };
    check_limits(context)?;
    let (id, at) = (context.state.durable.reports().next_id(), context.now());
    let by = context.info.without_data();
    let report = Arc::new(Report { id, at, by, user, message, reason });
    context.record(Record::Reported(report.clone()));
    tell_operators(context, &report);
    Ok(Event::Reported(report))
}

/// Returns a message that is in memory, of a channel that the user is in, or of its mailbox.
fn readable(context: &CommandContext<'_>, id: MessageId) -> Option<Arc<Message>> {
    let (state, user) = (&*context.state, context.user()?);
    let channels = user.channels.iter().filter_map(|name| state.durable.channels.get(name));
    let in_channel = channels
        .filter_map(|channel| Some((channel.history.get(id)?, state.oldest_readable_in(channel))))
        .find(|(message, oldest)| message.at >= *oldest);
    let mailbox = || {
        let mailbox = &state.durable.account(user.account()?)?.mailbox;
        mailbox.get(id).filter(|message| message.at >= state.oldest_readable())
    };
    in_channel.map(|(message, _)| message).or_else(mailbox).cloned()
}

fn check_limits(context: &mut CommandContext<'_>) -> Result<(), Refusal> {
    let (session, state) = (context.session, &mut *context.state);
    let limit = state.config.open_reports;
    if state.durable.reports().len() >= limit {
        return Err(Refusal::TooManyReports { limit });
    }
    let open = session.and_then(|session| state.sessions.get(&session));
    let [network, _] = ThrottleKey::of(open.and_then(|open| open.address()), "");
    let begun = state.reports.begin(state.now, Rate::of_reports(&state.config), &[network]);
    begun.map_err(|retry_after| Refusal::ReportsLimited { retry_after })
}

/// Tells the server operators who are online, in all their sessions but the one that reports.
fn tell_operators(context: &mut CommandContext<'_>, report: &Arc<Report>) {
    let sessions = context.state.operator_sessions();
    context.out.deliver(&sessions, context.session.as_slice(), || Event::Reported(report.clone()));
}
