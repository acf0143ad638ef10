//! Look-ups of users.

use crate::client::Client;
use crate::line::Line;
use crate::pending::{LookUp, PAGE, Pending, Who};
use chat_core::{Command, Query};
use chat_dialects::Reaction;

pub(super) fn who(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let mask = line.param(0).unwrap_or("*");
    let mut who = Who { mask: mask.to_owned(), ..Who::default() };
    if let Some(fields) = line.param(1).and_then(|options| options.split_once('%')) {
        let (fields, token) = fields.1.split_once(',').unwrap_or((fields.1, ""));
        who.fields = Some(fields.to_owned());
        who.token = Some(token.chars().take(3).filter(char::is_ascii_alphanumeric).collect());
    }
    let query = if mask.starts_with('#') {
        who.is_channel = true;
        Query::Users { channel: Some(mask.to_owned()), after: None, limit: PAGE }
    } else if mask.contains(['*', '?']) || mask == "0" {
        who.pattern = Some(mask).filter(|mask| *mask != "0").map(str::to_owned);
        Query::Users { channel: None, after: None, limit: PAGE }
    } else {
        Query::User { nickname: mask.to_owned() }
    };
    client.ask(Pending::Who(Box::new(who)), Command::Query(query), reaction);
}

pub(super) fn whois(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    // With two parameters, the first one is the server that is asked.
    let Some(nickname) = line.param(1).or_else(|| line.param(0)) else {
        return client.numeric(&mut reaction.frames, 431, format_args!(":No nickname given"));
    };
    let nickname = nickname.split(',').next().unwrap_or_default();
    let pending = Pending::Whois { nickname: nickname.into() };
    let query = Query::User { nickname: nickname.to_owned() };
    client.ask(pending, Command::Query(query), reaction);
}

pub(super) fn whowas(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(nickname) = line.param(0) else {
        return client.numeric(&mut reaction.frames, 431, format_args!(":No nickname given"));
    };
    let limit = line.param(1).and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
    let pending = Pending::Whowas { nickname: nickname.into() };
    let (nickname, limit) = (nickname.to_owned(), limit.unwrap_or(MOST_PAST_USERS));
    let query = Query::WasHere { nickname, limit };
    client.ask(pending, Command::Query(query), reaction);
}

/// `ISON` and `USERHOST`.
pub(super) fn look_up(
    client: &mut Client,
    line: &Line<'_>,
    is_userhost: bool,
    reaction: &mut Reaction,
) {
    if line.params.is_empty() {
        let name = if is_userhost { "USERHOST" } else { "ISON" };
        return client.needs_more(name, reaction);
    }
    let words = line.params.iter().flat_map(|param| param.split_ascii_whitespace());
    let most = if is_userhost { MOST_HOSTS } else { usize::MAX };
    let mut rest: Vec<String> = words.take(most).map(str::to_owned).collect();
    rest.reverse();
    let look_up = LookUp { is_userhost, rest, found: Vec::new() };
    crate::replies::continue_look_up(client, look_up, reaction);
}

/// The most nicknames of a `USERHOST` (RFC 1459 §5.7).
const MOST_HOSTS: usize = 5;
/// The most users that a `WHOWAS` shows.
const MOST_PAST_USERS: usize = 10;
