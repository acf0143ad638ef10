//! Writes events and records as text for transcripts.

use super::describe_message::{change_of, data_of, messages_of, place_of, said, target_of};
use super::{describe_user, step::START};
use crate::{
    ActiveTarget, AuditAction, AuditEntry, Conversation, Event, EventKey, JoinRefusal, ListEntry,
    LoggedIn, MaskChange, Modes, Playback, PlaybackItem, ReadState, Record, Report, Role, Roster,
    Secret, ServerBan, SessionCard, Signal, Status, StatusSet, Target, Text, Topic, UserCard,
    UserInfo, WasHere,
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
        Event::Welcomed {
            user,
            lobby,
            boot: _,
            epoch: _,
            reconnected,
            token,
            resumed,
            conversations,
        } => {
            let mut text = format!("welcomed as {user}");
            if let Some(channels) = reconnected {
                let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
                text.push_str(&format!(" again, in {}", names.join(", ")));
            }
            text.push_str(token_of(token.as_ref()));
            text.push_str(match resumed {
                Some(true) => ", resumed",
                Some(false) => ", not resumed",
                None => "",
            });
            if let Some(roster) = lobby {
                text.push_str(&format!("; {}", roster_of(roster)));
            }
            for Conversation { nickname, newest, read } in conversations {
                let read = read_of(Some(*read));
                text.push_str(&format!("; newest message with {nickname} is {}{read}", newest.0));
            }
            text
        }
        Event::LoggedIn(login) => {
            let LoggedIn { account, is_new, token, user, channels } = &**login;
            let done = if *is_new { "registered and logged in" } else { "logged in" };
            let mut text = format!("{done} to account {account}{}", token_of(token.as_ref()));
            if let Some(user) = user {
                text.push_str(&format!(", as {user}"));
            }
            if let Some(channels) = channels {
                let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
                text.push_str(&format!(", in {}", names.join(", ")));
            }
            text
        }
        Event::LoggedOut => "logged out".into(),
        Event::PasswordChanged { revoked } => {
            format!("password changed, other logins revoked: {revoked}")
        }
        Event::LoginChallenged { message } => format!("challenge: {}", message.expose()),
        Event::SessionRevoked { id } => format!("session {id} revoked"),
        Event::Sessions { sessions } => {
            let mut text = String::from("sessions:");
            for SessionCard { id, device, since, used, is_online, is_current } in sessions {
                let device = device.as_ref().map(|device| format!(" ({device})"));
                let state = match (is_current, is_online) {
                    (true, _) => ", current",
                    (false, true) => ", online",
                    (false, false) => "",
                };
                let (since, used) = (since.as_millis(), used.as_millis());
                let device = device.unwrap_or_default();
                text.push_str(&format!("\n        {id}{device} since {since}, used {used}{state}"));
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
        Event::Joined { channel, user, away } => match away {
            Some(away) => format!("{user} (away: {away}) joined {channel}"),
            None => format!("{user} joined {channel}"),
        },
        Event::Left { channel, user, reason } => {
            format!("{user} left {channel}{}", because(reason))
        }
        Event::Quit { user, reason, channels } => {
            let shared: Vec<String> = channels.iter().map(ToString::to_string).collect();
            format!("{user} quit ({}){}", shared.join(", "), because(reason))
        }
        Event::Goodbye { reason } => format!("goodbye{}", because(reason)),
        Event::Sent { message, offline: true, .. } => {
            format!("sent {} to be read later", message.id.0)
        }
        Event::Sent { message, away, repeated, offline: false } => {
            let sent = if *repeated { "sent before as" } else { "sent" };
            let id = message.id.0;
            match (away, &message.target) {
                (Some(away), Target::User(nickname)) => {
                    format!("{sent} {id}; {nickname} is away: {away}")
                }
                (Some(_), Target::Channel(_) | Target::Members { .. }) | (None, _) => {
                    format!("{sent} {id}")
                }
            }
        }
        Event::Said(message) => said(message),
        Event::Renamed { from, to } => format!("{from} is now {to}"),
        Event::UserInfoChanged { before: _, after } => {
            format!("{} has changed", identity_of(after))
        }
        Event::UserModesChanged { user, before: _, after } => describe_user::modes(user, *after),
        Event::PresenceChanged { user, change } => describe_user::presence(user, change),
        Event::WatchedShown { users } => describe_user::watched(users),
        Event::Announced { by, text } => format!("announced by {by}: {text}"),
        Event::CountsShown(counts) => describe_user::counts(counts),
        Event::TopicShown { channel, topic } => format!("topic of {channel}{}", topic_of(topic)),
        Event::TopicChanged { channel, topic, by } => {
            format!("topic of {channel} changed by {by}{}", topic_of(topic))
        }
        Event::ModesShown { channel, modes, created: _, data: _ } => {
            format!("modes of {channel}: {}", modes_of(modes))
        }
        Event::ModesChanged { channel, changes: _, modes, by } => {
            format!("modes of {channel} changed by {by}: {}", modes_of(modes))
        }
        Event::RoleChanged { channel, user, before: _, after, by } => {
            format!("{user} made {} of {channel} by {by}", statuses_of(*after))
        }
        Event::Kicked { channel, user, by, reason, banned } => {
            let done = if *banned { "kicked and banned" } else { "kicked" };
            format!("{user} {done} from {channel} by {by}{}", because(reason))
        }
        Event::Banned { channel, nickname, user: _, removed: _, by, reason } => {
            format!("{nickname} banned from {channel} by {by}{}", because(reason))
        }
        Event::Unbanned { channel, nickname, by } => {
            format!("{nickname} unbanned from {channel} by {by}")
        }
        Event::Muted { channel, nickname, user: _, by, reason } => {
            format!("{nickname} muted in {channel} by {by}{}", because(reason))
        }
        Event::Unmuted { channel, nickname, by } => {
            format!("{nickname} unmuted in {channel} by {by}")
        }
        Event::Exempted { channel, nickname, user: _, by } => {
            format!("{nickname} exempted in {channel} by {by}")
        }
        Event::Unexempted { channel, nickname, by } => {
            format!("{nickname} no longer exempted in {channel} by {by}")
        }
        Event::MaskChanged(change) => mask_change(change),
        Event::Invited { channel, user, by } => {
            format!("{user} invited to {channel} by {by}")
        }
        Event::Users { channel, users, count, more, is_secret: _ } => {
            let place = channel.as_ref().map_or_else(|| "online".into(), ToString::to_string);
            let names: Vec<String> = users
                .iter()
                .map(|user| match &user.away {
                    Some(away) => format!("{} (away: {away})", user.user),
                    None => user.user.to_string(),
                })
                .collect();
            format!("{place}: {}", page(&names, *count, *more))
        }
        Event::Channels { channels, count, more } => {
            let names: Vec<String> = channels
                .iter()
                .map(|channel| match &channel.topic {
                    Some(topic) => format!("{} ({}): {topic}", channel.name, channel.members),
                    None => format!("{} ({})", channel.name, channel.members),
                })
                .collect();
            format!("channels: {}", page(&names, *count, *more))
        }
        Event::History { channel, messages, more } => {
            format!("history of {channel}{}", messages_of(messages, *more))
        }
        Event::PrivateHistory { nickname, messages, more } => {
            format!("private messages with {nickname}{}", messages_of(messages, *more))
        }
        Event::Playback(playback) => playback_of(playback),
        Event::Missed { messages, more, changed } => {
            let changed = match changed[..] {
                [] => String::new(),
                _ => format!("\n      changed{}", messages_of(changed, false)),
            };
            format!("missed{}{changed}", messages_of(messages, *more))
        }
        Event::MessageChanged(change) => change_of(change),
        Event::Signalled(signal) => {
            let Signal { number, sender, target, data, .. } = &**signal;
            let place = place_of(target);
            format!("signal {number} by {sender} {place}: {data}")
        }
        Event::ReadMarked { target, id } => format!("{} read up to {}", target_of(target), id.0),
        Event::Found { messages, next } => {
            let more = next.map(|next| format!(", more below {}", next.0)).unwrap_or_default();
            format!("found{more}{}", messages_of(messages, false))
        }
        Event::ListShown { channel, list, entries, count, more } => {
            let entries: Vec<String> = entries.iter().map(entry_of).collect();
            let page = page(&entries, *count, *more);
            format!("{} of {channel}: {page}", list.name())
        }
        Event::Targets { targets, more } => {
            let name = |target: &ActiveTarget| match &target.target {
                Target::Channel(channel) | Target::Members { channel, .. } => {
                    format!("{channel} until {}", target.newest.0)
                }
                Target::User(nickname) => format!("{nickname} until {}", target.newest.0),
            };
            let names: Vec<String> = targets.iter().map(name).collect();
            let more = if *more { ", with more after" } else { "" };
            format!("targets{more}: {}", page(&names, names.len(), false))
        }
        Event::PinsShown { channel, messages } => {
            format!("pinned in {channel}{}", messages_of(messages, false))
        }
        Event::Invitations { channels } => {
            let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
            format!("invitations: {}", page(&names, names.len(), false))
        }
        Event::UserShown(card) => card_of(card),
        Event::WasHereShown { nickname, users, more } => {
            let mut text = format!("users who were {nickname}");
            text.push_str(if *more { ", with more:" } else { ":" });
            for WasHere { user, until } in users {
                let until = until.as_millis();
                text.push_str(&format!("\n        {} until {until}", identity_of(user)));
            }
            text
        }
        Event::AwayChanged { user, message: Some(message) } => {
            format!("{user} is away: {message}")
        }
        Event::AwayChanged { user, message: None } => format!("{user} is back"),
        Event::ChannelCreated { channel, by } => format!("{channel} created by {by}"),
        Event::ChannelClosed { channel, by, reason } => {
            format!("{channel} closed by {by}{}", because(reason))
        }
        Event::ChannelDataChanged { channel, before: _, data, by } => {
            format!("data of {channel} set by {by}: {data}")
        }
        Event::ServerBanned(ban) => server_banned(ban),
        Event::ServerUnbanned { target } => format!("{target} unbanned from the server"),
        Event::Reported(report) => report_of(report),
        Event::ReportClosed { report, reason } => {
            format!("report {} closed{}", report.id.0, because(reason))
        }
        Event::ReportsShown { reports, count, more } => {
            let reports: Vec<String> = reports.iter().map(|report| report_of(report)).collect();
            format!("reports: {}", page(&reports, *count, *more))
        }
        Event::AuditLogShown { entries, more } => {
            let mut text = String::from(if *more { "audit log, with more:" } else { "audit log:" });
            for entry in entries {
                text.push_str(&format!("\n        {}", audit_entry(entry)));
            }
            text
        }
        Event::Disconnected { user, reason } => format!("{user} disconnected{}", because(reason)),
        Event::ServerBansShown { bans, count, more } => {
            let bans: Vec<String> = bans.iter().map(server_banned).collect();
            format!("server bans: {}", page(&bans, *count, *more))
        }
        Event::AccountRemoved { account } => format!("account {account} removed"),
        Event::Rejected(refusal) => format!("rejected ({}): {refusal}", refusal.code()),
    }
}

fn token_of(token: Option<&Secret>) -> &'static str {
    if token.is_some() { " (with a session token)" } else { "" }
}

pub(super) fn describe_record(record: &Record) -> String {
    match record {
        Record::ChannelCreated { channel, id: _, by, owner, statuses: _, modes: _, kept: _ } => {
            let owner = owner.as_ref().map(|owner| format!(" for account {owner}"));
            format!("{channel} created by {by}{}", owner.unwrap_or_default())
        }
        Record::ChannelForgotten { channel, id: _ } => format!("{channel} forgotten"),
        Record::Said { message, recipient: _, nonce, away } => {
            let nonce = nonce.as_ref().map(|nonce| format!(" (nonce {nonce:?})"));
            let away = away.as_ref().map(|away| format!(" (away: {away})"));
            let [nonce, away] = [nonce, away].map(Option::unwrap_or_default);
            format!("{}{nonce}{away}", said(message))
        }
        Record::MessageChanged { message, accounts: _ } => format!("changed: {}", said(message)),
        Record::TopicChanged { channel, topic } => {
            format!("topic of {channel}{}", topic_of(topic))
        }
        Record::ChannelDataChanged { channel, data } => format!("data of {channel}: {data}"),
        Record::AccountDataChanged { account, data } => {
            format!("data of account {account}: {data}")
        }
        Record::ModesChanged { channel, modes } => {
            format!("modes of {channel}: {}", modes_of(modes))
        }
        Record::RoleChanged { channel, nickname, account, statuses } => {
            let account = account.as_ref().map(|account| format!(" (account {account})"));
            let names = statuses_of(*statuses);
            format!("{nickname}{} is {names} of {channel}", account.unwrap_or_default())
        }
        Record::Listed { channel, list, entry } => {
            let account = entry.account().map(|account| format!(" (account {account})"));
            format!(
                "{}{} added to the {} of {channel} by {}{}",
                entry.subject,
                account.unwrap_or_default(),
                list.name(),
                entry.by,
                because(&entry.reason),
            )
        }
        Record::Invited { channel, account } => format!("account {account} invited to {channel}"),
        Record::InvitationUsed { channel, account } => {
            format!("invitation of account {account} to {channel} used")
        }
        Record::AccountRegistered { account, credentials: _ } => {
            format!("account {account} registered")
        }
        Record::CredentialsChanged { account, credentials: _ } => {
            format!("password of account {account} changed")
        }
        Record::TokenIssued { account, digest, device } => {
            let device = device.as_ref().map(|device| format!(" ({device})"));
            format!(
                "session {} of account {account} begun{}",
                digest.id(),
                device.unwrap_or_default()
            )
        }
        Record::TokenUsed { account, token } => {
            format!("session {token} of account {account} used")
        }
        Record::TokenRevoked { account, token } => {
            format!("session {token} of account {account} revoked")
        }
        Record::ChannelJoined { channel, id: _, account, since } => {
            format!("account {account} in {channel} after {}", since.0)
        }
        Record::ChannelLeft { channel, account } => format!("account {account} left {channel}"),
        Record::ReadMarked { account, target, id } => {
            format!("account {account}: {} read up to {}", target_of(target), id.0)
        }
        Record::AccountSeen { account } => format!("account {account} seen"),
        Record::AccountRemoved { account } => format!("account {account} removed"),
        Record::ServerBanned(ban) => server_banned(ban),
        Record::Reported(report) => report_of(report),
        Record::ReportClosed { report } => format!("report {} closed", report.0),
        Record::Audited { entry, oldest } => {
            let kept = match oldest.0 {
                0 | 1 => String::new(),
                oldest => format!(", entries below {oldest} forgotten"),
            };
            format!("audit entry {}{kept}", audit_entry(entry))
        }
        Record::ServerUnbanned { target } => format!("{target} unbanned from the server"),
        Record::UserIdsReserved { up_to } => format!("ids of users up to {up_to} reserved"),
        Record::GuestNumbersReserved { up_to } => format!("guest names up to {up_to} reserved"),
        Record::Unlisted { channel, list, nickname, user: _ } => {
            format!("{nickname} taken off the {} of {channel}", list.name())
        }
        Record::MaskUnlisted { channel, list, mask } => {
            format!("{mask} taken off the {} of {channel}", list.name())
        }
    }
}

fn report_of(report: &Report) -> String {
    let Report { id, at: _, by, user, message, reason } = report;
    let message = message.as_ref().map(|message| format!(" [{}]", said(message)));
    format!("report {} of {user} by {by}{}{}", id.0, because(reason), message.unwrap_or_default())
}

fn audit_entry(entry: &AuditEntry) -> String {
    let AuditEntry { id, at, by, action } = entry;
    let action = match action {
        AuditAction::ServerBanned(ban) => server_banned(ban),
        AuditAction::ServerUnbanned { target } => format!("{target} unbanned from the server"),
        AuditAction::Disconnected { user, reason } => {
            format!("{} disconnected{}", identity_of(user), because(reason))
        }
        AuditAction::AccountRemoved { account } => format!("account {account} removed"),
        AuditAction::AccountAdded { account } => format!("account {account} added"),
        AuditAction::PasswordReset { account } => format!("password of account {account} reset"),
        AuditAction::ChannelClosed { channel, reason } => {
            format!("{channel} closed{}", because(reason))
        }
        AuditAction::ReportClosed { report, by, user, reason } => {
            format!("report {} of {user} by {by} closed{}", report.0, because(reason))
        }
        AuditAction::RoleChanged { channel, user, statuses } => {
            format!("{} made {} of {channel}", identity_of(user), statuses_of(*statuses))
        }
    };
    format!("{} at {}s by {by}: {action}", id.0, at.since(START).as_secs())
}

fn server_banned(ban: &ServerBan) -> String {
    let until = ban.until.map(|until| format!(" until {}", until.as_millis()));
    let until = until.unwrap_or_default();
    format!("{} banned from the server{until}{}", ban.target, because(&ban.reason))
}

fn statuses_of(statuses: StatusSet) -> String {
    let names: Vec<&str> = statuses.iter().map(Status::name).collect();
    if names.is_empty() { Role::Member.name().into() } else { names.join(" and ") }
}

/// Writes the whole identity of a user: `nick!user@host`, then the other properties.
fn identity_of(user: &UserInfo) -> String {
    let mut text = user.nickname.to_string();
    if let Some(username) = &user.username {
        text.push_str(&format!("!{username}"));
    }
    if let Some(host) = &user.host {
        text.push_str(&format!("@{host}"));
    }
    let account = user.account.as_ref().map(|account| format!("account {account}"));
    let real_name = user.real_name.as_ref().map(|name| format!("real name {name}"));
    let bot = user.bot.then(|| String::from("bot"));
    let properties: Vec<String> = [account, real_name, bot].into_iter().flatten().collect();
    if !properties.is_empty() {
        text.push_str(&format!(" ({})", properties.join(", ")));
    }
    text.push_str(&data_of(&user.data));
    text
}

fn roster_of(roster: &Roster) -> String {
    let names: Vec<String> = roster
        .members
        .iter()
        .map(|member| match member.statuses.role() {
            Role::Member => member.user.to_string(),
            Role::Voiced | Role::Operator | Role::Owner => {
                format!("{} ({})", member.user, statuses_of(member.statuses))
            }
        })
        .collect();
    let topic = roster.topic.as_ref().map(|topic| format!("; topic: {}", topic.text));
    let (topic, data) = (topic.unwrap_or_default(), data_of(&roster.data));
    let read = read_of(roster.read);
    format!("{} has {}{topic}{data}{read}", roster.channel, listing(&names, roster.count))
}

/// Writes the messages that a user has read and not read.
fn read_of(read: Option<ReadState>) -> String {
    let ReadState { last, unread, mentions } = read.unwrap_or_default();
    let last = last.map(|last| format!(", read up to {}", last.0)).unwrap_or_default();
    match (unread, mentions) {
        (0, _) => last,
        (_, 0) => format!("{last}, {unread} unread"),
        _ => format!("{last}, {unread} unread with {mentions} mentions"),
    }
}

/// Writes messages and events, a line each. Those of events begin with their keys.
fn playback_of(playback: &Playback<Event>) -> String {
    let Playback { target, items, more } = playback;
    let more = if *more { ", with more:" } else { ":" };
    let mut text = format!("playback of {}{more}", target_of(target));
    for item in items {
        let item = match item {
            PlaybackItem::Message(message) => said(message),
            PlaybackItem::Event(event) => {
                let key = event.event.key().unwrap_or(EventKey(0)).0;
                format!("{key:x} after {}: {}", event.after.0, event.event)
            }
        };
        text.push_str(&format!("\n        {item}"));
    }
    text
}

/// Writes the properties of a user in one line.
fn card_of(card: &UserCard) -> String {
    let UserCard { user, away, channels, signed_on, idle, operator } = card;
    let channels: Vec<String> = channels
        .iter()
        .map(|(name, statuses)| match statuses.role() {
            Role::Member => name.to_string(),
            Role::Voiced | Role::Operator | Role::Owner => {
                format!("{name} ({})", statuses_of(*statuses))
            }
        })
        .collect();
    let away = away.as_ref().map(|away| format!("; away: {away}")).unwrap_or_default();
    let operator = if *operator { "; server operator" } else { "" };
    format!(
        "{} is in {}; online since {}, idle for {idle:?}{away}{operator}",
        identity_of(user),
        listing(&channels, channels.len()),
        signed_on.as_millis(),
    )
}

fn entry_of(entry: &ListEntry) -> String {
    let account = entry.account().map(|account| format!(" (account {account})"));
    let account = account.unwrap_or_default();
    format!("{}{account} by {}{}", entry.subject, entry.by, because(&entry.reason))
}

fn mask_change(change: &MaskChange) -> String {
    let MaskChange { channel, list, mask, listed, changed, by, reason } = change;
    let done = match (listed, changed) {
        (true, true) => "added to",
        (true, false) => "was already on",
        (false, _) => "removed from",
    };
    format!("{mask} {done} the {} of {channel} by {by}{}", list.name(), because(reason))
}

/// Writes a page of a list with `count` entries.
fn page(names: &[String], count: usize, more: bool) -> String {
    match (names, count) {
        ([], 0) => "none".into(),
        ([], _) => format!("none of {count}"),
        (_, _) if more || count == names.len() => listing(names, count),
        (_, _) => format!("{}, the last of {count}", names.join(", ")),
    }
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
    words.extend(modes.written_keep().map(|keep| format!("keep={keep}")));
    if words.is_empty() { "none".into() } else { words.join(" ") }
}

fn because(reason: &Option<Text>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}
