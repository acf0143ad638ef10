//! The host's own rules for commands.

use crate::{Checked, Command, SessionId, Text, View};
use alloc::boxed::Box;

/// Reviews every command before it is carried out, and may refuse or rewrite it, as a word filter
/// does.
///
/// A policy sees names and texts as other users will see them: texts are clean, names are valid,
/// and both are within their limits. The text of a message may have
/// [several lines](Text::clean_lines); any other text is [one line](Text::clean), also if a policy
/// sets one of several lines. The engine refuses other commands before the policy sees them. It
/// carries out the returned command as it is, unless that exceeds a limit. It sees every look-up as
/// a [`Query`](Command::Query), also one that was given in a short form such as
/// [`ListUsers`](Command::ListUsers).
///
/// Names are equal if users take them for the same name, whatever their case or width. So compare
/// them as [`ChannelName`](crate::ChannelName) or [`Nickname`](crate::Nickname), or compare their
/// [folded](crate::ChannelName::folded) form with a text, but not the form that is shown.
///
/// [Commands of the host](crate::HostCommand) are not reviewed.
///
/// A policy has to be as pure as the engine: its decisions may depend only on the commands and the
/// state that it is given, or a replay will differ. It must not wait, and must not read anything
/// else.
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
    /// Returns the command to carry out, or the reason to refuse it
    /// ([`Refusal::Forbidden`](crate::Refusal::Forbidden)).
    ///
    /// The engine calls it for each command of a session that has a nickname, and for each
    /// [`Identify`](Command::Identify). For [`JoinMany`](Command::JoinMany) it calls it with one
    /// [`Join`](Command::Join) for each channel; if the policy returns another command, the channel
    /// is refused. [`Quit`](Command::Quit) is never refused: if the policy refuses it, or returns
    /// another command, the session ends without a reason. A [`Say`](Command::Say) with a
    /// [nonce](Command::Say::nonce) that the user has used before is answered without a review,
    /// because nothing of it is delivered.
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

impl<P: Policy + ?Sized> Policy for Box<P> {
    fn review(
        &mut self,
        view: View<'_>,
        session: SessionId,
        command: Command<Checked>,
    ) -> Result<Command<Checked>, Text> {
        (**self).review(view, session, command)
    }
}

/// The policy that allows everything, like an engine without a policy.
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
