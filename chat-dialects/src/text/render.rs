//! Encodes events as lines.

use super::action::action_text;
use super::audit_line::AuditLine;
use super::form::HERE;
use super::line_writer::LineWriter;
use super::style::{Style, UserList, fill};
use super::words::{date_and_time, duration, identity_of, listing, mode_words, sentence};
use super::{account, operator};
use crate::{Form, Frames};
use chat_core::{
    AuditEntry, ChannelName, Event, JoinRefusal, List, ListEntry, Nickname, Refusal, Role, Roster,
    RosterEntry, StatusSet, Timestamp, Topic, UserCard, UserInfo, WasHere,
};
use std::sync::Arc;

/// Writes an event about others.
pub(super) fn write_event(
    style: &Style,
    form: Form,
    at: Timestamp,
    event: &Event,
    out: &mut Frames,
) {
    let mut lines = LineWriter { style, form, out };
    match event {
        Event::Joined { channel, user, .. } => {
            lines.user_line(at, Some(channel), &style.joined, &user.nickname);
        }
        Event::Left { channel, user, reason: _ } => {
            lines.user_line(at, Some(channel), &style.left, &user.nickname);
        }
        Event::Quit { user, .. } => lines.user_line(at, None, &style.left, &user.nickname),
        Event::Said(message) => lines.message(message),
        Event::Renamed { from, to } => lines.renamed(at, &style.renamed, from, to),
        Event::Invited { channel, user: _, by } => {
            let bare = channel.shown();
            lines.system(at, None, &format!("{by} invites you to {channel}: /join {bare}"));
        }
        // A status below the highest one changes nothing that these lines show.
        Event::RoleChanged { before, after, .. } if before.role() == after.role() => {}
        // The reader may be on another channel, and is told which one it has left.
        Event::ChannelClosed { channel, by, reason } => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}"));
            let text = format!("{channel} was closed by {by}{}", reason.unwrap_or_default());
            lines.system(at, None, &text);
        }
        Event::Reported(report) => lines.system(at, None, &operator::report(report)),
        Event::Announced { by, text } => {
            lines.system(at, None, &format!("announcement of {by}: {text}"));
        }
        Event::TopicChanged { .. }
        | Event::ModesChanged { .. }
        | Event::RoleChanged { .. }
        | Event::Kicked { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::MaskChanged(_) => lines.action(at, event),
        Event::MessageChanged(change) => lines.change(at, change),
        // Another session of the reader's user has joined.
        Event::Entered(roster) => {
            let (channel, bare) = (&roster.channel, roster.channel.shown());
            lines.system(at, None, &format!("you are in {channel} too: /switch {bare}"));
        }
        // Changes of the away status are frequent and get no line, and those of a user's account
        // or real name, and of application data, concern no line.
        Event::AwayChanged { .. }
        | Event::UserInfoChanged { .. }
        | Event::ChannelDataChanged { .. } => {}
        Event::Welcomed { .. }
        | Event::EnteredMany { .. }
        | Event::ChannelCreated { .. }
        | Event::ServerBanned(_)
        | Event::ServerUnbanned { .. }
        | Event::ServerBansShown { .. }
        | Event::AuditLogShown { .. }
        | Event::ReportClosed { .. }
        | Event::ReportsShown { .. }
        | Event::Disconnected { .. }
        | Event::AccountRemoved { .. }
        | Event::LoggedIn(_)
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Sessions { .. }
        | Event::Goodbye { .. }
        | Event::Sent { .. }
        | Event::TopicShown { .. }
        | Event::ModesShown { .. }
        | Event::Banned { .. }
        | Event::Unbanned { .. }
        | Event::Exempted { .. }
        | Event::Unexempted { .. }
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Playback(_)
        | Event::PrivateHistory { .. }
        | Event::Missed { .. }
        | Event::ReadMarked { .. }
        | Event::Signalled(_)
        | Event::Found { .. }
        | Event::ListShown { .. }
        | Event::PinsShown { .. }
        | Event::Invitations { .. }
        | Event::Targets { .. }
        | Event::UserShown(_)
        | Event::WasHereShown { .. }
        | Event::UserModesChanged { .. }
        | Event::PresenceChanged { .. }
        | Event::WatchedShown { .. }
        | Event::CountsShown(_)
        | Event::Rejected(_) => {}
        _ => {}
    }
}

/// Writes the reply to a command.
pub(super) fn write_reply(
    style: &Style,
    form: Form,
    at: Timestamp,
    event: &Event,
    out: &mut Frames,
) {
    let mut lines = LineWriter { style, form, out };
    match event {
        Event::Welcomed { user, lobby, .. } => {
            lines.welcome(at, &user.nickname, lobby.as_deref());
        }
        Event::Entered(roster) => lines.entered(at, roster),
        Event::EnteredMany { entered, refused } => {
            entered.iter().for_each(|roster| lines.entered(at, roster));
            for JoinRefusal { refusal, .. } in refused {
                lines.plain(&sentence(&refusal.to_string()));
            }
        }
        Event::Left { channel, .. } => lines.system(at, None, &format!("you left {channel}")),
        Event::Goodbye { .. } => lines.plain("Goodbye!"),
        Event::LoggedIn(login) => lines.system(at, None, &account::logged_in(login)),
        Event::LoggedOut => lines.plain("You are logged out. Goodbye!"),
        Event::PasswordChanged { revoked } => {
            lines.system(at, None, &account::password_changed(*revoked));
        }
        Event::SessionRevoked { id } => lines.system(at, None, &format!("session {id} has ended")),
        Event::Sessions { sessions } => {
            lines.system(at, None, "sessions:");
            sessions.iter().for_each(|card| lines.plain(&account::session(card)));
        }
        Event::AccountRemoved { account } => {
            lines.system(at, None, &format!("account {account} is deleted"));
        }
        Event::Sent { message, away, offline, .. } => {
            lines.sent(at, message, away.as_ref(), *offline);
        }
        Event::Renamed { from, to } => {
            let template = style.own_rename.as_ref().unwrap_or(&style.renamed);
            lines.renamed(at, template, from, to);
        }
        Event::TopicShown { channel, topic } => match topic {
            Some(topic) => lines.topic(at, channel, topic),
            None => lines.system(at, None, &format!("{channel} has no topic")),
        },
        Event::ModesShown { channel, modes, .. } => {
            lines.system(at, None, &format!("modes of {channel}: {}", mode_words(modes)));
        }
        Event::Users { users, count, .. } => {
            let names: Vec<&str> = users.iter().map(|user| user.nickname().shown()).collect();
            lines.users(&names, *count);
        }
        Event::Channels { channels, count, .. } => {
            lines.system(at, None, "channels:");
            for channel in channels {
                let topic = channel.topic.as_ref().map(|topic| format!(": {topic}"));
                let (name, members) = (&channel.name, channel.members);
                lines.plain(&format!("  {name} ({members}){}", topic.unwrap_or_default()));
            }
            lines.omitted(count.saturating_sub(channels.len()));
        }
        // `history::write` writes the first two, and no line asks for the others.
        Event::History { .. }
        | Event::PrivateHistory { .. }
        | Event::Playback(_)
        | Event::LoginChallenged { .. }
        | Event::Missed { .. }
        | Event::ReadMarked { .. }
        | Event::Signalled(_)
        | Event::Targets { .. } => {}
        Event::Found { messages, next } => lines.found(at, messages, *next),
        Event::MessageChanged(change) => lines.own_change(at, change),
        Event::ListShown { channel, list, entries, count, .. } => {
            lines.list(at, channel, *list, entries, *count);
        }
        Event::PinsShown { channel, messages } => lines.pins(at, channel, messages),
        Event::Invitations { channels } => {
            let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
            let names = if names.is_empty() { "none".into() } else { names.join(", ") };
            lines.system(at, None, &format!("invitations: {names}"));
        }
        Event::UserShown(card) => lines.user_card(at, card),
        Event::WasHereShown { nickname, users, more } => {
            if users.is_empty() {
                lines.system(at, None, &format!("nobody was {nickname} lately"));
            }
            for WasHere { user, until, .. } in users {
                let until = date_and_time(*until);
                let text = format!("{} was here until {}", identity_of(user), until);
                lines.system(at, None, &text);
            }
            if *more {
                lines.plain("  and more");
            }
        }
        Event::AwayChanged { message, .. } => match message {
            Some(message) => lines.system(at, None, &format!("you are away: {message}")),
            None => lines.system(at, None, "you are back"),
        },
        Event::Rejected(Refusal::NotIdentified) => lines.plain(NAME_FIRST),
        Event::Rejected(refusal) => lines.plain(&sentence(&refusal.to_string())),
        Event::Invited { channel, user, .. } => {
            lines.system(at, None, &format!("{user} is invited to {channel}"));
        }
        Event::TopicChanged { .. }
        | Event::ModesChanged { .. }
        | Event::RoleChanged { .. }
        | Event::Kicked { .. }
        | Event::Banned { .. }
        | Event::Unbanned { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::Exempted { .. }
        | Event::Unexempted { .. }
        | Event::MaskChanged(_) => lines.action(at, event),
        Event::UserInfoChanged { after, .. } => lines.identity(at, after),
        Event::Disconnected { user, .. } => {
            lines.system(at, None, &format!("{user} is disconnected"));
        }
        Event::ChannelClosed { channel, .. } => {
            lines.system(at, None, &format!("{channel} is closed"));
        }
        Event::ServerBanned(ban) => lines.system(at, None, &operator::server_ban(ban)),
        Event::ServerUnbanned { target } => {
            lines.system(at, None, &format!("{target} is no longer banned from the server"));
        }
        Event::Reported(_) => {
            lines.system(at, None, "your report has reached the server operators");
        }
        Event::ReportClosed { report, .. } => {
            lines.system(at, None, &format!("report {} is closed", report.id.0));
        }
        Event::ReportsShown { reports, count, .. } => {
            let none = if reports.is_empty() { " none" } else { "" };
            lines.system(at, None, &format!("open reports:{none}"));
            for report in reports {
                let (at, report) = (date_and_time(report.at), operator::report(report));
                lines.plain(&format!("  {at} {report}"));
            }
            lines.omitted(count.saturating_sub(reports.len()));
        }
        Event::AuditLogShown { entries, more } => lines.audit_log(at, entries, *more),
        Event::ServerBansShown { bans, count, .. } => {
            let none = if bans.is_empty() { " none" } else { "" };
            lines.system(at, None, &format!("bans from the server:{none}"));
            for ban in bans {
                lines.plain(&format!("  {}", operator::server_ban(ban)));
            }
            lines.omitted(count.saturating_sub(bans.len()));
        }
        Event::Joined { .. }
        | Event::Quit { .. }
        | Event::Said(_)
        | Event::UserModesChanged { .. }
        | Event::PresenceChanged { .. }
        | Event::WatchedShown { .. }
        | Event::Announced { .. }
        | Event::CountsShown(_)
        | Event::ChannelDataChanged { .. }
        | Event::ChannelCreated { .. } => {}
        _ => {}
    }
}

/// Writes the line that tells a user the current channel.
pub(super) fn write_current_channel(
    style: &Style,
    at: Timestamp,
    channel: Option<&ChannelName>,
    out: &mut Frames,
) {
    let mut lines = LineWriter { style, form: HERE, out };
    match channel {
        Some(channel) => lines.system(at, None, &format!("you are on {channel}")),
        None => lines.plain(NO_CHANNEL),
    }
}

/// The answer to a command that requires a nickname.
pub(super) const NAME_FIRST: &str = "Please set your name first with: /name <your_name>";
/// The answer to a command that requires a current channel.
pub(super) const NO_CHANNEL: &str = "You are not on a channel. Join one with: /join <channel>";

/// The most members that a user is shown on coming to a channel: as many as fit on a small
/// terminal. `/users` shows more.
const SHOWN_MEMBERS: usize = 20;

impl LineWriter<'_> {
    fn user_line(
        &mut self,
        at: Timestamp,
        channel: Option<&ChannelName>,
        template: &str,
        name: &Nickname,
    ) {
        self.line(at, channel, |line| fill(template, &[("name", name.shown())], line));
    }

    fn renamed(&mut self, at: Timestamp, template: &str, from: &UserInfo, to: &UserInfo) {
        let names = [("from", from.nickname.shown()), ("to", to.nickname.shown())];
        self.line(at, None, |line| fill(template, &names, line));
    }

    /// Writes the line for an action on a channel or a member, such as a new topic or a kick.
    fn action(&mut self, at: Timestamp, event: &Event) {
        if let Some(text) = action_text(event) {
            self.system(at, event.channel(), &text);
        }
    }

    fn welcome(&mut self, at: Timestamp, own: &Nickname, lobby: Option<&Roster>) {
        let template = self.style.own_name.as_ref().unwrap_or(&self.style.joined);
        self.user_line(at, None, template, own);
        let Some(roster) = lobby else {
            self.plain(NO_CHANNEL);
            return;
        };
        if self.style.roster {
            let mut omitted = roster.count.saturating_sub(1);
            let nicknames = roster.members.iter().map(RosterEntry::nickname);
            for nickname in nicknames.filter(|&nickname| nickname != own).take(SHOWN_MEMBERS) {
                self.user_line(at, None, &self.style.joined, nickname);
                omitted = omitted.saturating_sub(1);
            }
            if omitted > 0 {
                self.system(at, None, &format!("and {omitted} more"));
            }
        }
        if let Some(topic) = &roster.topic {
            self.topic(at, &roster.channel, topic);
        }
    }

    fn entered(&mut self, at: Timestamp, roster: &Roster) {
        let shown = roster.members.iter().take(SHOWN_MEMBERS);
        let names: Vec<&str> = shown.map(|member| member.nickname().shown()).collect();
        let names = listing(&names, roster.count);
        self.system(at, None, &format!("you are on {}: {names}", roster.channel));
        if let Some(topic) = &roster.topic {
            self.topic(at, &roster.channel, topic);
        }
    }

    /// Writes the number of entries that a list does not show, if there are any.
    fn omitted(&mut self, count: usize) {
        if count > 0 {
            self.plain(&format!("  and {count} more"));
        }
    }

    /// Writes the bans, mutes or exceptions of a channel.
    fn list(
        &mut self,
        at: Timestamp,
        channel: &ChannelName,
        list: List,
        entries: &[ListEntry],
        count: usize,
    ) {
        let none = if entries.is_empty() { " none" } else { "" };
        self.system(at, None, &format!("{} of {channel}:{none}", list.name()));
        for entry in entries {
            let account = entry.account().map(|account| format!(" (account {account})"));
            let reason = entry.reason.as_ref().map(|reason| format!(": {reason}"));
            let [account, reason] = [account, reason].map(Option::unwrap_or_default);
            self.plain(&format!("  {}{account} by {}{reason}", entry.subject, entry.by));
        }
        self.omitted(count.saturating_sub(entries.len()));
    }

    /// Writes the properties of a user, a line for each group of them.
    fn user_card(&mut self, at: Timestamp, card: &UserCard) {
        let (user, nickname) = (&card.user, &card.user.nickname);
        let identity = identity_of(user);
        if identity != nickname.shown() {
            self.system(at, None, &format!("{nickname} is {identity}"));
        }
        let channel =
            |(name, statuses): &(ChannelName, StatusSet)| match statuses.role() == Role::Member {
                true => name.to_string(),
                false => format!("{name} ({})", statuses.role()),
            };
        let channels: Vec<String> = card.channels.iter().map(channel).collect();
        if !channels.is_empty() {
            self.system(at, None, &format!("{nickname} is on {}", channels.join(", ")));
        }
        if let Some(away) = &card.away {
            self.system(at, None, &format!("{nickname} is away: {away}"));
        }
        let (since, idle) = (date_and_time(card.signed_on), duration(card.idle));
        let text = format!("{nickname} is online since {since}, idle for {idle}");
        self.system(at, None, &text);
    }

    /// Writes the identity that a user has after it has changed it.
    fn identity(&mut self, at: Timestamp, user: &UserInfo) {
        let name = user.real_name.as_ref().map(|name| format!(" ({name})"));
        let kind = if user.bot { ", a bot" } else { "" };
        let text = format!("you are {user}{}{kind}", name.unwrap_or_default());
        self.system(at, None, &text);
    }

    fn topic(&mut self, at: Timestamp, channel: &ChannelName, topic: &Topic) {
        let text = format!("topic of {channel}: {} (set by {})", topic.text, topic.by);
        self.system(at, None, &text);
    }

    /// Writes entries of the audit log, the newest ones first.
    fn audit_log(&mut self, at: Timestamp, entries: &[Arc<AuditEntry>], more: bool) {
        let none = if entries.is_empty() { " nothing" } else { "" };
        self.system(at, None, &format!("done by server operators:{none}"));
        for entry in entries {
            self.plain(&format!("  {}", AuditLine(entry)));
        }
        if let Some(last) = entries.last().filter(|_| more) {
            self.system(at, None, &format!("there is more: /audit below:{}", last.id.0));
        }
    }

    fn users(&mut self, names: &[&str], count: usize) {
        match &self.style.users {
            UserList::Line(template) => {
                let names = listing(names, count);
                self.out.write(|line| fill(template, &[("names", &names)], line));
            }
            UserList::Block { heading, item } => {
                self.plain(heading);
                let more = format!("and {} more", count.saturating_sub(names.len()));
                let more = (count > names.len()).then_some(more.as_str());
                for name in names.iter().copied().chain(more) {
                    self.out.write(|line| fill(item, &[("name", name)], line));
                }
            }
        }
    }
}
