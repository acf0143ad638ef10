//! Invariants that hold whichever faults have happened.

use crate::client::{Client, Departure, End, Seen, Visit};
use crate::comparison::{Comparison, compare};
use crate::irc_lists::IrcLists;
use crate::ledger::SessionRecord;
use crate::roster::Rosters;
use crate::run::Run;
use crate::server::{FAST_BOT, SLOW_BOT, Snapshot};
use crate::talk::{CHANNELS, ClientKind, Endpoint, audit_reference};
use chat_runtime::chat_core::{CloseReason, Event, SessionId};
use chat_runtime::chat_dialects::SlowConsumer;
use chat_runtime::{Limits, SessionEvent};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Checks the connected clients after the quiet phase, when those of JSON version 2 have asked for
/// the members of each channel.
pub(crate) fn at_rest(run: &mut Run, snapshot: &Snapshot) {
    let mut problems = Vec::new();
    let mut live = BTreeSet::new();
    for (index, client) in run.clients.iter().enumerate() {
        let Some(visit) = client.current() else { continue };
        let records = run.ledger.open();
        let record = records.sessions.iter().find(|(_, record)| is_of(record, &visit));
        let Some((&session, record)) = record else {
            // The server may have refused it, which the client cannot see while it does not read.
            if visit.plan.stops_reading {
                continue;
            }
            problems
                .push(format!("client{index} is connected, and the server has no session of it"));
            continue;
        };
        let seen = visit.seen().clone();
        // A client that does not read cannot see that its connection has ended.
        if visit.plan.stops_reading && record.closed.is_some() {
            // The server may have closed it since the snapshot was taken.
            live.extend(snapshot.open.contains(&session).then_some(session));
            continue;
        }
        live.insert(session);
        let is_messages = matches!(client.kind().endpoint(), Endpoint::WebSocket(_));
        // On an auto-detecting port the first bytes may come too late to select the dialect.
        let is_json_2 = client.kind().is_json_2() && record.dialect == "json";
        let is_irc = client.kind().is_irc() && record.dialect == "irc";
        let is_asked = is_messages || is_json_2 || is_irc;
        let is_silent = visit.plan.stops_reading || (!client.answers() && !is_messages);
        if is_asked && is_silent {
            problems.push(format!("client{index} does not answer pings, and is still connected"));
        }
        if visit.plan.stops_reading {
            continue;
        }
        match read(client, &seen, record) {
            Err(problem) => problems.push(format!("client{index}: {problem}")),
            Ok(reading) => {
                run.counters.missed += reading.missed;
                visit.seen().is_complete = reading.undelivered.is_none();
                if let Some(lost) = reading.undelivered {
                    problems.push(format!(
                        "client{index} has neither received this nor a notice that it was missed: \
                         {lost}"
                    ));
                }
                let is_disconnected =
                    is_irc || run.plan.limits.slow_consumer == SlowConsumer::Disconnect;
                if is_disconnected && reading.missed > 0 {
                    problems.push(format!(
                        "client{index} has missed deliveries, and was not disconnected"
                    ));
                }
                if is_irc && let Some((name, channels)) = snapshot.users.get(&session) {
                    let text = String::from_utf8_lossy(&seen.bytes);
                    let lists = IrcLists::of(&text);
                    run.counters.irc_lists += channels.len();
                    if let Err(problem) = lists.view().compare(name, channels, &snapshot.signed) {
                        problems.push(format!("client{index}: {problem}"));
                    }
                }
                if is_json_2 {
                    check_json_2(
                        index,
                        &seen,
                        session,
                        snapshot,
                        reading.missed > 0,
                        &mut problems,
                    );
                }
            }
        }
    }
    run.counters.live = live.len();
    // Session 1 is the scribe's.
    let open: BTreeSet<SessionId> =
        snapshot.open.iter().copied().filter(|session| session.0 > 1).collect();
    if open != live {
        let records = run.ledger.open();
        let hosts = |sessions: &BTreeSet<SessionId>, others: &BTreeSet<SessionId>| {
            let host = |session| Some((session, &records.sessions.get(session)?.host));
            format!("{:?}", sessions.difference(others).filter_map(host).collect::<Vec<_>>())
        };
        let (ghosts, lost) = (hosts(&open, &live), hosts(&live, &open));
        problems.push(format!("sessions without a client: {ghosts}; clients without one: {lost}"));
    }
    check_messages(run, &mut problems);
    check_bots(run, &mut problems);
    let bots = run.state.lock().bots.values().filter(|bot| !bot.has_ended).count();
    if snapshot.sessions != live.len() + 1 + bots {
        let sessions = snapshot.sessions;
        problems.push(format!("{sessions} sessions, but {} clients and {bots} bots", live.len()));
    }
    if snapshot.connections != live.len() + 1 {
        let connections = snapshot.connections;
        problems.push(format!("{connections} connections, but {} clients", live.len()));
    }
    run.problems.append(&mut problems);
}

/// Checks that the server holds nothing more than before, once every client has left.
pub(crate) fn when_all_have_left(run: &mut Run, snapshot: &Snapshot) {
    let before = run.state.lock().before.clone().unwrap_or_default();
    let mut problems = Vec::new();
    if snapshot.connections != before.connections {
        problems
            .push(format!("{} connections are left, the scribe's included", snapshot.connections));
    }
    if snapshot.open != before.open {
        problems.push(format!("sessions are left: {:?}", snapshot.open));
    }
    // A bot that was disconnected for being slow has left too.
    let bots = run.state.lock().bots.values().filter(|bot| bot.has_ended).count();
    if snapshot.tasks + bots < before.tasks || snapshot.tasks > before.tasks {
        problems.push(format!(
            "{} tasks, and {} before there were clients",
            snapshot.tasks, before.tasks
        ));
    }
    run.problems.append(&mut problems);
}

/// Checks everything that clients have received, once the server has stopped.
pub(crate) fn at_the_end(run: &mut Run) {
    let mut problems = Vec::new();
    let (took, tasks) = run.state.lock().stopped.unwrap_or_default();
    if took > run.plan.limits.drain + STOPPING {
        problems.push(format!("it took {took:?} to stop"));
    }
    // A client may accept bytes just before `write_stall` is over and then has that time once more;
    // or its session is closed at that moment, and the server still drains the queue.
    let Limits { write_stall, drain, .. } = run.plan.limits;
    let stall = run.streams.longest_stall();
    if stall > 2 * write_stall + drain + STALLING {
        problems
            .push(format!("a client has accepted no bytes for {stall:?}, and was still connected"));
    }
    if tasks > 0 {
        problems.push(format!("{tasks} tasks are left of a server that has stopped"));
    }
    let connections = run.state.lock().snapshot.clone().unwrap_or_default().connections;
    if connections > 0 {
        problems.push(format!("a server that has stopped has {connections} connections"));
    }
    let records = run.ledger.open();
    for (session, record) in &records.sessions {
        if record.closed.is_none() {
            problems.push(format!("{session:?} of {} was never closed", record.host));
        }
    }
    for (index, client) in run.clients.iter().enumerate() {
        for visit in client.visits() {
            let mut seen = visit.seen();
            if seen.end == Some(End::Overdue) {
                problems.push(format!(
                    "client{index} has waited in vain for the server to close its connection"
                ));
            }
            let Some(record) = records.sessions.values().find(|record| is_of(record, &visit))
            else {
                continue;
            };
            let reading = match read(client, &seen, record) {
                Ok(reading) => reading,
                Err(problem) => {
                    problems.push(format!("client{index} at {}: {problem}", visit.address));
                    continue;
                }
            };
            if seen.end == Some(End::Broken)
                && seen.is_open
                && !(seen.is_faulted || seen.is_disturbed || seen.was_slow || seen.may_lose_input)
                && !run.streams.was_cut(visit.address)
            {
                problems.push(format!("client{index} at {} was cut short", visit.address));
            }
            if has_been_served(client, &seen, record) && !run.streams.was_cut(visit.address) {
                if let Some(lost) = reading.undelivered {
                    problems.push(format!(
                        "client{index} at {} left properly, and was not told: {lost}",
                        visit.address
                    ));
                } else {
                    seen.is_complete = true;
                }
            }
            check_order(index, client.kind(), &seen, &mut problems);
        }
        check_nonces(index, client, &mut problems);
    }
    run.counters.repeated = records.repeated;
    let mut words = BTreeSet::new();
    // Other words are of commands that were taken for text.
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    for message in records.messages.iter().filter(|message| is_number(&message.word)) {
        if !words.insert(&message.word) {
            problems.push(format!("message {:?} was delivered twice", message.word));
        }
    }
    drop(records);
    run.problems.append(&mut problems);
}

/// Returns true if the connection ended in a way that guarantees that everything before the end has
/// arrived.
fn has_been_served(client: &Client, seen: &Seen, record: &SessionRecord) -> bool {
    if seen.is_faulted
        || seen.may_lose_input
        || matches!(seen.end, None | Some(End::Dropped | End::Crashed))
    {
        return false;
    }
    // In a long outage either end may give up; the other end then sees a reset.
    if seen.end == Some(End::Broken) && (seen.is_disturbed || seen.was_slow) {
        return false;
    }
    match (seen.departure, &record.closed) {
        (Some(Departure::Quit), Some(CloseReason::Quit(_))) => true,
        // After a close frame nothing more is sent, even if the queue is not empty.
        (Some(Departure::HalfClosed), Some(CloseReason::Disconnected)) => {
            matches!(client.kind().endpoint(), Endpoint::Tcp(_))
        }
        (None, Some(CloseReason::ShuttingDown)) => true,
        _ => false,
    }
}

fn read(client: &Client, seen: &Seen, record: &SessionRecord) -> Result<Comparison, String> {
    let as_messages = matches!(client.kind().endpoint(), Endpoint::WebSocket(_));
    compare(&seen.bytes, record, as_messages)
}

fn is_of(record: &SessionRecord, visit: &Arc<Visit>) -> bool {
    record.host == visit.address.to_string()
}

/// Checks that each message is delivered to its audience, once to each session, and to no other
/// session.
fn check_messages(run: &Run, problems: &mut Vec<String>) {
    let records = run.ledger.open();
    let mut heard: BTreeMap<u64, Vec<SessionId>> = BTreeMap::new();
    for (&session, record) in &records.sessions {
        record.message_ids.iter().for_each(|&id| heard.entry(id).or_default().push(session));
        if !record.message_ids.is_sorted_by(|one, next| one < next) {
            problems.push(format!("{session:?} receives messages in the wrong order"));
        }
    }
    for message in &records.messages {
        let in_dialects = |session: &&SessionId| records.sessions.contains_key(session);
        let expected: Vec<SessionId> =
            message.audience.iter().filter(in_dialects).copied().collect();
        let heard = heard.remove(&message.id).unwrap_or_default();
        if heard != expected {
            let id = message.id;
            problems.push(format!("message {id} is for {expected:?}, and goes to {heard:?}"));
        }
    }
}

/// Checks that in-process sessions receive the events that the scribe receives, which is in the
/// same channel.
fn check_bots(run: &mut Run, problems: &mut Vec<String>) {
    let records = run.ledger.open();
    let state = run.state.lock();
    for name in [FAST_BOT, SLOW_BOT] {
        let joined = |event: &Event| {
            let Event::Joined { user, .. } = event else { return false };
            user.nickname.shown() == name
        };
        let Some(begin) = records.scribe.iter().position(joined) else {
            problems.push(format!("{name} never joined"));
            continue;
        };
        let mut expected = records.scribe[begin + 1..].iter();
        let bot = state.bots.get(name).cloned().unwrap_or_default();
        for told in &bot.told {
            match told {
                SessionEvent::Reply { .. } | SessionEvent::Closed { .. } => {}
                SessionEvent::Event { event, .. } => {
                    let next = expected.next();
                    if next != Some(event) {
                        problems.push(format!("{name} received {event:?}, not {next:?}"));
                        break;
                    }
                }
                SessionEvent::Lagged { missed } => {
                    run.counters.missed += missed;
                    (0..*missed).for_each(|_| {
                        expected.next();
                    });
                }
                _ => problems.push(format!("{name} received {told:?}, which is not checked")),
            }
        }
        if !bot.has_ended && expected.len() > 0 {
            let lost = expected.len();
            problems.push(format!(
                "{name} has received neither {lost} events nor a notice that they were missed"
            ));
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
    snapshot: &Snapshot,
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
            problems.push(format!("client{index} has received {count} answers to {request}"));
        }
    }
    for channel in CHANNELS {
        let mark = audit_reference(channel);
        let answer = objects.iter().find(|object| object["ref"] == mark);
        let Some(users) = answer.and_then(|answer| answer["users"].as_array()) else { continue };
        let users: Vec<&str> = users.iter().filter_map(|user| user["nickname"].as_str()).collect();
        let members = snapshot.channels.get(channel).cloned().unwrap_or_default();
        if users != members {
            problems.push(format!(
                "client{index} has received {users:?} as the members of {channel}, not {members:?}"
            ));
        }
    }
    let Some((name, channels)) = snapshot.users.get(&session) else {
        problems.push(format!("client{index} has no user"));
        return;
    };
    if has_missed {
        return;
    }
    let rosters = Rosters::of(&objects, &seen.asked);
    if let Err(problem) = rosters.view().compare(name, channels, &snapshot.channels) {
        problems.push(format!("client{index}: {problem}"));
    }
}

/// Checks that a message that a client has sent several times has one id in all answers.
fn check_nonces(index: usize, client: &Client, problems: &mut Vec<String>) {
    let mut ids: BTreeMap<String, Value> = BTreeMap::new();
    for visit in client.visits() {
        let seen = visit.seen();
        for line in String::from_utf8_lossy(&seen.bytes).lines() {
            let Ok(ack) = serde_json::from_str::<Value>(line) else { continue };
            let asked = |(reference, request): &(String, Value)| {
                let is_asked = ack["ref"].as_str() == Some(reference);
                is_asked.then(|| request["nonce"].as_str().unwrap_or_default().to_owned())
            };
            if ack["type"] != "ack" {
                continue;
            }
            let Some(nonce) = seen.asked.iter().find_map(asked) else { continue };
            let id = ids.entry(nonce).or_insert_with(|| ack["id"].clone());
            if *id != ack["id"] {
                problems.push(format!("client{index} has received {ack} for message {id}"));
            }
        }
    }
}

/// Checks that the ids of received messages only grow.
fn check_order(index: usize, kind: ClientKind, seen: &Seen, problems: &mut Vec<String>) {
    if !kind.is_json_2() {
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
            problems.push(format!("client{index} has received message {id} after {last}"));
        }
        last = id;
    }
}

/// Tolerance, on top of the configured times, for disconnecting a client that accepts no bytes.
const STALLING: Duration = Duration::from_millis(500);
/// The time that stopping may take, on top of the time to drain queues: one second to linger, and
/// half a second for the rest.
const STOPPING: Duration = Duration::from_millis(1_500);
