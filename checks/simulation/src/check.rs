//! What has to be so, whatever went wrong.

use crate::client::{Client, End, Seen, Visit, Went};
use crate::ledger::Account;
use crate::reading::{Reading, read_back};
use crate::roster::Rosters;
use crate::run::Run;
use crate::server::{KEEN, LAZY, Look};
use crate::talk::{CHANNELS, Endpoint, Speaks, audit_of};
use chat_runtime::chat_core::{CloseReason, Event, SessionId};
use chat_runtime::chat_dialects::SlowConsumer;
use chat_runtime::{Limits, SessionEvent};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// When nothing has happened for a while, and everybody who is there has asked who is where.
pub(crate) fn at_rest(run: &mut Run, look: &Look) {
    let mut problems = Vec::new();
    let mut live = BTreeSet::new();
    for (index, client) in run.clients.iter().enumerate() {
        let Some(visit) = client.current() else { continue };
        let book = run.ledger.open();
        let account = book.accounts.iter().find(|(_, account)| is_of(account, &visit));
        let Some((&session, account)) = account else {
            // It may have been turned away, which it cannot see as long as it does not read.
            if visit.plan.sleeps {
                continue;
            }
            problems
                .push(format!("client{index} is connected, and the server knows nothing of it"));
            continue;
        };
        let seen = visit.seen().clone();
        // A client that does not read cannot see the end of its connection.
        if visit.plan.sleeps && account.closed.is_some() {
            // It may have been given up since the server was looked at.
            live.extend(look.open.contains(&session).then_some(session));
            continue;
        }
        live.insert(session);
        let is_messages = matches!(client.speaks().endpoint(), Endpoint::WebSocket(_));
        let is_asked = is_messages || (client.speaks().is_json_2() && account.dialect == "json");
        let is_silent = visit.plan.sleeps || (!client.answers() && !is_messages);
        if is_asked && is_silent {
            problems.push(format!("client{index} does not answer, and is still there"));
        }
        if visit.plan.sleeps {
            continue;
        }
        match read(client, &seen, account) {
            Err(problem) => problems.push(format!("client{index}: {problem}")),
            Ok(reading) => {
                run.counters.missed += reading.missed;
                visit.seen().is_complete = reading.left_out.is_none();
                if let Some(lost) = reading.left_out {
                    problems.push(format!(
                        "client{index} was never told, nor that it missed it: {lost}"
                    ));
                }
                if run.plan.limits.slow_consumer == SlowConsumer::Disconnect && reading.missed > 0 {
                    problems
                        .push(format!("client{index} has missed something, and was not closed"));
                }
                // Where the first bytes decide, they may come too late.
                if client.speaks().is_json_2() && account.dialect == "json" {
                    check_json_2(index, &seen, session, look, reading.missed > 0, &mut problems);
                }
            }
        }
    }
    run.counters.live = live.len();
    let open: BTreeSet<SessionId> = look.open.iter().copied().collect();
    // The first session is the scribe's.
    let open: BTreeSet<SessionId> = open.into_iter().filter(|session| session.0 > 1).collect();
    if open != live {
        let book = run.ledger.open();
        let hosts = |sessions: &BTreeSet<SessionId>, others: &BTreeSet<SessionId>| {
            let host = |session| Some((session, &book.accounts.get(session)?.host));
            format!("{:?}", sessions.difference(others).filter_map(host).collect::<Vec<_>>())
        };
        let (ghosts, lost) = (hosts(&open, &live), hosts(&live, &open));
        problems.push(format!("sessions without a client: {ghosts}; clients without one: {lost}"));
    }
    check_messages(run, &mut problems);
    check_bots(run, &mut problems);
    let bots = run.state.lock().bots.values().filter(|bot| !bot.has_ended).count();
    if look.sessions != live.len() + 1 + bots {
        let sessions = look.sessions;
        problems.push(format!("{sessions} sessions, but {} clients and {bots} bots", live.len()));
    }
    if look.connections != live.len() + 1 {
        let connections = look.connections;
        problems.push(format!("{connections} connections, but {} clients", live.len()));
    }
    run.problems.append(&mut problems);
}

/// When every client has gone.
pub(crate) fn when_all_have_left(run: &mut Run, look: &Look) {
    let before = run.state.lock().before.clone().unwrap_or_default();
    let mut problems = Vec::new();
    if look.connections != before.connections {
        problems.push(format!("{} connections are left, the scribe's included", look.connections));
    }
    if look.open != before.open {
        problems.push(format!("sessions are left: {:?}", look.open));
    }
    // A bot that was too slow has gone too.
    let bots = run.state.lock().bots.values().filter(|bot| bot.has_ended).count();
    if look.tasks + bots < before.tasks || look.tasks > before.tasks {
        problems
            .push(format!("{} tasks, and {} before there were clients", look.tasks, before.tasks));
    }
    run.problems.append(&mut problems);
}

/// When the server has stopped.
pub(crate) fn at_the_end(run: &mut Run) {
    let mut problems = Vec::new();
    let (took, tasks) = run.state.lock().stopped.unwrap_or_default();
    if took > run.plan.limits.drain + STOPPING {
        problems.push(format!("it took {took:?} to stop"));
    }
    // A client may take something just before its time is over, and has as much time once more; or
    // the session is closed then, and there is time to drain its queue.
    let Limits { write_stall, drain, .. } = run.plan.limits;
    let stall = run.wires.longest_stall();
    if stall > 2 * write_stall + drain + STALLING {
        problems.push(format!("a client has taken nothing for {stall:?}, and was still there"));
    }
    if tasks > 0 {
        problems.push(format!("{tasks} tasks are left of a server that has stopped"));
    }
    let connections = run.state.lock().look.clone().unwrap_or_default().connections;
    if connections > 0 {
        problems.push(format!("a server that has stopped has {connections} connections"));
    }
    let book = run.ledger.open();
    for (session, account) in &book.accounts {
        if account.closed.is_none() {
            problems.push(format!("nobody has ended {session:?} of {}", account.host));
        }
    }
    for (index, client) in run.clients.iter().enumerate() {
        for visit in client.visits() {
            let mut seen = visit.seen();
            if seen.end == Some(End::Overdue) {
                problems
                    .push(format!("client{index} waits for the end of its connection for ever"));
            }
            let Some(account) = book.accounts.values().find(|account| is_of(account, &visit))
            else {
                continue;
            };
            let reading = match read(client, &seen, account) {
                Ok(reading) => reading,
                Err(problem) => {
                    problems.push(format!("client{index} at {}: {problem}", visit.address));
                    continue;
                }
            };
            if seen.end == Some(End::Broken)
                && seen.is_open
                && !(seen.is_faulted || seen.is_disturbed || seen.was_slow || seen.unsure)
                && !run.wires.was_cut(visit.address)
            {
                problems.push(format!("client{index} at {} was cut short", visit.address));
            }
            if has_been_served(client, &seen, account) && !run.wires.was_cut(visit.address) {
                if let Some(lost) = reading.left_out {
                    problems.push(format!(
                        "client{index} at {} went properly, and was not told: {lost}",
                        visit.address
                    ));
                } else {
                    seen.is_complete = true;
                }
            }
            check_order(index, client.speaks(), &seen, &mut problems);
        }
    }
    drop(book);
    run.problems.append(&mut problems);
}

/// Whether the end of a connection was such that everything before it has to have arrived.
fn has_been_served(client: &Client, seen: &Seen, account: &Account) -> bool {
    if seen.is_faulted
        || seen.unsure
        || matches!(seen.end, None | Some(End::Dropped | End::Crashed))
    {
        return false;
    }
    // In a long outage either end may give up, which the other learns by a reset.
    if seen.end == Some(End::Broken) && (seen.is_disturbed || seen.was_slow) {
        return false;
    }
    match (seen.went, &account.closed) {
        (Some(Went::Quit), Some(CloseReason::Quit(_))) => true,
        // After a close frame nothing more is sent, whatever waits.
        (Some(Went::HalfClosed), Some(CloseReason::Disconnected)) => {
            matches!(client.speaks().endpoint(), Endpoint::Tcp(_))
        }
        (None, Some(CloseReason::ShuttingDown)) => true,
        _ => false,
    }
}

fn read(client: &Client, seen: &Seen, account: &Account) -> Result<Reading, String> {
    let as_messages = matches!(client.speaks().endpoint(), Endpoint::WebSocket(_));
    read_back(&seen.bytes, account, as_messages)
}

fn is_of(account: &Account, visit: &Arc<Visit>) -> bool {
    account.host == visit.address.to_string()
}

/// Everybody who was to hear a message is owed it, once, and nobody else is.
fn check_messages(run: &Run, problems: &mut Vec<String>) {
    let book = run.ledger.open();
    let mut heard: BTreeMap<u64, Vec<SessionId>> = BTreeMap::new();
    for (&session, account) in &book.accounts {
        account.hears.iter().for_each(|&id| heard.entry(id).or_default().push(session));
        if !account.hears.is_sorted_by(|one, next| one < next) {
            problems.push(format!("{session:?} is to hear messages in the wrong order"));
        }
    }
    for message in &book.messages {
        let in_dialects = |session: &&SessionId| book.accounts.contains_key(session);
        let expected: Vec<SessionId> =
            message.audience.iter().filter(in_dialects).copied().collect();
        let heard = heard.remove(&message.id).unwrap_or_default();
        if heard != expected {
            let id = message.id;
            problems.push(format!("message {id} is for {expected:?}, and goes to {heard:?}"));
        }
    }
}

/// Sessions in the same process are told what the scribe is told, who is in the same channel.
fn check_bots(run: &mut Run, problems: &mut Vec<String>) {
    let book = run.ledger.open();
    let state = run.state.lock();
    for name in [KEEN, LAZY] {
        let joined = |event: &Event| matches!(event, Event::Joined { nickname, .. } if nickname.shown() == name);
        let Some(begin) = book.scribe.iter().position(joined) else {
            problems.push(format!("{name} never joined"));
            continue;
        };
        let mut expected = book.scribe[begin + 1..].iter();
        let bot = state.bots.get(name).cloned().unwrap_or_default();
        for told in &bot.told {
            match told {
                SessionEvent::Reply { .. } | SessionEvent::Closed { .. } => {}
                SessionEvent::Event { event, .. } => {
                    let next = expected.next();
                    if next != Some(event) {
                        problems.push(format!("{name} was told {event:?}, not {next:?}"));
                        break;
                    }
                }
                SessionEvent::Lagged { missed } => {
                    run.counters.missed += missed;
                    (0..*missed).for_each(|_| {
                        expected.next();
                    });
                }
                _ => problems.push(format!("{name} was told {told:?}, which is not checked")),
            }
        }
        if !bot.has_ended && expected.len() > 0 {
            let lost = expected.len();
            problems.push(format!("{name} was not told {lost} things, nor that it missed them"));
        }
        if bot.has_ended && run.plan.limits.slow_consumer == SlowConsumer::Lag {
            problems.push(format!("the session of {name} has ended"));
        }
    }
}

fn check_json_2(
    index: usize,
    seen: &Seen,
    session: SessionId,
    look: &Look,
    has_missed: bool,
    problems: &mut Vec<String>,
) {
    let text = String::from_utf8_lossy(&seen.bytes);
    let objects: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for mark in objects.iter().filter_map(|object| object.get("ref")?.as_str()) {
        *answers.entry(mark).or_default() += 1;
    }
    for (mark, request) in &seen.asked {
        let count = answers.get(mark.as_str()).copied().unwrap_or_default();
        if count > 1 || (count == 0 && !has_missed) {
            problems.push(format!("client{index} has had {count} answers to {request}"));
        }
    }
    for channel in CHANNELS {
        let mark = audit_of(channel);
        let answer = objects.iter().find(|object| object["ref"] == mark);
        let Some(users) = answer.and_then(|answer| answer["users"].as_array()) else { continue };
        let users: Vec<&str> = users.iter().filter_map(|user| user["nickname"].as_str()).collect();
        let members = look.channels.get(channel).cloned().unwrap_or_default();
        if users != members {
            problems.push(format!(
                "client{index} is told that {users:?} are on {channel}, not {members:?}"
            ));
        }
    }
    let Some((name, channels)) = look.users.get(&session) else {
        problems.push(format!("client{index} has no user"));
        return;
    };
    if has_missed {
        return;
    }
    let rosters = Rosters::of(&objects, &seen.asked);
    if let Err(problem) = rosters.compare(name, channels, &look.channels) {
        problems.push(format!("client{index}: {problem}"));
    }
}

/// The ids of what others say only grow.
fn check_order(index: usize, speaks: Speaks, seen: &Seen, problems: &mut Vec<String>) {
    if !speaks.is_json_2() {
        return;
    }
    let mut last = 0;
    for line in String::from_utf8_lossy(&seen.bytes).lines() {
        let Ok(object) = serde_json::from_str::<Value>(line) else { continue };
        if object["type"] != "chat" {
            continue;
        }
        let id = object["id"].as_u64().unwrap_or_default();
        if id <= last {
            problems.push(format!("client{index} has heard {id} after {last}"));
        }
        last = id;
    }
}

/// How long giving up somebody who takes nothing may take, besides the time that they have for it.
const STALLING: Duration = Duration::from_millis(500);
/// How long stopping may take, besides the time to drain queues: a second to linger, and half a one
/// for the rest.
const STOPPING: Duration = Duration::from_millis(1_500);
