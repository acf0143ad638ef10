//! Parses the words of a line as a command of the host.

use super::ScriptProblem;
use super::action::mode;
use super::words::{Words, unescape};
use crate::{Command, HostCommand, OperatorCommand, Secret, UserChange};
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

/// Parses the part of a line after `> host:`, if it is a command that users do not have or that has
/// other words. Returns `None` otherwise.
pub(super) fn parse(source: &str) -> Result<Option<HostCommand>, ScriptProblem> {
    let mut words = Words::new(source);
    let command = match words.next().unwrap_or_default() {
        "create" => create(&mut words)?,
        "join" => {
            let (channel, nickname) = words.only_pair("join CHANNEL NAME")?;
            HostCommand::Join { channel, nickname }
        }
        "leave" => {
            let (channel, nickname) = words.pair("leave CHANNEL NAME [REASON]")?;
            HostCommand::Leave { channel, nickname, reason: words.rest()? }
        }
        "channel-data" => {
            let usage = "channel-data CHANNEL [KEY=VALUE …]";
            let channel = words.word(usage)?;
            let data = words.data(usage)?;
            words.end(usage)?;
            HostCommand::SetChannelData { channel, data }
        }
        "user-data" => {
            let usage = "user-data NAME [KEY=VALUE …]";
            let nickname = words.word(usage)?;
            let changes = vec![UserChange::Data(words.data(usage)?)];
            words.end(usage)?;
            HostCommand::ChangeUser { nickname, changes }
        }
        "change" => {
            let nickname = words.word("change NAME [CHANGE …]")?;
            let changes = words.map(change).collect::<Result<Vec<_>, _>>()?;
            HostCommand::ChangeUser { nickname, changes }
        }
        "log-in" => {
            let usage = "log-in CREDENTIALS TOKEN [NAME …]";
            let (credentials, token) = words.pair(usage)?;
            let names = words.map(str::to_owned).collect();
            let (credentials, token) = (Secret::new(credentials), Secret::new(token));
            HostCommand::LogIn { names, credentials, token, device: None }
        }
        _ => return Ok(None),
    };
    Ok(Some(command))
}

/// Returns the same command as one of the host, if the host has it too.
pub(super) fn of_host(command: Command) -> Option<HostCommand> {
    Some(match command {
        Command::Say { to, kind, text, nonce: None, data, reply_to: None } => {
            HostCommand::Say { to, kind, text, data }
        }
        Command::SetTopic { channel, topic } => HostCommand::SetTopic { channel, topic },
        Command::SetModes { channel, changes } => HostCommand::SetModes { channel, changes },
        Command::SetRole { channel, nickname, change } => {
            HostCommand::SetRole { channel, nickname, change }
        }
        Command::Kick { channel, nickname, reason } => {
            HostCommand::Kick { channel, nickname, reason }
        }
        Command::Ban { channel, nickname, reason } => {
            HostCommand::Ban { channel, nickname, reason }
        }
        Command::Unban { channel, nickname } => HostCommand::Unban { channel, nickname },
        Command::Mute { channel, nickname, reason } => {
            HostCommand::Mute { channel, nickname, reason }
        }
        Command::Unmute { channel, nickname } => HostCommand::Unmute { channel, nickname },
        Command::Exempt { channel, nickname } => HostCommand::Exempt { channel, nickname },
        Command::Unexempt { channel, nickname } => HostCommand::Unexempt { channel, nickname },
        Command::SetMask { channel, list, mask, listed, reason } => {
            HostCommand::SetMask { channel, list, mask, listed, reason }
        }
        Command::Invite { channel, nickname } => HostCommand::Invite { channel, nickname },
        Command::Operator(command) => return operator(command),
        Command::Say { nonce: Some(_), .. }
        | Command::Say { reply_to: Some(_), .. }
        | Command::Identify { .. }
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
        | Command::Quit { .. } => return None,
    })
}

fn operator(command: OperatorCommand) -> Option<HostCommand> {
    Some(match command {
        OperatorCommand::CloseReport { .. } | OperatorCommand::Announce { .. } => return None,
        OperatorCommand::BanServer { target, duration, reason } => {
            HostCommand::BanServer { target, duration, reason }
        }
        OperatorCommand::UnbanServer { target } => HostCommand::UnbanServer { target },
        OperatorCommand::Disconnect { nickname, reason } => {
            HostCommand::Disconnect { nickname, reason }
        }
        OperatorCommand::RemoveAccount { account } => HostCommand::RemoveAccount { account },
        OperatorCommand::CloseChannel { channel, reason } => {
            HostCommand::CloseChannel { channel, reason }
        }
        OperatorCommand::SetRole { channel, nickname, change } => {
            HostCommand::SetRole { channel, nickname, change }
        }
    })
}

fn create(words: &mut Words<'_>) -> Result<HostCommand, ScriptProblem> {
    let usage = "create CHANNEL [owner=ACCOUNT] [topic=TOPIC] [CHANGE …]";
    let channel = words.word(usage)?;
    let (mut modes, mut topic, mut owner) = (Vec::new(), None, None);
    for word in words {
        match word.split_once('=') {
            Some(("owner", account)) => owner = Some(unescape(account)?.into()),
            Some(("topic", text)) => topic = Some(unescape(text)?),
            _ => modes.push(mode(word, usage)?),
        }
    }
    Ok(HostCommand::CreateChannel { channel, modes, topic, owner })
}

fn change(word: &str) -> Result<UserChange, ScriptProblem> {
    Ok(match word.split_once('=') {
        Some(("host", host)) => UserChange::Host(Some(unescape(host)?)),
        Some(("real_name", name)) => UserChange::RealName(Some(unescape(name)?)),
        None if word == "-host" => UserChange::Host(None),
        None if word == "-real_name" => UserChange::RealName(None),
        None if word == "+bot" => UserChange::Bot(true),
        None if word == "-bot" => UserChange::Bot(false),
        _ => {
            let usage =
                "change NAME [host=HOST] [-host] [real_name=NAME] [-real_name] [+bot] [-bot]";
            return Err(ScriptProblem::Usage(usage));
        }
    })
}
