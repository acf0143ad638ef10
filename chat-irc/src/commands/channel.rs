//! Commands about channels.

use crate::client::Client;
use crate::identity::{Word, channel};
use crate::line::Line;
use crate::list_filter::ListFilter;
use crate::pending::{PAGE, Pending};
use crate::settings::MOST_TARGETS;
use chat_core::{Command, JoinTarget, Query};
use chat_dialects::Reaction;

pub(super) fn join(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(first) = line.param(0) else {
        return client.needs_more("JOIN", reaction);
    };
    if first == "0" {
        let names: Vec<_> = client.channels.iter().map(|name| channel(name).into_owned()).collect();
        for name in names {
            let command = Command::Leave { channel: name.clone(), reason: None };
            client.command("PART", &name, command, reaction);
        }
        return;
    }
    let mut keys = line.params.get(1).copied().unwrap_or_default().split(',');
    let mut targets = Vec::new();
    for name in line.list(0) {
        let key = keys.next().filter(|key| !key.is_empty()).map(str::to_owned);
        if is_channel(client, name, reaction) {
            targets.push(JoinTarget { channel: name.to_owned(), key });
        }
    }
    match targets.len() {
        0 => {}
        1 => {
            let JoinTarget { channel, key } = targets.remove(0);
            client.command("JOIN", &channel.clone(), Command::Join { channel, key }, reaction);
        }
        _ => {
            let command = Command::JoinMany { channels: targets };
            client.command("JOIN", first, command, reaction);
        }
    }
}

pub(super) fn part(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    if line.param(0).is_none() {
        return client.needs_more("PART", reaction);
    }
    let reason = line.param(1).map(str::to_owned);
    for name in line.list(0) {
        if is_channel(client, name, reaction) {
            let command = Command::Leave { channel: name.to_owned(), reason: reason.clone() };
            client.command("PART", name, command, reaction);
        }
    }
}

pub(super) fn names(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(names) = line.param(0) else {
        let rest = format_args!("* :End of /NAMES list");
        return client.numeric(&mut reaction.frames, 366, rest);
    };
    if line.list(0).count() > MOST_TARGETS {
        return too_many_targets(client, names, reaction);
    }
    for name in line.list(0) {
        if name.starts_with('#') {
            let pending = Pending::Names { channel: name.into() };
            client.ask(pending, members(name, None), reaction);
        } else {
            let rest = format_args!("{} :End of /NAMES list", Word(name));
            client.numeric(&mut reaction.frames, 366, rest);
        }
    }
}

pub(super) fn topic(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(name) = line.param(0) else {
        return client.needs_more("TOPIC", reaction);
    };
    if !is_channel(client, name, reaction) {
        return;
    }
    let channel = name.to_owned();
    match line.params.get(1) {
        None => {
            let pending = Pending::Topic { channel: name.into() };
            client.ask(pending, Command::ShowTopic { channel }, reaction);
        }
        Some(topic) => {
            let topic = Some(*topic).filter(|topic| !topic.is_empty()).map(str::to_owned);
            client.command("TOPIC", name, Command::SetTopic { channel, topic }, reaction);
        }
    }
}

pub(super) fn kick(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let channels: Vec<&str> = line.list(0).collect();
    let nicknames: Vec<&str> = line.list(1).collect();
    // One channel for all users, or one for each.
    let is_paired = channels.len() == 1 || channels.len() == nicknames.len();
    if channels.is_empty() || nicknames.is_empty() || !is_paired {
        return client.needs_more("KICK", reaction);
    }
    if nicknames.len() > MOST_TARGETS {
        return too_many_targets(client, line.params[1], reaction);
    }
    let reason = line.param(2).map(str::to_owned);
    for (name, nickname) in channels.into_iter().cycle().zip(nicknames) {
        if is_channel(client, name, reaction) {
            let (channel, reason) = (name.to_owned(), reason.clone());
            let command = Command::Kick { channel, nickname: nickname.to_owned(), reason };
            client.command("KICK", nickname, command, reaction);
        }
    }
}

pub(super) fn invite(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    if line.params.is_empty() {
        return client.ask(Pending::Invitations, Command::Query(Query::Invitations), reaction);
    }
    let (Some(nickname), Some(name)) = (line.param(0), line.param(1)) else {
        return client.needs_more("INVITE", reaction);
    };
    if is_channel(client, name, reaction) {
        let (channel, nickname) = (name.to_owned(), nickname.to_owned());
        let subject = nickname.clone();
        client.command("INVITE", &subject, Command::Invite { channel, nickname }, reaction);
    }
}

pub(super) fn list(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let filter = ListFilter::read(line.list(0));
    client.numeric(&mut reaction.frames, 321, format_args!("Channel :Users  Name"));
    let query = Query::Channels { after: None, limit: PAGE };
    client.ask(Pending::Channels { filter }, Command::Query(query), reaction);
}

/// Returns the look-up of the members of a channel after one of them.
fn members(name: &str, after: Option<String>) -> Command {
    Command::Query(Query::Users { channel: Some(name.to_owned()), after, limit: usize::MAX })
}

/// Returns true if a name is that of a channel; otherwise answers that there is none.
pub(super) fn is_channel(client: &Client, name: &str, reaction: &mut Reaction) -> bool {
    let is_channel = name.starts_with('#');
    if !is_channel {
        let rest = format_args!("{} :No such channel", Word(name));
        client.numeric(&mut reaction.frames, 403, rest);
    }
    is_channel
}

/// Answers a command with too many recipients.
pub(super) fn too_many_targets(client: &Client, targets: &str, reaction: &mut Reaction) {
    let rest = format_args!("{} :Too many targets: at most {MOST_TARGETS}", Word(targets));
    client.numeric(&mut reaction.frames, 407, rest);
}
