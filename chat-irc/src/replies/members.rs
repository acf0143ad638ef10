//! The members of a channel: `353` and `366`.

use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::{Mask, Word, channel};
use crate::mode::prefixes;
use crate::pending::{Pending, next_page};
use chat_core::{ChannelName, Command, Event, Query, Roster, StatusSet, UserInfo};
use chat_dialects::Reaction;

/// Writes the members in a roster. If it does not have all of them, asks for all.
pub(super) fn of_roster(client: &mut Client, roster: &Roster, reaction: &mut Reaction) {
    if roster.members.len() < roster.count {
        return ask(client, &channel(&roster.channel), None, reaction);
    }
    let members = roster.members.iter().map(|member| (&*member.user, member.statuses));
    write(client, (&roster.channel, roster.is_secret), members, reaction);
    end_of_names(client, &channel(&roster.channel), reaction);
}

/// Writes a page of members, and asks for the next one.
pub(super) fn names(client: &mut Client, name: &str, event: &Event, reaction: &mut Reaction) {
    let Event::Users { channel: Some(found), users, more, is_secret, .. } = event else { return };
    let members = users.iter().map(|entry| (&*entry.user, entry.statuses));
    write(client, (found, *is_secret), members, reaction);
    match users.last().filter(|_| *more) {
        Some(last) => ask(client, name, next_page(Some(last.nickname())), reaction),
        None => end_of_names(client, &channel(found), reaction),
    }
}

pub(super) fn end_of_names(client: &Client, name: &str, reaction: &mut Reaction) {
    let rest = format_args!("{} :End of /NAMES list", Word(name));
    client.numeric(&mut reaction.frames, 366, rest);
}

pub(super) fn ask(client: &mut Client, name: &str, after: Option<String>, reaction: &mut Reaction) {
    let query = Query::Users { channel: Some(name.to_owned()), after, limit: usize::MAX };
    client.ask(Pending::Names { channel: name.into() }, Command::Query(query), reaction);
}

/// Writes members, as many in a line as fit.
fn write<'a>(
    client: &Client,
    (name, is_secret): (&ChannelName, bool),
    members: impl Iterator<Item = (&'a UserInfo, StatusSet)>,
    reaction: &mut Reaction,
) {
    let (name, sign) = (channel(name), if is_secret { '@' } else { '=' });
    let room = client.room().saturating_sub("= ".len() + name.len() + " :".len());
    let mut line = String::new();
    for (user, statuses) in members {
        let mut member = prefixes(statuses, client.has(Capabilities::MULTI_PREFIX));
        if client.has(Capabilities::USERHOST_IN_NAMES) {
            member.push_str(&Mask(user).to_string());
        } else {
            member.push_str(user.nickname.shown());
        }
        if !line.is_empty() && line.len() + 1 + member.len() > room {
            client.numeric(&mut reaction.frames, 353, format_args!("{sign} {name} :{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&member);
    }
    if !line.is_empty() {
        client.numeric(&mut reaction.frames, 353, format_args!("{sign} {name} :{line}"));
    }
}
