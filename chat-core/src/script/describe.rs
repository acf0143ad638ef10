//! Writes events and records as text for transcripts.

use crate::{
    Event, JoinRefusal, List, Message, MessageKind, Modes, Record, Role, Roster, Status, Target,
    Text, Topic,
};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Writes an event as in a transcript, for tests and experiments. Dialects encode events for users.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe_event(self))
    }
}

fn describe_event(event: &Event) -> String {
    match event {
        Event::Welcomed { nickname, lobby, boot: _, reconnected } => {
            let mut text = format!("welcomed as {nickname}");
            if let Some(channels) = reconnected {
                let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
                text.push_str(&format!(" again, in {}", names.join(", ")));
            }
            if let Some(roster) = lobby {
                text.push_str(&format!("; {}", roster_of(roster)));
            }
            text
        }
        Event::Entered(roster) => format!("entered; {}", roster_of(roster)),
        Event::EnteredMany { entered, refused } => {
            let mut text = format!("entered {}, refused {}", entered.len(), refused.len());
            for roster in entered {
                text.push_str(&format!("\n        {}", roster_of(roster)));
            }
            for JoinRefusal { index: _, channel, refusal } in refused {
                text.push_str(&format!("\n        {channel} ({}): {refusal}", refusal.code()));
            }
            text
        }
        Event::Joined { channel, nickname } => format!("{nickname} joined {channel}"),
        Event::Left { channel, nickname, reason } => {
            format!("{nickname} left {channel}{}", because(reason))
        }
        Event::Quit { nickname, reason, channels } => {
            let shared: Vec<String> = channels.iter().map(ToString::to_string).collect();
            format!("{nickname} quit ({}){}", shared.join(", "), because(reason))
        }
        Event::Goodbye { reason } => format!("goodbye{}", because(reason)),
        Event::Sent { message, away: None } => format!("sent {}", message.id.0),
        Event::Sent { message, away: Some(away) } => match &message.target {
            Target::User(nickname) => {
                format!("sent {}; {nickname} is away: {away}", message.id.0)
            }
            Target::Channel(_) => format!("sent {}", message.id.0),
        },
        Event::Said(message) => said(message),
        Event::Renamed { from, to } => format!("{from} is now {to}"),
        Event::TopicShown { channel, topic } => format!("topic of {channel}{}", topic_of(topic)),
        Event::TopicChanged { channel, topic, by } => {
            format!("topic of {channel} changed by {by}{}", topic_of(topic))
        }
        Event::ModesShown { channel, modes } => format!("modes of {channel}: {}", modes_of(modes)),
        Event::ModesChanged { channel, modes, by } => {
            format!("modes of {channel} changed by {by}: {}", modes_of(modes))
        }
        Event::RoleChanged { channel, nickname, role, by } => {
            format!("{nickname} made {role} of {channel} by {by}")
        }
        Event::Kicked { channel, nickname, by, reason, banned } => {
            let done = if *banned { "kicked and banned" } else { "kicked" };
            format!("{nickname} {done} from {channel} by {by}{}", because(reason))
        }
        Event::Banned { channel, nickname, by, reason } => {
            format!("{nickname} banned from {channel} by {by}{}", because(reason))
        }
        Event::Unbanned { channel, nickname, by } => {
            format!("{nickname} unbanned from {channel} by {by}")
        }
        Event::Muted { channel, nickname, by, reason } => {
            format!("{nickname} muted in {channel} by {by}{}", because(reason))
        }
        Event::Unmuted { channel, nickname, by } => {
            format!("{nickname} unmuted in {channel} by {by}")
        }
        Event::Exempted { channel, nickname, by } => {
            format!("{nickname} exempted in {channel} by {by}")
        }
        Event::Unexempted { channel, nickname, by } => {
            format!("{nickname} no longer exempted in {channel} by {by}")
        }
        Event::Invited { channel, nickname, by } => {
            format!("{nickname} invited to {channel} by {by}")
        }
        Event::Users { channel, users, count } => {
            let place = channel.as_ref().map_or_else(|| "online".into(), ToString::to_string);
            let names: Vec<String> = users
                .iter()
                .map(|user| match &user.away {
                    Some(away) => format!("{} (away: {away})", user.nickname),
                    None => user.nickname.to_string(),
                })
                .collect();
            format!("{place}: {}", listing(&names, *count))
        }
        Event::Channels { channels, omitted } => {
            let names: Vec<String> = channels
                .iter()
                .map(|channel| match &channel.topic {
                    Some(topic) => format!("{} ({}): {topic}", channel.name, channel.members),
                    None => format!("{} ({})", channel.name, channel.members),
                })
                .collect();
            format!("channels: {}", listing(&names, names.len() + omitted))
        }
        Event::History { channel, messages, more } => {
            let mut text = format!("history of {channel}");
            text.push_str(if *more { ", with more:" } else { ":" });
            for message in messages {
                text.push_str(&format!("\n        {}", said(message)));
            }
            text
        }
        Event::AwayChanged { nickname, message: Some(message) } => {
            format!("{nickname} is away: {message}")
        }
        Event::AwayChanged { nickname, message: None } => format!("{nickname} is back"),
        Event::Rejected(refusal) => format!("rejected ({}): {refusal}", refusal.code()),
    }
}

pub(super) fn describe_record(record: &Record) -> String {
    match record {
        Record::ChannelCreated { channel, by, at: _ } => format!("{channel} created by {by}"),
        Record::ChannelForgotten { channel, at: _ } => format!("{channel} forgotten"),
        Record::Said(message) => said(message),
        Record::TopicChanged { channel, topic } => {
            format!("topic of {channel}{}", topic_of(topic))
        }
        Record::ModesChanged { channel, modes } => {
            format!("modes of {channel}: {}", modes_of(modes))
        }
        Record::RoleChanged { channel, nickname, account, statuses } => {
            let account = account.as_ref().map(|account| format!(" (account {account})"));
            let mut names = Vec::new();
            for status in [Status::Owner, Status::Operator, Status::Voiced] {
                if statuses.contains(status) {
                    names.push(status.name());
                }
            }
            let names = if names.is_empty() { "member".into() } else { names.join(" and ") };
            format!("{nickname}{} is {names} of {channel}", account.unwrap_or_default())
        }
        Record::Listed { channel, list, entry } => {
            let account = entry.account.as_ref().map(|account| format!(" (account {account})"));
            format!(
                "{}{} added to the {} of {channel} by {}{}",
                entry.nickname,
                account.unwrap_or_default(),
                list_name(*list),
                entry.by,
                because(&entry.reason),
            )
        }
        Record::Unlisted { channel, list, nickname } => {
            format!("{nickname} taken off the {} of {channel}", list_name(*list))
        }
    }
}

fn said(message: &Message) -> String {
    let verb = match message.kind {
        MessageKind::Message => "said",
        MessageKind::Action => "done",
        MessageKind::Notice => "noticed",
    };
    let place = match &message.target {
        Target::Channel(channel) => format!("in {channel}"),
        Target::User(nickname) => format!("to {nickname}"),
    };
    format!("{} {verb} by {} {place}: {}", message.id.0, message.sender, message.text)
}

fn roster_of(roster: &Roster) -> String {
    let names: Vec<String> = roster
        .members
        .iter()
        .map(|member| match member.role {
            Role::Member => member.nickname.to_string(),
            Role::Voiced | Role::Operator | Role::Owner => {
                format!("{} ({})", member.nickname, member.role)
            }
        })
        .collect();
    let topic = roster.topic.as_ref().map(|topic| format!("; topic: {}", topic.text));
    format!("{} has {}{}", roster.channel, listing(&names, roster.count), topic.unwrap_or_default())
}

fn listing(names: &[String], count: usize) -> String {
    let omitted = count.saturating_sub(names.len());
    if omitted == 0 { names.join(", ") } else { format!("{} and {omitted} more", names.join(", ")) }
}

fn topic_of(topic: &Option<Topic>) -> String {
    match topic {
        Some(topic) => format!(": {:?} by {}", topic.text.as_str(), topic.by),
        None => ": none".into(),
    }
}

fn modes_of(modes: &Modes) -> String {
    let mut words: Vec<String> = modes
        .switches()
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| format!("+{name}"))
        .collect();
    words.extend(modes.key.as_ref().map(|key| format!("key={key}")));
    words.extend(modes.member_limit.map(|limit| format!("limit={limit}")));
    if words.is_empty() { "none".into() } else { words.join(" ") }
}

fn list_name(list: List) -> &'static str {
    match list {
        List::Bans => "bans",
        List::Mutes => "mutes",
        List::Exceptions => "exceptions",
    }
}

fn because(reason: &Option<Text>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}
