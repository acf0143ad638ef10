//! Answers about channels.

use super::{members, metadata, read};
use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::{Mask, channel};
use crate::list_filter::ListFilter;
use crate::mode::{list_letter, written};
use crate::pending::{PAGE, Pending};
use chat_core::{Actor, ChannelName, Command, Event, List, ListSubject, Query, Roster, Topic};
use chat_dialects::Reaction;

/// Writes that the client is in a channel now, unless it knows already.
pub(crate) fn entered(client: &mut Client, roster: &Roster, reaction: &mut Reaction) {
    if !client.channels.insert(roster.channel.clone()) {
        return;
    }
    let own = client.user.as_ref().map(|user| user.nickname.clone());
    let own = roster.members.iter().find(|member| Some(member.nickname()) == own.as_ref());
    if let Some(own) = own {
        client.user = Some(own.user.clone());
        let (channel, user) = (roster.channel.clone(), own.user.clone());
        let event = Event::Joined { channel, user, away: None };
        client.output(reaction.at).event(&event, &mut reaction.frames);
    }
    if let Some(topic) = &roster.topic {
        show_topic(client, &roster.channel, topic, reaction);
    }
    // The mark comes before the members. If its time has to be looked up, they are, too.
    let mut is_looked_up = false;
    if client.has(Capabilities::READ_MARKER) {
        let name = channel(&roster.channel);
        if let Some(last) = roster.read.and_then(|read| read.last) {
            client.read_marks.note_message(&name, last);
        }
        is_looked_up = client.read_marks.get(&name).message.is_some();
        read::show_read_mark(client, &name, reaction);
    }
    metadata::of_roster(client, roster, reaction);
    if !client.has(Capabilities::NO_IMPLICIT_NAMES) {
        if is_looked_up {
            members::ask(client, &channel(&roster.channel), None, reaction);
        } else {
            members::of_roster(client, roster, reaction);
        }
    }
}

pub(super) fn topic(client: &Client, event: &Event, reaction: &mut Reaction) {
    let Event::TopicShown { channel: name, topic } = event else { return };
    match topic {
        Some(topic) => show_topic(client, name, topic, reaction),
        None => {
            let rest = format_args!("{} :No topic is set", channel(name));
            client.numeric(&mut reaction.frames, 331, rest);
        }
    }
}

fn show_topic(client: &Client, name: &ChannelName, topic: &Topic, reaction: &mut Reaction) {
    let (name, text, at) = (channel(name), &topic.text, topic.at.as_millis() / 1_000);
    client.numeric(&mut reaction.frames, 332, format_args!("{name} :{text}"));
    let by = author(client, &topic.by);
    client.numeric(&mut reaction.frames, 333, format_args!("{name} {by} {at}"));
}

pub(super) fn modes(client: &Client, event: &Event, reaction: &mut Reaction) {
    let Event::ModesShown { channel: name, modes, created, .. } = event else { return };
    let name = channel(name);
    let out = &mut reaction.frames;
    client.numeric(out, 324, format_args!("{name} {}", written(modes)));
    client.numeric(out, 329, format_args!("{name} {}", created.as_millis() / 1_000));
}

/// Writes a page of a list of a channel, and asks for the next one. The mutes follow the bans, and
/// the exceptions from mutes follow the others.
pub(super) fn list(client: &mut Client, shown: usize, event: &Event, reaction: &mut Reaction) {
    let Event::ListShown { channel: name, list, entries, more, .. } = event else { return };
    let name = channel(name).into_owned();
    let (code, end, of) = list_numerics(*list);
    for entry in entries {
        let kind = list_letter(*list).1;
        let mask = match &entry.subject {
            ListSubject::User { nickname, .. } => format!("{}!*@*", nickname.shown()),
            subject @ ListSubject::Mask { .. } | subject => subject.to_string(),
        };
        let (by, at) = (author(client, &entry.by), entry.at.as_millis() / 1_000);
        let rest = format_args!("{name} {kind}{mask} {by} {at}");
        client.numeric(&mut reaction.frames, code, rest);
    }
    let (next, offset) = if *more {
        (*list, shown + entries.len())
    } else if *list == List::Bans {
        (List::Mutes, 0)
    } else if *list == List::Exceptions {
        (List::MuteExceptions, 0)
    } else {
        let rest = format_args!("{name} :End of channel {of} list");
        return client.numeric(&mut reaction.frames, end, rest);
    };
    let pending = Pending::List { channel: name.as_str().into(), shown: offset };
    let query = Query::List { channel: name, list: next, offset, limit: usize::MAX };
    client.ask(pending, Command::Query(query), reaction);
}

/// Returns the numerics of an entry of a list and of its end, and what its entries are called.
fn list_numerics(list: List) -> (u16, u16, &'static str) {
    if list == List::Exceptions || list == List::MuteExceptions {
        (348, 349, "exception")
    } else if list == List::InviteExceptions {
        (346, 347, "invite exception")
    } else {
        (367, 368, "ban")
    }
}

/// Writes a page of channels, and asks for the next one.
pub(super) fn channels(
    client: &mut Client,
    filter: ListFilter,
    event: &Event,
    reaction: &mut Reaction,
) {
    let Event::Channels { channels, more, .. } = event else { return };
    for entry in channels {
        if !filter.admits(entry, reaction.at) {
            continue;
        }
        let topic = entry.topic.as_ref().map_or("", |topic| topic.as_str());
        let rest = format_args!("{} {} :{topic}", channel(&entry.name), entry.members);
        client.numeric(&mut reaction.frames, 322, rest);
    }
    if let Some(last) = channels.last().filter(|_| *more) {
        let after = Some(channel(&last.name).into_owned());
        let query = Query::Channels { after, limit: PAGE };
        return client.ask(Pending::Channels { filter }, Command::Query(query), reaction);
    }
    client.numeric(&mut reaction.frames, 323, format_args!(":End of /LIST"));
}

pub(super) fn invitations(client: &Client, event: &Event, reaction: &mut Reaction) {
    let Event::Invitations { channels } = event else { return };
    for name in channels {
        client.numeric(&mut reaction.frames, 336, format_args!("{}", channel(name)));
    }
    client.numeric(&mut reaction.frames, 337, format_args!(":End of /INVITE list"));
}

/// Returns the mask of the user who has set something, or the name of the server.
fn author(client: &Client, by: &Actor) -> String {
    by.user().map_or_else(|| client.settings.server_name.clone(), |user| Mask(user).to_string())
}
