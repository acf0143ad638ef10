//! Generates commands of the host and of server operators.

use super::{CHANNELS, KINDS, NICKNAMES, STATUS_CHANGES, TEXTS, data, modes, pick};
use super::{mask, recipient};
use chat_core::{
    AccountName, BanTarget, HostCommand, OperatorCommand, Recipient, ReportId, Secret, UserChange,
};
use std::time::Duration;

pub(super) fn command(what: u8, first: u8, second: u8) -> HostCommand {
    let nickname = String::from(pick(NICKNAMES, first));
    let channel = String::from(pick(CHANNELS, second));
    let text = String::from(pick(TEXTS, first >> 3));
    let reason = (second & 128 == 0).then(|| text.clone());
    let kind = pick(KINDS, first >> 4);
    let account = || account(first);
    let target = target(first, second);
    let duration = duration(second);
    match what.wrapping_add(second) % 26 {
        0 => HostCommand::Say { to: Recipient::Channel(channel), kind, text, data: data(first) },
        1 => {
            let to = recipient::some(channel, nickname, second);
            HostCommand::Say { to, kind, text, data: data(first) }
        }
        2..=3 => HostCommand::CreateChannel {
            channel,
            modes: modes(first),
            topic: reason,
            owner: (second & 64 == 0).then(account),
        },
        4..=5 => HostCommand::CloseChannel { channel, reason },
        6 => HostCommand::SetTopic { channel, topic: reason },
        7 => HostCommand::SetModes { channel, changes: modes(first) },
        8 => {
            let change = pick(STATUS_CHANGES, second >> 4);
            HostCommand::SetRole { channel, nickname, change }
        }
        9 => HostCommand::Kick { channel, nickname, reason },
        10 => HostCommand::Ban { channel, nickname, reason },
        11 => HostCommand::Unban { channel, nickname },
        12 => HostCommand::Mute { channel, nickname, reason },
        13 => HostCommand::Unmute { channel, nickname },
        14 if second & 8 != 0 => mask::host(channel, first, second),
        14 => HostCommand::Exempt { channel, nickname },
        15 => HostCommand::Unexempt { channel, nickname },
        16 => HostCommand::Invite { channel, nickname },
        17 => HostCommand::Join { channel, nickname },
        18 => HostCommand::Leave { channel, nickname, reason },
        19 => HostCommand::Disconnect { nickname, reason },
        20 => HostCommand::BanServer { target, duration, reason },
        21..=23 => match second & 7 {
            0 => HostCommand::RemoveAccount { account: account() },
            1..=2 => HostCommand::LogIn {
                names: vec![nickname, channel],
                credentials: Secret::new(pick(&["c1", "c2", "hash"], first)),
                token: Secret::new(pick(&["t1", "t2", "t3"], second >> 3)),
                device: reason,
            },
            _ => HostCommand::UnbanServer { target },
        },
        24 => HostCommand::SetChannelData { channel, data: data(first) },
        _ => {
            let host = pick(&[None, Some("al"), Some("a b")], second);
            let host = UserChange::Host(host.map(Into::into));
            let changes = vec![host, UserChange::RealName(reason), UserChange::Bot(first & 1 == 0)];
            let changes = changes.into_iter().chain([UserChange::Data(data(second))]).collect();
            HostCommand::ChangeUser { nickname, changes }
        }
    }
}

/// Returns a command of a server operator.
pub(super) fn operator(what: u8, first: u8, second: u8) -> OperatorCommand {
    let nickname = String::from(pick(NICKNAMES, first));
    let channel = String::from(pick(CHANNELS, second));
    let reason = (second & 128 == 0).then(|| String::from(pick(TEXTS, first >> 3)));
    let target = target(first, second);
    match what.wrapping_add(second >> 2) % 8 {
        0..=1 => OperatorCommand::BanServer { target, duration: duration(second), reason },
        2 => OperatorCommand::UnbanServer { target },
        3..=4 => OperatorCommand::Disconnect { nickname, reason },
        5 => OperatorCommand::CloseChannel { channel, reason },
        6 if second & 3 == 1 => {
            OperatorCommand::CloseReport { report: ReportId(u64::from(first >> 3)), reason }
        }
        6 if second & 3 == 0 => OperatorCommand::RemoveAccount { account: account(first) },
        6 if second & 3 == 2 => {
            OperatorCommand::Announce { text: String::from(pick(TEXTS, first)) }
        }
        _ => {
            let change = pick(STATUS_CHANGES, second >> 4);
            OperatorCommand::SetRole { channel, nickname, change }
        }
    }
}

fn account(first: u8) -> AccountName {
    AccountName::from(pick(&["al", "bo", "al", "bo", "zz"], first))
}

fn target(first: u8, second: u8) -> BanTarget<String> {
    match second & 16 {
        0 => BanTarget::Account(account(first)),
        _ if second & 13 == 13 => {
            BanTarget::Addresses(pick(RANGES, first).parse().expect("a range"))
        }
        _ => BanTarget::Nickname(pick(NICKNAMES, first).into()),
    }
}

fn duration(second: u8) -> Option<Duration> {
    Some(Duration::from_millis(pick(&[0, 300, 1_000, 5_000], second >> 5)))
}

const RANGES: &[&str] = &["10.0.0.0/24", "10.0.0.1", "::/0"];
