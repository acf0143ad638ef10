//! The commands, one file each: required rights, changes of state, and recipients.

mod away;
mod ban;
pub(crate) mod check;
mod context;
mod exempt;
pub(crate) mod identify;
mod invite;
mod join;
mod kick;
mod leave;
mod modes;
mod mute;
mod profile;
mod quit;
mod rename;
mod role;
mod say;
mod topic;

pub(crate) use join::JoiningMany;
pub(crate) use quit::{depart, quit, quit_user};
pub(crate) use say::repeated;

use crate::effect::EffectBuffer;
use crate::queries::{self, Reader};
use crate::state::State;
use crate::{Checked, Command, Event, Query, Refusal, SessionId, Text, UserId};
use context::CommandContext;

/// Carries out a command of an open session that has a user, or refuses it without changes.
pub(crate) fn run(
    state: &mut State,
    out: &mut EffectBuffer,
    session: SessionId,
    user: UserId,
    command: Command<Checked>,
) -> Result<Event, Refusal> {
    let context = &mut CommandContext::of(state, out, session, user)?;
    match command {
        Command::Identify { .. } => Err(Refusal::AlreadyIdentified),
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
        Command::Say { to, kind, text, nonce } => say::say(context, &to, kind, text, nonce),
        Command::Query(query) => look_up(context, &query),
        Command::ShowTopic { channel } => look_up(context, &Query::Topic { channel }),
        Command::SetTopic { channel, topic } => topic::set(context, &channel, topic),
        Command::ShowModes { channel } => look_up(context, &Query::Modes { channel }),
        Command::SetModes { channel, changes } => modes::set(context, &channel, changes),
        Command::SetRole { channel, nickname, change } => {
            role::set(context, &channel, &nickname, change)
        }
        Command::Kick { channel, nickname, reason } => {
            kick::kick(context, &channel, &nickname, reason)
        }
        Command::Ban { channel, nickname, reason } => {
            ban::ban(context, &channel, &nickname, reason)
        }
        Command::Unban { channel, nickname } => ban::unban(context, &channel, &nickname),
        Command::Mute { channel, nickname, reason } => {
            mute::mute(context, &channel, &nickname, reason)
        }
        Command::Unmute { channel, nickname } => mute::unmute(context, &channel, &nickname),
        Command::Exempt { channel, nickname } => exempt::exempt(context, &channel, &nickname),
        Command::Unexempt { channel, nickname } => exempt::unexempt(context, &channel, &nickname),
        Command::Invite { channel, nickname } => invite::invite(context, &channel, &nickname),
        Command::ListUsers { channel } => {
            look_up(context, &Query::Users { channel, after: None, limit: usize::MAX })
        }
        Command::ListChannels => {
            look_up(context, &Query::Channels { after: None, limit: usize::MAX })
        }
        Command::ReadHistory { channel, range, limit } => {
            look_up(context, &Query::History { channel, range, limit })
        }
        Command::SetAway { message } => away::set(context, message),
        Command::Quit { reason } => Ok(quit(context.state, context.out, session, reason)),
    }
}

fn look_up(context: &CommandContext<'_>, query: &Query<Checked>) -> Result<Event, Refusal> {
    let reader = Reader::of(context.state, context.user).ok_or(Refusal::NotIdentified)?;
    queries::answer(reader, query)
}
