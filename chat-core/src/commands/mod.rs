//! The commands, one file each: required rights, changes of state, and recipients.

mod account;
mod authority;
mod away;
mod ban;
pub(crate) mod check;
mod check_data;
mod context;
mod data;
mod exempt;
mod host;
pub(crate) mod identify;
mod invite;
mod join;
mod kick;
mod leave;
mod mask;
mod message;
mod modes;
mod mute;
mod operator;
mod profile;
mod quit;
mod read;
mod rename;
mod report;
mod resume;
mod role;
mod say;
mod server_ban;
mod signal;
mod topic;
mod user;
mod voice;

pub(crate) use account::run as run_account;
pub(crate) use host::run as run_host;
pub(crate) use join::JoiningMany;
pub(crate) use quit::{depart, quit, quit_user};
pub(crate) use say::repeated;

use crate::effect::EffectBuffer;
use crate::queries::{self, Reader};
use crate::state::{Asked, Reply, State, Waiting};
use crate::{
    Answer, Checked, Command, Event, Query, QuestionId, Refusal, RequestId, SessionId, Text, UserId,
};
use context::CommandContext;
use say::Content;

/// Carries out a command of an open session that has a user, or refuses it without changes. Returns
/// no event if the host has to be asked first; then [`answered`] replies.
pub(crate) fn run(
    state: &mut State,
    out: &mut EffectBuffer,
    (session, user): (SessionId, UserId),
    request: &Option<RequestId>,
    command: Command<Checked>,
) -> Result<Option<Event>, Refusal> {
    let context = &mut CommandContext::of(state, out, Some(session), user)?;
    let event = match command {
        Command::Identify { .. } => Err(Refusal::AlreadyIdentified),
        Command::Account(command) => {
            return account::run(context.state, context.out, (session, request), command);
        }
        Command::User(command) => {
            return user::run(context, (session, request), command);
        }
        Command::Rename { nickname } => rename::rename(context, nickname),
        Command::SetProfile { changes } => profile::set(context, changes),
        Command::Join { channel, key } => join::join(context, channel, key.as_deref()),
        // The engine joins several channels one by one, with a review of each. This command arrives
        // here only if a policy has rewritten another one into it.
        Command::JoinMany { channels } => {
            let mut joining = JoiningMany::new(&context.state.config);
            for (index, target) in channels.into_iter().enumerate() {
                let name = Text::clean(target.channel.shown());
                let joined = joining.join(context.state, context.out, (session, user), target);
                joined.unwrap_or_else(|refusal| joining.refuse(index, name, refusal));
            }
            Ok(joining.finish())
        }
        Command::Leave { channel, reason } => leave::leave(context, &channel, reason),
        Command::Say { to, kind, text, nonce, data, reply_to: None } => {
            say::say(context, &to, Content { kind, text, data, reply_to: None }, nonce)
        }
        Command::Say { to, kind, text, nonce, data, reply_to: Some(parent) } => {
            let reply = Reply { to, kind, text, nonce, data, parent };
            return message::reply(context, (session, request), reply);
        }
        Command::Signal { to, data } => signal::send(context, &to, data),
        Command::MarkRead { of, id } => read::mark(context, of, id),
        Command::Query(query) => return look_up(context, (session, request), query),
        Command::ShowTopic { channel } => {
            return look_up(context, (session, request), Query::Topic { channel });
        }
        Command::SetData { channel: None, changes } => data::set_own(context, changes),
        Command::SetData { channel: Some(channel), changes } => {
            data::set_of_channel(&mut context.authority(), &channel, changes)
        }
        Command::SetTopic { channel, topic } => {
            topic::set(&mut context.authority(), &channel, topic)
        }
        Command::ShowModes { channel } => {
            return look_up(context, (session, request), Query::Modes { channel });
        }
        Command::SetModes { channel, changes } => {
            modes::set(&mut context.authority(), &channel, changes)
        }
        Command::SetRole { channel, nickname, change } => {
            role::set(&mut context.authority(), &channel, &nickname, change)
        }
        Command::Kick { channel, nickname, reason } => {
            kick::kick(&mut context.authority(), &channel, &nickname, reason)
        }
        Command::Ban { channel, nickname, reason } => {
            ban::ban(&mut context.authority(), &channel, &nickname, reason)
        }
        Command::Unban { channel, nickname } => {
            ban::unban(&mut context.authority(), &channel, &nickname)
        }
        Command::Mute { channel, nickname, reason } => {
            mute::mute(&mut context.authority(), &channel, &nickname, reason)
        }
        Command::Unmute { channel, nickname } => {
            mute::unmute(&mut context.authority(), &channel, &nickname)
        }
        Command::Exempt { channel, nickname } => {
            exempt::exempt(&mut context.authority(), &channel, &nickname)
        }
        Command::Unexempt { channel, nickname } => {
            exempt::unexempt(&mut context.authority(), &channel, &nickname)
        }
        Command::SetMask { channel, list, mask, listed, reason } => {
            mask::set(&mut context.authority(), &channel, (list, mask, listed), reason)
        }
        Command::Invite { channel, nickname } => {
            invite::invite(&mut context.authority(), &channel, &nickname)
        }
        Command::ListUsers { channel } => {
            return look_up(
                context,
                (session, request),
                Query::Users { channel, after: None, limit: usize::MAX },
            );
        }
        Command::ListChannels => {
            return look_up(
                context,
                (session, request),
                Query::Channels { after: None, limit: usize::MAX },
            );
        }
        Command::ReadHistory { channel, range, limit } => {
            return look_up(context, (session, request), Query::History { channel, range, limit });
        }
        Command::Operator(command) => {
            context.server_authority().and_then(|mut by| operator::run(&mut by, command))
        }
        Command::Message(command) => return message::run(context, (session, request), command),
        Command::Report { about, reason } => report::report(context, about, reason),
        Command::SetAway { message } => away::set(context, message),
        Command::Quit { reason } => Ok(quit(context.state, context.out, session, reason)),
    };
    event.map(Some)
}

/// Answers a look-up, or asks the host for messages that are no longer in memory.
fn look_up(
    context: &mut CommandContext<'_>,
    (session, request): (SessionId, &Option<RequestId>),
    query: Query<Checked>,
) -> Result<Option<Event>, Refusal> {
    let reader = Reader::of(context.state, context.user).ok_or(Refusal::NotIdentified)?;
    let Some(question) = queries::question(reader, &query)? else {
        return queries::answer(reader, &query).map(Some);
    };
    queries::ask(context.state, context.out, session, request.clone(), (query, question))?;
    Ok(None)
}

/// Completes a command whose session waits for an answer of the host. An answer to another question
/// has no effect.
pub(crate) fn answered(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    question: QuestionId,
    answer: Answer,
) {
    let Some(asked) = state.take_asked(session, question) else { return };
    let answer = state.current_answer(&asked, answer);
    let Asked { request, command, .. } = asked;
    let user = state.sessions.get(&session).and_then(|open| open.user());
    let mark = out.mark();
    let event = match (command, user) {
        (Waiting::Identify(wanted), _) => identify::answered(state, out, session, wanted, answer),
        (Waiting::Query { query, question }, Some(user)) => {
            queries::answered(state, user, (&query, &question), answer)
        }
        (Waiting::Resume { after, question }, Some(user)) => {
            Ok(resume::answered(state, user, (after, &question), answer))
        }
        (Waiting::Password(check), _) => account::answered(state, out, session, *check, answer),
        (Waiting::Message { command, question }, Some(user)) => {
            let context = (session, user);
            message::answered(state, out, context, (*command, &question), answer)
        }
        (Waiting::Reply { reply, question }, Some(user)) => {
            message::reply_answered(state, out, (session, user), (*reply, &question), answer)
        }
        (
            Waiting::Query { .. }
            | Waiting::Resume { .. }
            | Waiting::Message { .. }
            | Waiting::Reply { .. },
            None,
        ) => Err(Refusal::NotIdentified),
    };
    out.reply_at(mark, session, request, event.unwrap_or_else(Event::Rejected));
}
