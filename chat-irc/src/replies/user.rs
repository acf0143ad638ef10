//! Answers about users.

use super::metadata;
use crate::client::Client;
use crate::identity::{Word, channel, host, real_name, username};
use crate::mode::prefixes;
use crate::pending::{LookUp, PAGE, Pending, Who, next_page};
use chat_core::matches_glob;
use chat_core::{ChannelName, Command, Event, Query, StatusSet, UserCard, UserInfo};
use chat_dialects::{Reaction, Rfc3339};
use std::fmt::Write;

/// A user in an answer to `WHO`.
struct Found<'a> {
    user: &'a UserInfo,
    is_away: bool,
    is_operator: bool,
    channel: Option<&'a ChannelName>,
    statuses: StatusSet,
}

/// Writes users, and asks for the next page.
pub(super) fn who(client: &mut Client, who: Who, event: &Event, reaction: &mut Reaction) {
    if let Event::UserShown(card) = event {
        let (channel, statuses) = match card.channels.first() {
            Some((channel, statuses)) => (Some(channel), *statuses),
            None => (None, StatusSet::default()),
        };
        let (is_away, is_operator) = (card.away.is_some(), card.operator);
        let found = Found { user: &card.user, is_away, is_operator, channel, statuses };
        write_found(client, &who, &found, reaction);
        return end_of_who(client, &who, reaction);
    }
    let Event::Users { channel: of, users, more, .. } = event else { return };
    for entry in users {
        let is_named = |pattern: &String| matches_glob(pattern, entry.nickname().shown());
        if who.pattern.as_ref().is_none_or(is_named) {
            let (channel, statuses) = (of.as_ref(), entry.statuses);
            let (is_away, is_operator) = (entry.away.is_some(), entry.operator);
            let found = Found { user: &entry.user, is_away, is_operator, channel, statuses };
            write_found(client, &who, &found, reaction);
        }
    }
    match users.last().filter(|_| *more) {
        Some(last) => {
            let channel = of.as_ref().map(|name| channel(name).into_owned());
            let after = next_page(Some(last.nickname()));
            let query = Query::Users { channel, after, limit: PAGE };
            client.ask(Pending::Who(Box::new(who)), Command::Query(query), reaction);
        }
        None => end_of_who(client, &who, reaction),
    }
}

pub(super) fn end_of_who(client: &Client, who: &Who, reaction: &mut Reaction) {
    let rest = format_args!("{} :End of WHO list", Word(&who.mask));
    client.numeric(&mut reaction.frames, 315, rest);
}

fn write_found(client: &Client, who: &Who, found: &Found<'_>, reaction: &mut Reaction) {
    let Found { user, is_away, is_operator, channel: of, statuses } = found;
    let server = &client.settings.server_name;
    let mut flags = String::from(if *is_away { "G" } else { "H" });
    if *is_operator {
        flags.push('*');
    }
    flags.push_str(&prefixes(*statuses, client.has(crate::capability::Capabilities::MULTI_PREFIX)));
    if user.bot {
        flags.push('B');
    }
    let name = of.map_or("*".into(), channel);
    let (nickname, username, host, real) =
        (user.nickname.shown(), username(user), host(user), real_name(user));
    let Some(fields) = &who.fields else {
        let rest = format_args!("{name} {username} {host} {server} {nickname} {flags} :0 {real}");
        return client.numeric(&mut reaction.frames, 352, rest);
    };
    let mut rest = String::new();
    // The order is always the same, whatever that of the request.
    for field in "tcuihsnfdlaor".chars().filter(|field| fields.contains(*field)) {
        let separator = if rest.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = match field {
            't' => write!(rest, "{separator}{}", Word(who.token.as_deref().unwrap_or("0"))),
            'c' => write!(rest, "{separator}{name}"),
            'u' => write!(rest, "{separator}{username}"),
            // The address of others is private.
            'i' => write!(rest, "{separator}255.255.255.255"),
            'h' => write!(rest, "{separator}{host}"),
            's' => write!(rest, "{separator}{server}"),
            'n' => write!(rest, "{separator}{nickname}"),
            'f' => write!(rest, "{separator}{flags}"),
            'd' | 'l' => write!(rest, "{separator}0"),
            'a' => {
                let account = user.account.as_ref().map_or("0", |account| account.as_str());
                write!(rest, "{separator}{}", Word(account))
            }
            'o' => write!(rest, "{separator}n/a"),
            _ => write!(rest, "{separator}:{real}"),
        };
    }
    client.numeric(&mut reaction.frames, 354, format_args!("{rest}"));
}

pub(super) fn whois(client: &Client, asked: &str, event: &Event, reaction: &mut Reaction) {
    let Event::UserShown(card) = event else { return };
    let UserCard { user, away, channels, signed_on, idle, operator, .. } = &**card;
    let (nickname, server) = (user.nickname.shown(), &client.settings.server_name);
    let out = &mut reaction.frames;
    let (username, host, real) = (username(user), host(user), real_name(user));
    client.numeric(out, 311, format_args!("{nickname} {username} {host} * :{real}"));
    let room = client.room().saturating_sub(nickname.len() + " :".len());
    let mut line = String::new();
    for (name, statuses) in channels {
        let name = format!("{}{}", prefixes(*statuses, true), channel(name));
        if !line.is_empty() && line.len() + 1 + name.len() > room {
            client.numeric(out, 319, format_args!("{nickname} :{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&name);
    }
    if !line.is_empty() {
        client.numeric(out, 319, format_args!("{nickname} :{line}"));
    }
    let network = &client.settings.network;
    client.numeric(out, 312, format_args!("{nickname} {server} :{network}"));
    if let Some(away) = away {
        client.numeric(out, 301, format_args!("{nickname} :{away}"));
    }
    if *operator {
        client.numeric(out, 313, format_args!("{nickname} :is an IRC operator"));
    }
    if let Some(account) = &user.account {
        let account = Word(account.as_str());
        client.numeric(out, 330, format_args!("{nickname} {account} :is logged in as"));
    }
    if user.bot {
        client.numeric(out, 335, format_args!("{nickname} :is a bot"));
    }
    metadata::of_whois(client, nickname, &user.data, reaction);
    let out = &mut reaction.frames;
    let (idle, since) = (idle.as_secs(), signed_on.as_millis() / 1_000);
    let rest = format_args!("{nickname} {idle} {since} :seconds idle, signon time");
    client.numeric(out, 317, rest);
    end_of_whois(client, asked, reaction);
}

pub(super) fn end_of_whois(client: &Client, asked: &str, reaction: &mut Reaction) {
    let rest = format_args!("{} :End of /WHOIS list", Word(asked));
    client.numeric(&mut reaction.frames, 318, rest);
}

pub(super) fn whowas(client: &Client, asked: &str, event: &Event, reaction: &mut Reaction) {
    let Event::WasHereShown { users, .. } = event else { return };
    let out = &mut reaction.frames;
    if users.is_empty() {
        let rest = format_args!("{} :There was no such nickname", Word(asked));
        client.numeric(out, 406, rest);
    }
    for past in users {
        let user = &past.user;
        let (nickname, username, host) = (user.nickname.shown(), username(user), host(user));
        let rest = format_args!("{nickname} {username} {host} * :{}", real_name(user));
        client.numeric(out, 314, rest);
        let (server, until) = (&client.settings.server_name, Rfc3339::from(past.until));
        client.numeric(out, 312, format_args!("{nickname} {server} :{}", until.as_str()));
    }
    end_of_whowas(client, asked, reaction);
}

pub(super) fn end_of_whowas(client: &Client, asked: &str, reaction: &mut Reaction) {
    let rest = format_args!("{} :End of WHOWAS", Word(asked));
    client.numeric(&mut reaction.frames, 369, rest);
}

/// Notes a user that was found, and goes on.
pub(super) fn looked_up(
    client: &mut Client,
    mut look_up: LookUp,
    event: &Event,
    reaction: &mut Reaction,
) {
    if let Event::UserShown(card) = event {
        let nickname = card.user.nickname.shown();
        look_up.found.push(if look_up.is_userhost {
            let away = if card.away.is_some() { '-' } else { '+' };
            format!("{nickname}={away}{}@{}", username(&card.user), host(&card.user))
        } else {
            nickname.to_owned()
        });
    }
    continue_look_up(client, look_up, reaction);
}

/// Asks for the next user of an `ISON` or a `USERHOST`, or writes those that were found.
pub(crate) fn continue_look_up(client: &mut Client, mut look_up: LookUp, reaction: &mut Reaction) {
    if let Some(nickname) = look_up.rest.pop() {
        let command = Command::Query(Query::User { nickname });
        return client.ask(Pending::LookUp(Box::new(look_up)), command, reaction);
    }
    let code = if look_up.is_userhost { 302 } else { 303 };
    let found = look_up.found.join(" ");
    client.numeric(&mut reaction.frames, code, format_args!(":{found}"));
}
