//! Commands of users about themselves.

mod modes;
mod operator;
mod watch;

pub(super) use operator::answered as operator_answered;

use super::context::CommandContext;
use crate::{Checked, Event, Refusal, RequestId, SessionId, UserCommand};

/// Carries out a command of a user about itself. Returns no event if the host has to be asked
/// first.
pub(super) fn run(
    context: &mut CommandContext<'_>,
    from: (SessionId, &Option<RequestId>),
    command: UserCommand<Checked>,
) -> Result<Option<Event>, Refusal> {
    match command {
        UserCommand::BecomeOperator { name, password } => {
            operator::ask(context, from, &name, password).map(|()| None)
        }
        UserCommand::Watch { nicknames } => watch::watch(context, from.0, nicknames).map(Some),
        UserCommand::Unwatch { nicknames } => {
            Ok(Some(watch::unwatch(context, from.0, nicknames.as_deref())))
        }
        UserCommand::SetModes { changes } => Ok(Some(modes::set(context, &changes))),
    }
}
