//! The engine's replies to the commands of a client, as lines.

mod channel;
mod history;
mod members;
mod metadata;
mod monitor;
mod read;
mod redact;
mod rejected;
mod service;
mod user;
mod user_modes;
mod welcome;

pub(crate) use channel::entered;
pub(crate) use metadata::{
    INVALID_KEY, ask_metadata, clear_metadata, fail_metadata, metadata_changed,
    metadata_sync_later, write_metadata,
};
pub(crate) use read::{marked_elsewhere, one_message, read_mark, show_read_mark};
pub(crate) use redact::{Unredacted, not_redacted};
pub(crate) use user::continue_look_up;
pub(crate) use welcome::{VERSION, motd, support};

use crate::capability::Capabilities;
use crate::client::Client;
use crate::identity::{Mask, Word, channel};
use crate::pending::Pending;
use crate::sasl::lines;
use chat_core::{Event, LoggedIn, MessageChangeKind, MessageKind, Nickname, Target, UserInfo};
use chat_dialects::Reaction;
use std::sync::Arc;

/// Writes the reply to a command. `pending` is `None` if the host has given the command.
pub(crate) fn reply(
    client: &mut Client,
    pending: Option<Pending>,
    event: &Event,
    reaction: &mut Reaction,
) {
    if let Event::Rejected(refusal) = event {
        rejected::rejected(client, pending, refusal, reaction);
    } else if let Event::Welcomed { user, boot, epoch, conversations, .. } = event {
        client.epoch = *epoch;
        for known in conversations {
            if let Some(last) = known.read.last {
                client.read_marks.note_message(known.nickname.shown(), last);
            }
        }
        welcome::welcome(client, user, *boot, reaction);
    } else if let Event::LoginChallenged { message } = event {
        for line in lines(message.expose()) {
            reaction.frames.push(format!("AUTHENTICATE {line}"));
        }
        if let Some(sasl) = &mut client.registration.sasl {
            sasl.server_message(message.clone());
        }
    } else if let Event::LoggedIn(login) = event {
        client.registration.sasl = None;
        logged_in(client, login, reaction);
        confirm_login(client, pending.as_ref(), event, login, reaction);
    } else if let Some(pending) = pending {
        answer(client, pending, event, reaction);
    } else {
        own(client, event, reaction);
    }
}

/// Writes the answer to a look-up, or the event that a command has caused.
fn answer(client: &mut Client, pending: Pending, event: &Event, reaction: &mut Reaction) {
    match pending {
        Pending::Names { channel } => members::names(client, &channel, event, reaction),
        Pending::Who(who) => user::who(client, *who, event, reaction),
        Pending::Whois { nickname } => user::whois(client, &nickname, event, reaction),
        Pending::Whowas { nickname } => user::whowas(client, &nickname, event, reaction),
        Pending::UserModes { is_reading: true } => user_modes::show(client, event, reaction),
        Pending::Rehash => user_modes::rehash(client, reaction),
        Pending::Monitor(answer) => monitor::monitor(client, &answer, event, reaction),
        Pending::Operator => {
            user_modes::operator(client, reaction);
            own(client, event, reaction);
        }
        Pending::Topic { .. } => channel::topic(client, event, reaction),
        Pending::Modes { .. } => channel::modes(client, event, reaction),
        Pending::List { shown, .. } => channel::list(client, shown, event, reaction),
        Pending::Channels { filter } => channel::channels(client, filter, event, reaction),
        Pending::Invitations => channel::invitations(client, event, reaction),
        Pending::History { target, part, .. } => {
            history::messages(client, (&target, part), event, reaction);
        }
        Pending::MarkRead { target } => read::mark(client, &target, event, reaction),
        Pending::ReadMark { target, id } => read::found(client, (&target, id), event, reaction),
        Pending::ReadMarked | Pending::PreAway => {}
        Pending::Metadata(of) => metadata::answer(client, *of, event, reaction),
        Pending::Targets => history::targets(client, event, reaction),
        Pending::LookUp(look_up) => user::looked_up(client, *look_up, event, reaction),
        Pending::Lusers => welcome::lusers(client, event, reaction),
        Pending::Service(service) => {
            service.answers(client, event, reaction);
            if let Event::RoleChanged { .. } = event {
                own(client, event, reaction);
            }
        }
        Pending::Identify
        | Pending::LogIn
        | Pending::Register { .. }
        | Pending::Redact { .. }
        | Pending::UserModes { is_reading: false }
        | Pending::Reply { .. }
        | Pending::Command { .. } => {
            own(client, event, reaction);
        }
    }
}

/// Writes an event that a command of this client has caused.
fn own(client: &mut Client, event: &Event, reaction: &mut Reaction) {
    if let Event::Entered(roster) = event {
        entered(client, roster, reaction);
    } else if let Event::EnteredMany { entered: rosters, refused } = event {
        for roster in rosters {
            entered(client, roster, reaction);
        }
        for refusal in refused {
            rejected::not_joined(client, refusal, reaction);
        }
    } else if let Event::Sent { message, away, offline, .. } = event {
        if client.has(Capabilities::ECHO_MESSAGE) {
            client.output(reaction.at).message(message, &mut reaction.frames);
        }
        note_to_itself(client, &message.target, &Event::Said(message.clone()));
        if let Target::User(nickname) = &message.target
            && message.kind != MessageKind::Notice
        {
            let nickname = nickname.shown();
            if let Some(away) = away {
                client.numeric(&mut reaction.frames, 301, format_args!("{nickname} :{away}"));
            } else if *offline {
                let text = "is offline, and can read the message later";
                client.numeric(&mut reaction.frames, 301, format_args!("{nickname} :{text}"));
            }
        }
    } else if let Event::Signalled(signal) = event {
        if client.has(Capabilities::ECHO_MESSAGE) {
            client.output(reaction.at).signal(signal, &mut reaction.frames);
        }
        note_to_itself(client, &signal.target, event);
    } else if let Event::MessageChanged(change) = event
        && matches!(change.kind, MessageChangeKind::Reacted { .. })
    {
        if client.has(Capabilities::ECHO_MESSAGE) {
            client.output(reaction.at).event(event, &mut reaction.frames);
        }
    } else if let Event::AwayChanged { message, .. } = event {
        away(client, message.is_some(), reaction);
    } else if let Event::Invited { channel: name, user, .. } = event {
        let (nickname, name) = (user.nickname.shown(), channel(name));
        client.numeric(&mut reaction.frames, 341, format_args!("{nickname} {name}"));
    } else if let Event::UserInfoChanged { before, after } = event {
        client.user = Some(after.clone());
        if before.bot != after.bot {
            let (nickname, sign) = (after.nickname.shown(), if after.bot { '+' } else { '-' });
            let rest = format_args!("MODE {nickname} :{sign}B");
            client.output(reaction.at).line(&mut reaction.frames, &**after, rest);
        }
        client.output(reaction.at).event(event, &mut reaction.frames);
    } else {
        note_own(client, event);
        let (output, out) = (client.output(reaction.at), &mut reaction.frames);
        output.event(event, out);
        // The channel is told of the removal, and not the client that has caused it.
        if let Event::Banned { channel, user: Some(user), removed: true, by, reason, .. } = event {
            let (channel, user, by) = (channel.clone(), user.clone(), by.clone());
            let reason = reason.clone();
            output.event(&Event::Kicked { channel, user, by, reason, banned: true }, out);
        }
    }
}

/// Writes whether the client is away now.
pub(crate) fn away(client: &Client, is_away: bool, reaction: &mut Reaction) {
    let (code, text) = if is_away {
        (306, "You have been marked as being away")
    } else {
        (305, "You are no longer marked as being away")
    };
    client.numeric(&mut reaction.frames, code, format_args!(":{text}"));
}

/// Notes an event that the client has caused if it is its recipient, too.
fn note_to_itself(client: &mut Client, target: &Target, event: &Event) {
    let own = client.user.as_ref().map(|own| &own.nickname);
    if matches!(target, Target::User(to) if Some(to) == own) {
        client.to_itself = Some(event.clone().into());
    }
}

/// Notes the client's own channels and name after an event.
pub(crate) fn note_own(client: &mut Client, event: &Event) {
    let is_own = |client: &Client, nickname: &Nickname| {
        client.user.as_ref().is_some_and(|own| own.nickname == *nickname)
    };
    if let Event::Renamed { from, to } = event {
        if is_own(client, &from.nickname) {
            client.user = Some(to.clone());
        }
    } else if let Event::Left { channel, user, .. }
    | Event::Kicked { channel, user, .. }
    | Event::Banned { channel, user: Some(user), removed: true, .. } = event
    {
        if is_own(client, &user.nickname) {
            client.channels.remove(channel);
        }
    } else if let Event::ChannelClosed { channel, .. } = event {
        client.channels.remove(channel);
    } else if let Event::UserModesChanged { after, .. } = event {
        client.is_operator = after.operator;
    }
}

/// Writes in what way the client has logged in.
fn confirm_login(
    client: &Client,
    pending: Option<&Pending>,
    event: &Event,
    login: &LoggedIn,
    reaction: &mut Reaction,
) {
    if let Some(Pending::Service(service)) = pending {
        service.answers(client, event, reaction);
    } else if let Some(Pending::Register { .. }) = pending {
        let account = login.account.to_string();
        let text = "The account is registered";
        let rest = format_args!("REGISTER SUCCESS {} :{text}", Word(&account));
        client.line(&mut reaction.frames, rest);
    } else {
        let text = "SASL authentication successful";
        client.numeric(&mut reaction.frames, 903, format_args!(":{text}"));
    }
}

/// Writes that the client has logged in.
fn logged_in(client: &mut Client, login: &LoggedIn, reaction: &mut Reaction) {
    let account = login.account.to_string();
    let account = Word(&account);
    if let Some(user) = &login.user {
        become_user(client, user, login.channels.is_some(), reaction);
    } else {
        client.registration.account = Some(login.account.to_string());
    }
    let mask = client.user.as_ref().map_or_else(|| "*".to_owned(), |user| Mask(user).to_string());
    let text = format_args!("{mask} {account} :You are now logged in as {account}");
    client.numeric(&mut reaction.frames, 900, text);
}

/// Notes the user of a client that has logged in. If that user was online already, the client
/// leaves the channels of the guest that it was, and takes the user's nickname. Rosters of the
/// user's channels follow.
fn become_user(
    client: &mut Client,
    user: &Arc<UserInfo>,
    was_online: bool,
    reaction: &mut Reaction,
) {
    let Some(before) = client.user.replace(user.clone()) else { return };
    if !was_online {
        return;
    }
    let left = std::mem::take(&mut client.channels);
    let (output, out) = (client.output(reaction.at), &mut reaction.frames);
    for name in &left {
        output.line(out, &*before, format_args!("PART {} :Logged in", channel(name)));
    }
    if before.nickname.shown() != user.nickname.shown() {
        output.line(out, &*before, format_args!("NICK {}", user.nickname.shown()));
    }
}
