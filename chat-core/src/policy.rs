//! A host's own rules.

use crate::{Checked, Command, SessionId, Text, View};

/// Looks at every command before it is carried out, and may refuse or rewrite it: word filters, who may make channels.
///
/// It sees words as others will see them: texts are [cleaned](Text::clean), names are valid, and both are short enough; a
/// command of which that is not so has been refused before. What it returns is carried out as it is, unless it exceeds a
/// limit. Names are equal if users take them for the same name, in whatever case or width they are typed: so compare them
/// as [`ChannelName`](crate::ChannelName) or [`Nickname`](crate::Nickname), or compare their
/// [folded](crate::ChannelName::folded) form with a text, but not the form that is shown.
///
/// It has to be as pure as the engine: what it decides may depend on nothing but the commands and the state that it is
/// shown, or a replay will differ. Anything that has to wait or to look elsewhere does not belong here.
///
/// ```
/// use chat_core::{ChannelName, Checked, Command, Policy, SessionId, Text, View};
///
/// /// Nobody advertises, and nobody does anything with the channel of the staff.
/// struct House {
///     staff: ChannelName,
/// }
///
/// impl Policy for House {
///     fn review(
///         &mut self,
///         _: View<'_>,
///         _: SessionId,
///         mut command: Command<Checked>,
///     ) -> Result<Command<Checked>, Text> {
///         if command.channels().any(|channel| *channel == self.staff) {
///             return Err(Text::clean("that channel is not for you"));
///         }
///         if command.texts_mut().any(|text| text.as_str().contains("spam")) {
///             return Err(Text::clean("please do not advertise"));
///         }
///         Ok(command)
///     }
/// }
/// ```
pub trait Policy {
    /// Returns the command to carry out, or the reason for which the one who gave it is refused
    /// ([`Refusal::Forbidden`](crate::Refusal::Forbidden)).
    ///
    /// It sees every command of a session that has a name, and each request for one. Of
    /// [`JoinMany`](Command::JoinMany) it sees one [`Join`](Command::Join) for each channel; if it makes another command of
    /// that, the channel is refused. [`Quit`](Command::Quit) is never
    /// refused: if the policy refuses it, or makes another command of it, the session ends without a reason.
    ///
    /// # Errors
    ///
    /// The reason, for people.
    fn review(
        &mut self,
        view: View<'_>,
        session: SessionId,
        command: Command<Checked>,
    ) -> Result<Command<Checked>, Text>;
}

/// Allows everything, as an engine does that has no policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl Policy for AllowAll {
    fn review(
        &mut self,
        _: View<'_>,
        _: SessionId,
        command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        Ok(command)
    }
}
