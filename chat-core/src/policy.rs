//! A host's own rules.

use crate::{Command, SessionId, Text, View};

/// Looks at every command before the engine does, and may refuse or rewrite it: word filters, who may make channels.
///
/// It has to be as pure as the engine: what it decides may depend on nothing but the commands and the state that it is
/// shown, or a replay will differ. Anything that has to wait or to look elsewhere does not belong here.
///
/// ```
/// use chat_core::{Command, Policy, SessionId, Text, View};
///
/// struct NoShouting;
///
/// impl Policy for NoShouting {
///     fn review(&mut self, _: View<'_>, _: SessionId, command: Command) -> Result<Command, Text> {
///         match command {
///             Command::Say { to, kind, text } if text.chars().any(char::is_lowercase) => {
///                 Ok(Command::Say { to, kind, text })
///             }
///             Command::Say { .. } => Err(Text::clean("please do not shout")),
///             other => Ok(other),
///         }
///     }
/// }
/// ```
pub trait Policy {
    /// Returns the command to carry out, or the reason for which the one who gave it is refused
    /// ([`Refusal::Forbidden`](crate::Refusal::Forbidden)).
    ///
    /// It sees every command but [`Quit`](Command::Quit), which is never refused.
    ///
    /// # Errors
    ///
    /// The reason, for people.
    fn review(
        &mut self,
        view: View<'_>,
        session: SessionId,
        command: Command,
    ) -> Result<Command, Text>;
}

/// Allows everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl Policy for AllowAll {
    fn review(&mut self, _: View<'_>, _: SessionId, command: Command) -> Result<Command, Text> {
        Ok(command)
    }
}
