//! Parses lines as messages and commands.

use super::account;
use super::history::{self, HistoryLine};
use super::operator;
use super::words::first;
use crate::times::parse_time;
use chat_core::{
    AccountCommand, Command, MessageId, ModeChange, Role, SearchQuery, Status, StatusChange,
};

/// The meaning of a line. A missing channel stands for the current one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Empty,
    Say(&'a str),
    Act(&'a str),
    Help,
    Name(&'a str),
    Users(Option<&'a str>),
    Join {
        channel: &'a str,
        key: Option<&'a str>,
    },
    Leave(Option<&'a str>),
    Switch(&'a str),
    Channels,
    Topic(Option<&'a str>),
    Private {
        user: &'a str,
        text: &'a str,
    },
    Delete(Option<&'a str>),
    Edit(&'a str),
    Pin,
    Unpin,
    Pins(Option<&'a str>),
    History(HistoryLine<'a>),
    Search(Box<SearchQuery>),
    WhoIs(&'a str),
    WhoWas(&'a str),
    Bans(Option<&'a str>),
    Away(Option<&'a str>),
    Role {
        user: &'a str,
        change: StatusChange,
    },
    Mute(&'a str),
    Unmute(&'a str),
    Kick {
        user: &'a str,
        reason: Option<&'a str>,
    },
    Ban {
        user: &'a str,
        reason: Option<&'a str>,
    },
    Unban(&'a str),
    Invite {
        user: &'a str,
        channel: Option<&'a str>,
    },
    Uninvite(&'a str),
    Modes(Vec<ModeChange>),
    Account(AccountCommand),
    /// A command of a server operator.
    Operator(Command),
    OperatorHelp,
    /// A message that begins like a command with a password, after white space.
    PasswordInMessage,
    Quit(Option<&'a str>),
    /// A command with missing or invalid arguments, and its usage.
    Usage(&'static str),
    Unknown,
}

pub(super) fn parse(line: &str) -> Line<'_> {
    if line.trim_start().is_empty() {
        return Line::Empty;
    }
    // A line with white space before the slash is a message, so that users can show a command to
    // others. The white space stays, because it may be the indentation of code.
    let line = line.trim_end();
    let Some(command) = line.strip_prefix('/') else {
        return if account::has_password(line) { Line::PasswordInMessage } else { Line::Say(line) };
    };
    if command.starts_with('/') {
        return Line::Say(command);
    }
    let (verb, rest) = first(command);
    let given = (!rest.is_empty()).then_some(rest);
    match verb.to_ascii_lowercase().as_str() {
        "help" if rest == "operator" => Line::OperatorHelp,
        "help" => Line::Help,
        "name" | "nick" => given.map_or(Line::Usage("/name <your_name>"), Line::Name),
        "users" | "who" => Line::Users(given),
        "join" => {
            let (channel, key) = first(rest);
            match given {
                Some(_) => Line::Join { channel, key: (!key.is_empty()).then_some(key) },
                None => Line::Usage("/join <channel> [key]"),
            }
        }
        "leave" | "part" => Line::Leave(given),
        "switch" => given.map_or(Line::Usage("/switch <channel>"), Line::Switch),
        "channels" | "list" => Line::Channels,
        "topic" => Line::Topic(given),
        "msg" | "w" => match first(rest) {
            (user, text) if !text.is_empty() => Line::Private { user, text },
            _ => Line::Usage("/msg <user> <text>"),
        },
        "delete" => Line::Delete(given),
        "edit" => given.map_or(Line::Usage("/edit <text>"), Line::Edit),
        "pin" if rest.is_empty() => Line::Pin,
        "pin" => Line::Usage("/pin"),
        "unpin" if rest.is_empty() => Line::Unpin,
        "unpin" => Line::Usage("/unpin"),
        "pins" => Line::Pins(given),
        "me" => given.map_or(Line::Usage("/me <action>"), Line::Act),
        "history" => HistoryLine::parse(rest).map_or(Line::Usage(history::USAGE), Line::History),
        "search" | "find" => {
            search(rest).map_or(Line::Usage(SEARCH), |search| Line::Search(Box::new(search)))
        }
        "whois" => given.map_or(Line::Usage("/whois <user>"), Line::WhoIs),
        "whowas" => given.map_or(Line::Usage("/whowas <name>"), Line::WhoWas),
        "bans" => Line::Bans(given),
        "away" => Line::Away(given),
        "op" => role(given, StatusChange::Grant(Status::Operator), "/op <user>"),
        "deop" => role(given, StatusChange::Revoke(Status::Operator), "/deop <user>"),
        "voice" => role(given, StatusChange::Grant(Status::Voiced), "/voice <user>"),
        "devoice" => role(given, StatusChange::Revoke(Status::Voiced), "/devoice <user>"),
        "owner" => role(given, StatusChange::Become(Role::Owner), "/owner <user>"),
        "mute" => given.map_or(Line::Usage("/mute <user or mask>"), Line::Mute),
        "unmute" => given.map_or(Line::Usage("/unmute <user or mask>"), Line::Unmute),
        "kick" => match with_reason(rest) {
            Some((user, reason)) => Line::Kick { user, reason },
            None => Line::Usage("/kick <user> [reason]"),
        },
        "ban" => match with_reason(rest) {
            Some((user, reason)) => Line::Ban { user, reason },
            None => Line::Usage("/ban <user or mask> [reason]"),
        },
        "unban" => given.map_or(Line::Usage("/unban <user or mask>"), Line::Unban),
        "invite" => {
            let (user, channel) = first(rest);
            match given {
                Some(_) => Line::Invite { user, channel: (!channel.is_empty()).then_some(channel) },
                None => Line::Usage("/invite <user or mask> [channel]"),
            }
        }
        "uninvite" => given.map_or(Line::Usage("/uninvite <mask>"), Line::Uninvite),
        "modes" | "mode" => rest
            .split_whitespace()
            .map(mode)
            .collect::<Option<Vec<_>>>()
            .map_or(Line::Usage(MODES), Line::Modes),
        "quit" => Line::Quit(given),
        other => {
            let account = || account::parse(other, rest).map(|read| read.map(Line::Account));
            let operator = || operator::parse(other, rest).map(|read| read.map(Line::Operator));
            match account().or_else(operator) {
                Some(read) => read.unwrap_or_else(Line::Usage),
                None => Line::Unknown,
            }
        }
    }
}

/// Splits arguments into a user and an optional reason; `None` without a user.
fn with_reason(rest: &str) -> Option<(&str, Option<&str>)> {
    let (user, reason) = first(rest);
    (!user.is_empty()).then_some((user, (!reason.is_empty()).then_some(reason)))
}

const MODES: &str = "/modes [+secret] [-secret] [key=<key>] [-key] [limit=<n>] [-limit] \
     [keep=<time>] [-keep]; modes are secret, invite_only, moderated, members_only, \
     operator_topic, no_ctcp; a time is 90d, 12h, 30m or 45s";

const SEARCH: &str = "/search <words> [in:<channel>] [from:<user>] [after:<date>] \
     [before:<date>] [below:<number>]; a date is 2026-01-01 or 2026-01-01T14:03:22Z";

/// The number of messages for `/search`.
const FOUND: usize = 20;

/// Parses the words of a search and its filters, in any order; `None` if there are no words, or if
/// a filter is not valid.
fn search(rest: &str) -> Option<SearchQuery> {
    let mut search = SearchQuery { limit: FOUND, ..SearchQuery::new("") };
    let mut text = Vec::new();
    for word in rest.split_whitespace() {
        match word.split_once(':').filter(|(_, value)| !value.is_empty()) {
            Some(("in", channel)) => search.channel = Some(channel.to_owned()),
            Some(("from", user)) => search.from = Some(user.to_owned()),
            Some(("after", date)) => search.after = Some(parse_time(date)?),
            Some(("before", date)) => search.before = Some(parse_time(date)?),
            Some(("below", id)) => search.older_than = Some(MessageId(id.parse().ok()?)),
            _ => text.push(word),
        }
    }
    search.text = text.join(" ");
    (!text.is_empty()).then_some(search)
}

fn role<'a>(user: Option<&'a str>, change: StatusChange, usage: &'static str) -> Line<'a> {
    user.map_or(Line::Usage(usage), |user| Line::Role { user, change })
}

fn mode(word: &str) -> Option<ModeChange> {
    match word.split_once('=') {
        Some(("key", key)) => return Some(ModeChange::Key(Some(key.into()))),
        Some(("limit", limit)) => {
            return limit.parse().ok().map(|n| ModeChange::MemberLimit(Some(n)));
        }
        Some(("keep", keep)) => return ModeChange::keep(keep),
        Some(_) => return None,
        None => {}
    }
    match word {
        "-key" => Some(ModeChange::Key(None)),
        "-limit" => Some(ModeChange::MemberLimit(None)),
        "-keep" => Some(ModeChange::Keep(None)),
        _ => match word.split_at_checked(1)? {
            ("+", mode) => ModeChange::switch(mode, true),
            ("-", mode) => ModeChange::switch(mode, false),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn line_without_a_slash_is_a_message() {
        assert_eq!(parse("hello there"), Line::Say("hello there"));
        assert_eq!(parse("  if x: \t"), Line::Say("  if x:"));
        assert_eq!(parse("//help"), Line::Say("/help"));
        assert_eq!(parse(" /help"), Line::Say(" /help"));
        assert_eq!(parse(" \t"), Line::Empty);
    }

    #[test]
    fn other_names_of_commands() {
        assert_eq!(parse("/nick bob"), Line::Name("bob"));
        assert_eq!(parse("/WHO"), Line::Users(None));
        assert_eq!(parse("/part"), Line::Leave(None));
        assert_eq!(parse("/list"), Line::Channels);
        assert_eq!(parse("/w bob  hi you"), Line::Private { user: "bob", text: "hi you" });
    }

    #[test]
    fn incomplete_command_is_answered_with_its_usage() {
        for line in [
            "/name",
            "/name ",
            "/join",
            "/switch",
            "/msg",
            "/msg bob",
            "/me",
            "/edit",
            "/history before",
            "/history #rust before noon",
            "/search",
            "/search in:rust",
            "/search hi before:yesterday",
            "/search hi below:x",
            "/whois",
            "/whowas",
            "/op",
            "/deop",
            "/voice",
            "/devoice",
            "/owner",
            "/mute",
            "/unmute",
            "/kick",
            "/ban",
            "/unban",
            "/invite",
            "/uninvite",
            "/modes secret",
            "/modes +nonsense",
            "/modes limit=x",
            "/modes colour=red",
        ] {
            assert!(matches!(parse(line), Line::Usage(_)), "{line}");
        }
        assert_eq!(parse("/dance"), Line::Unknown);
        assert_eq!(parse("/"), Line::Unknown);
    }

    #[test]
    fn filters_of_a_search_are_words_with_a_colon() {
        let Line::Search(search) =
            parse("/search from:bob c++ in:#rust x: after:2026-01-01 say:hi below:7 in:")
        else {
            panic!("it is a search");
        };
        let expected = SearchQuery {
            channel: Some("#rust".into()),
            from: Some("bob".into()),
            after: parse_time("2026-01-01"),
            older_than: Some(MessageId(7)),
            limit: FOUND,
            ..SearchQuery::new("c++ x: say:hi in:")
        };
        assert_eq!(*search, expected);
    }

    #[test]
    fn modes_are_switched_and_set() {
        let changes = vec![
            ModeChange::Secret(true),
            ModeChange::MembersOnly(false),
            ModeChange::Key(Some("sesame".into())),
            ModeChange::MemberLimit(None),
            ModeChange::Keep(Some(Duration::from_secs(7_776_000))),
        ];
        let line = "/modes +secret -members_only key=sesame -limit keep=90d";
        assert_eq!(parse(line), Line::Modes(changes));
        assert_eq!(parse("/modes -keep"), Line::Modes(vec![ModeChange::Keep(None)]));
        assert_eq!(parse("/modes keep=90"), Line::Usage(MODES));
    }
}
