//! Carries out commands of server operators, which the host has too, one file for each kind of
//! subject.

mod account;
mod announce;
mod audit;
mod channel;
mod disconnect;
mod protection;
mod report;
mod server_ban;

pub(super) use account::remove_account;

use super::authority::Authority;
use super::role;
use crate::{Checked, Event, OperatorCommand, Refusal};

/// Carries out a command of a server operator or of the host, or refuses it without changes.
pub(super) fn run(
    authority: &mut Authority<'_>,
    command: OperatorCommand<Checked>,
) -> Result<Event, Refusal> {
    if !authority.is_host() {
        protection::check(authority.state, &command)?;
    }
    let event = carry_out(authority, command)?;
    audit::note(authority, &event);
    Ok(event)
}

fn carry_out(
    authority: &mut Authority<'_>,
    command: OperatorCommand<Checked>,
) -> Result<Event, Refusal> {
    match command {
        OperatorCommand::BanServer { target, duration, reason } => {
            server_ban::ban(authority, target, duration, reason)
        }
        OperatorCommand::UnbanServer { target } => server_ban::unban(authority, target),
        OperatorCommand::Disconnect { nickname, reason } => {
            disconnect::disconnect(authority, nickname, reason)
        }
        OperatorCommand::RemoveAccount { account } => account::remove(authority, account),
        OperatorCommand::CloseChannel { channel, reason } => {
            channel::close(authority, &channel, reason)
        }
        OperatorCommand::Announce { text } => Ok(announce::announce(authority, text)),
        OperatorCommand::CloseReport { report, reason } => report::close(authority, report, reason),
        OperatorCommand::SetRole { channel, nickname, change } => {
            role::set(authority, &channel, &nickname, change)
        }
    }
}
