//! Carries out commands of the host, one file for each kind of subject.

mod channel;
mod log_in;
mod user;

use super::authority::Authority;
use super::{ban, check, exempt, invite, kick, mask, modes, mute, operator, role, say, topic};
use crate::effect::EffectBuffer;
use crate::state::State;
use crate::{Command, Event, HostCommand, OperatorCommand, Refusal};

/// Carries out a command of the host, or refuses it without changes.
pub(crate) fn run(
    state: &mut State,
    out: &mut EffectBuffer,
    command: HostCommand,
) -> Result<Event, Refusal> {
    let authority = &mut Authority::of_host(state, out);
    match command {
        HostCommand::CreateChannel { channel, modes, topic, owner } => {
            channel::create(authority, &channel, modes, topic, owner)
        }
        HostCommand::CloseChannel { channel, reason } => {
            operate(authority, OperatorCommand::CloseChannel { channel, reason })
        }
        HostCommand::Join { channel, nickname } => user::join(authority, &channel, &nickname),
        HostCommand::Leave { channel, nickname, reason } => {
            user::leave(authority, &channel, &nickname, reason)
        }
        HostCommand::Disconnect { nickname, reason } => {
            operate(authority, OperatorCommand::Disconnect { nickname, reason })
        }
        HostCommand::ChangeUser { nickname, changes } => {
            user::change(authority, &nickname, changes)
        }
        HostCommand::BanServer { target, duration, reason } => {
            operate(authority, OperatorCommand::BanServer { target, duration, reason })
        }
        HostCommand::UnbanServer { target } => {
            operate(authority, OperatorCommand::UnbanServer { target })
        }
        HostCommand::RemoveAccount { account } => {
            operate(authority, OperatorCommand::RemoveAccount { account })
        }
        HostCommand::LogIn { names, credentials, token, device } => {
            log_in::log_in(authority, names, credentials, (token, device))
        }
        HostCommand::SetChannelData { channel, data } => {
            channel::set_data(authority, &channel, data)
        }
        HostCommand::Say { to, kind, text, data } => {
            shared(authority, Command::Say { to, kind, text, nonce: None, data, reply_to: None })
        }
        HostCommand::SetTopic { channel, topic } => {
            shared(authority, Command::SetTopic { channel, topic })
        }
        HostCommand::SetModes { channel, changes } => {
            shared(authority, Command::SetModes { channel, changes })
        }
        HostCommand::SetRole { channel, nickname, change } => {
            shared(authority, Command::SetRole { channel, nickname, change })
        }
        HostCommand::Kick { channel, nickname, reason } => {
            shared(authority, Command::Kick { channel, nickname, reason })
        }
        HostCommand::Ban { channel, nickname, reason } => {
            shared(authority, Command::Ban { channel, nickname, reason })
        }
        HostCommand::Unban { channel, nickname } => {
            shared(authority, Command::Unban { channel, nickname })
        }
        HostCommand::Mute { channel, nickname, reason } => {
            shared(authority, Command::Mute { channel, nickname, reason })
        }
        HostCommand::Unmute { channel, nickname } => {
            shared(authority, Command::Unmute { channel, nickname })
        }
        HostCommand::Exempt { channel, nickname } => {
            shared(authority, Command::Exempt { channel, nickname })
        }
        HostCommand::Unexempt { channel, nickname } => {
            shared(authority, Command::Unexempt { channel, nickname })
        }
        HostCommand::SetMask { channel, list, mask, listed, reason } => {
            shared(authority, Command::SetMask { channel, list, mask, listed, reason })
        }
        HostCommand::Invite { channel, nickname } => {
            shared(authority, Command::Invite { channel, nickname })
        }
    }
}

/// Checks the words of a command that server operators give too, and carries it out as the host.
fn operate(authority: &mut Authority<'_>, command: OperatorCommand) -> Result<Event, Refusal> {
    shared(authority, Command::Operator(command))
}

/// Checks the words of a command that users give too, and carries it out as the host.
fn shared(authority: &mut Authority<'_>, command: Command) -> Result<Event, Refusal> {
    match check::check(authority.state, None, command)? {
        Command::Say { to, kind, text, nonce: _, data, reply_to: _ } => {
            say::say_by_host(authority, &to, (kind, text, data))
        }
        Command::SetTopic { channel, topic } => topic::set(authority, &channel, topic),
        Command::SetModes { channel, changes } => modes::set(authority, &channel, changes),
        Command::SetRole { channel, nickname, change } => {
            role::set(authority, &channel, &nickname, change)
        }
        Command::Kick { channel, nickname, reason } => {
            kick::kick(authority, &channel, &nickname, reason)
        }
        Command::Ban { channel, nickname, reason } => {
            ban::ban(authority, &channel, &nickname, reason)
        }
        Command::Unban { channel, nickname } => ban::unban(authority, &channel, &nickname),
        Command::Mute { channel, nickname, reason } => {
            mute::mute(authority, &channel, &nickname, reason)
        }
        Command::Unmute { channel, nickname } => mute::unmute(authority, &channel, &nickname),
        Command::Exempt { channel, nickname } => exempt::exempt(authority, &channel, &nickname),
        Command::Unexempt { channel, nickname } => exempt::unexempt(authority, &channel, &nickname),
        Command::SetMask { channel, list, mask, listed, reason } => {
            mask::set(authority, &channel, (list, mask, listed), reason)
        }
        Command::Invite { channel, nickname } => invite::invite(authority, &channel, &nickname),
        Command::Operator(command) => operator::run(authority, command),
        // The host gives none of these: they are about the user who gives them.
        Command::Identify { .. }
        | Command::Rename { .. }
        | Command::SetProfile { .. }
        | Command::SetData { .. }
        | Command::Join { .. }
        | Command::JoinMany { .. }
        | Command::Leave { .. }
        | Command::Signal { .. }
        | Command::MarkRead { .. }
        | Command::Query(_)
        | Command::ShowTopic { .. }
        | Command::ShowModes { .. }
        | Command::ListUsers { .. }
        | Command::ListChannels
        | Command::ReadHistory { .. }
        | Command::Account(_)
        | Command::User(_)
        | Command::Message(_)
        | Command::Report { .. }
        | Command::SetAway { .. }
        | Command::Quit { .. } => Err(Refusal::NotIdentified),
    }
}
