//! `CHATHISTORY` (IRCv3 draft/chathistory).

use crate::capability::Capabilities;
use crate::client::Client;
use crate::history::{Part, Point};
use crate::identity::{Word, recipient};
use crate::line::Line;
use crate::pending::Pending;
use chat_core::{Command, Query};
use chat_dialects::Reaction;

pub(super) fn chathistory(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(subcommand) = line.param(0) else {
        return client.needs_more("CHATHISTORY", reaction);
    };
    let subcommand = subcommand.to_ascii_uppercase();
    let request = match &*subcommand {
        "TARGETS" => targets(client, line),
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "BETWEEN" => part(client, line, &subcommand),
        _ => None,
    };
    match request {
        Some((pending, query)) => client.ask(pending, Command::Query(query), reaction),
        None => {
            let rest = format_args!(
                "FAIL CHATHISTORY INVALID_PARAMS {} :The parameters cannot be understood",
                Word(&subcommand)
            );
            client.line(&mut reaction.frames, rest);
        }
    }
}

/// Reads a request for messages.
fn part(client: &Client, line: &Line<'_>, subcommand: &str) -> Option<(Pending, Query)> {
    let target = line.param(1)?;
    let point = |index| Point::parse(line.param(index)?, client.epoch);
    let part = match subcommand {
        "LATEST" if line.param(2) == Some("*") => Part::latest(None),
        "LATEST" => Part::latest(Some(point(2)?)),
        "BEFORE" => Part::before(point(2)?),
        "AFTER" => Part::after(point(2)?),
        "AROUND" => Part::around(point(2)?),
        _ => Part::between(point(2)?, point(3)?),
    };
    let limit = limit(line, if subcommand == "BETWEEN" { 4 } else { 3 })?;
    let pending = Pending::History { subcommand: subcommand.into(), target: target.into(), part };
    let (target, range) = (target.to_owned(), part.range);
    let query = if client.has(Capabilities::EVENT_PLAYBACK) {
        Query::Playback { of: recipient(&target), range, event: part.event, limit }
    } else if target.starts_with('#') {
        Query::History { channel: target, range, limit }
    } else {
        Query::PrivateHistory { nickname: target, range, limit }
    };
    Some((pending, query))
}

/// Reads a request for the channels and conversations that have messages of a time.
fn targets(client: &Client, line: &Line<'_>) -> Option<(Pending, Query)> {
    let (first, second) = (Point::time(line.param(1)?)?, Point::time(line.param(2)?)?);
    // The engine's page may be larger.
    let limit = limit(line, 3)?.min(client.settings.history_page);
    let query = Query::Targets { after: first.min(second), before: first.max(second), limit };
    Some((Pending::Targets, query))
}

fn limit(line: &Line<'_>, index: usize) -> Option<usize> {
    line.param(index)?.parse().ok()
}
