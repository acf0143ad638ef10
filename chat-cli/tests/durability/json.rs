//! Clients that speak JSON, of both versions.

use crate::cast::{Dialect, Login};
use crate::ledger::{Entry, Outcome, Room, Sent, Shortened};
use crate::member::{Member, room_index};
use crate::resuming;
use serde_json::{Value, json};

pub(crate) fn begin(member: &mut Member<'_>) {
    let role = member.role;
    let hello = match (&role.login, role.dialect) {
        (Login::Resumes, _) => return resuming::begin(member),
        (Login::Token(token), _) => json!({ "type": "hello", "version": 2, "token": token }),
        (Login::None, Dialect::Json2) => {
            json!({ "type": "hello", "version": 2, "nickname": role.name })
        }
        (Login::None, _) => json!({ "type": "hello", "nickname": role.name }),
    };
    member.outgoing.push(hello.to_string());
}

pub(crate) fn receive(member: &mut Member<'_>, frame: &str) {
    let Ok(frame) = serde_json::from_str::<Value>(frame) else {
        return member.problem(&format!("{frame} is not JSON"));
    };
    let kind = frame["type"].as_str().unwrap_or_default();
    if member.role.login == Login::Resumes && resuming::receive(member, kind, &frame) {
        return;
    }
    match kind {
        "welcome" if member.role.dialect == Dialect::Json1 => member.set_ready(),
        "welcome" => {
            if frame["nickname"] != member.role.name.as_str() {
                member.problem(&format!("it has another name: {frame}"));
            }
            join(member);
        }
        "roster" if !member.is_ready => check_roster(member, &frame),
        "joined" => {
            if frame["refused"].as_array().is_some_and(|refused| !refused.is_empty()) {
                member.problem(&format!("it cannot join: {frame}"));
            }
            check_kept(member);
        }
        "history" => note_history(member, &frame),
        "list" => check_bans(member, &frame),
        "chat" => note_message(member, &frame),
        "ack" | "ok" | "error" => note_answer(member, kind, &frame),
        "topic" => with_room(member, &frame, |room| {
            room.topic.deliver(&frame["topic"].as_str().map(str::to_owned));
        }),
        "role" => with_room(member, &frame, |room| {
            room.role.deliver(&frame["role"].as_str().unwrap_or_default().to_owned());
        }),
        "lagged" => member.log.has_lagged = true,
        "ping" => member.outgoing.push(json!({ "type": "pong" }).to_string()),
        _ => {}
    }
}

/// Joins the rooms.
pub(crate) fn join(member: &mut Member<'_>) {
    let channels = member.channels();
    let join = json!({ "type": "join", "channels": channels[1..] });
    member.outgoing.push(join.to_string());
}

/// Compares topic, role and ownership with what clients saw before the restart.
fn check_roster(member: &mut Member<'_>, roster: &Value) {
    let Some(index) = roster["channel"].as_str().and_then(room_index) else { return };
    let own = roster["members"].as_array().and_then(|members| {
        members.iter().find(|entry| entry["nickname"] == member.role.name.as_str())
    });
    let own = own.and_then(|own| own["role"].as_str()).unwrap_or_default().to_owned();
    let topic = roster["topic"].as_str().map(str::to_owned);
    let mut ledger = member.shared.ledger.borrow_mut();
    let room = &mut ledger.rooms[index];
    let mut results = vec![room.topic.read(&topic).map_err(|error| format!("topic {error}"))];
    if member.role.has_role_in == Some(index) {
        results.push(room.role.read(&own).map_err(|error| format!("role {error}")));
    }
    if member.role.owns == Some(index) {
        if own == "owner" {
            room.has_owner = true;
        } else {
            results.push(Err(format!("its owner is {own} after a restart")));
        }
    }
    ledger.counts.states += results.len() as u64;
    for problem in results.into_iter().filter_map(Result::err) {
        ledger.problem(format!("room{index}: {problem}"));
    }
}

/// Asks for everything that the client can read, and sends again what may be lost.
pub(crate) fn check_kept(member: &mut Member<'_>) {
    if member.role.is_auditor {
        for channel in std::iter::once("lobby".to_owned()).chain(member.role.rooms.clone()) {
            ask_history(member, &channel);
        }
    } else if let Some(partner) = &member.role.partner {
        ask_history(member, &format!("{}>{partner}", member.role.name));
        retry(member);
    }
    if let Some(index) = member.role.owns {
        let list = json!({ "type": "bans", "channel": format!("room{index}"), "ref": "list" });
        member.outgoing.push(list.to_string());
        member.awaited += 1;
    }
    if member.awaited == 0 {
        member.set_ready();
    }
}

fn ask_history(member: &mut Member<'_>, view: &str) {
    let ledger = member.shared.ledger.borrow();
    let last = ledger.views[view].entries.last().map_or(0, |entry| entry.id);
    let mut request = json!({ "type": "history", "after": last, "limit": 100, "ref": view });
    match view.split_once('>') {
        Some((_, partner)) => request["to"] = json!(partner),
        None => request["channel"] = json!(view),
    }
    member.outgoing.push(request.to_string());
    member.awaited += 1;
}

fn note_history(member: &mut Member<'_>, history: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = history["messages"].as_array().into_iter().flatten().map(|message| Entry {
        id: message["id"].as_u64().unwrap_or_default(),
        at: text(&message["at"]),
        nickname: text(&message["nickname"]),
        text: Shortened(text(&message["text"])),
    });
    let (view, more) = (text(&history["ref"]), history["more"] == true);
    member.shared.ledger.borrow_mut().read(&view, entries.collect(), more);
    if more {
        ask_history(member, &view);
    }
    answered(member);
}

fn check_bans(member: &mut Member<'_>, list: &Value) {
    let entries = list["entries"].as_array().into_iter().flatten();
    let names = entries.filter_map(|entry| entry["nickname"].as_str().map(str::to_owned));
    let names: Vec<String> = names.collect();
    let Some(index) = member.role.owns else { return };
    {
        let mut ledger = member.shared.ledger.borrow_mut();
        ledger.counts.states += 1;
        if let Err(problem) = ledger.rooms[index].bans.read(&names) {
            ledger.problem(format!("room{index}: the list of bans {problem}"));
        }
    }
    answered(member);
}

/// Sends again the messages of earlier runs that have no answer yet.
fn retry(member: &mut Member<'_>) {
    let mut ledger = member.shared.ledger.borrow_mut();
    let name = &member.role.name;
    let open: Vec<usize> = ledger
        .unsettled()
        .filter(|index| {
            let sent = &ledger.sent[*index];
            let is_open = sent.outcome == Outcome::Unknown && sent.nonce.is_some();
            is_open && sent.nickname == *name
        })
        .collect();
    ledger.counts.retried += open.len() as u64;
    let frames: Vec<String> =
        open.iter().map(|index| frame(&ledger.sent[*index], *index)).collect();
    drop(ledger);
    member.awaited += frames.len();
    member.outgoing.extend(frames);
}

/// Returns the request for a message.
fn frame(sent: &Sent, index: usize) -> String {
    let mut chat = json!({ "type": "chat", "text": sent.text.0, "ref": format!("m{index}") });
    match sent.views[0].split_once('>') {
        Some((_, partner)) => chat["to"] = json!(partner),
        None => chat["channel"] = json!(sent.views[0]),
    }
    if let Some(nonce) = &sent.nonce {
        chat["nonce"] = json!(nonce);
    }
    chat.to_string()
}

pub(crate) fn say(member: &mut Member<'_>) {
    if member.role.dialect == Dialect::Json1 {
        let index = member.note_said("lobby", None);
        let text = member.shared.ledger.borrow().sent[index].text.0.clone();
        member.outgoing.push(json!({ "type": "chat", "text": text }).to_string());
        return;
    }
    let has_account = member.role.login != Login::None;
    let nonce = (has_account && member.random.u8(..) < 200)
        .then(|| format!("{:x}", member.random.u128(..)));
    let index = match &member.role.partner {
        Some(partner) if member.random.u8(..) < 60 => {
            let own = &member.role.name;
            let views = vec![format!("{own}>{partner}"), format!("{partner}>{own}")];
            let filler = member.filler();
            member.shared.ledger.borrow_mut().send(&member.role.name, views, &filler, nonce)
        }
        _ => {
            let channels = member.channels();
            let channel = member.random.choice(&channels).expect("there is the lobby");
            member.note_said(channel, nonce)
        }
    };
    let frame = frame(&member.shared.ledger.borrow().sent[index], index);
    member.outgoing.push(frame);
}

/// Sends a message again that was accepted: the answer is the same, and nobody receives it.
pub(crate) fn repeat(member: &mut Member<'_>) {
    let Some(index) = member.accepted.pop_front() else { return };
    let mut ledger = member.shared.ledger.borrow_mut();
    ledger.counts.repeated += 1;
    member.outgoing.push(frame(&ledger.sent[index], index));
}

/// Changes the client's own room, if its last change has been answered.
pub(crate) fn govern(member: &mut Member<'_>) {
    let Some(index) = member.role.owns else { return };
    let choice = member.random.u8(0..3);
    let mut ledger = member.shared.ledger.borrow_mut();
    ledger.changes += 1;
    let number = ledger.changes;
    let room = &mut ledger.rooms[index];
    let channel = format!("room{index}");
    let request = match choice {
        0 if !room.topic.is_open() => {
            let topic = format!("topic {number}");
            room.topic.request(Some(topic.clone()));
            json!({ "type": "topic", "channel": channel, "topic": topic, "ref": "topic" })
        }
        1 if !room.role.is_open() => {
            let now = ROLES.iter().position(|role| role == room.role.newest()).unwrap_or_default();
            let role = ROLES[(now + 1) % ROLES.len()];
            room.role.request(role.to_owned());
            let nickname = format!("user{}x", index + crate::cast::ROOMS);
            json!({
                "type": "role", "channel": channel, "nickname": nickname, "role": role,
                "ref": "role",
            })
        }
        2 if !room.bans.is_open() => {
            let mut bans = room.bans.newest().clone();
            let (kind, nickname) = if bans.len() < 5 {
                let nickname = format!("banned{number}");
                bans.push(nickname.clone());
                ("ban", nickname)
            } else {
                ("unban", bans.remove(0))
            };
            room.bans.request(bans);
            json!({ "type": kind, "channel": channel, "nickname": nickname, "ref": "bans" })
        }
        _ => return,
    };
    member.outgoing.push(request.to_string());
}

/// The roles that the owner of a room gives one member in turn.
const ROLES: [&str; 4] = ["member", "voiced", "operator", "owner"];

fn note_message(member: &mut Member<'_>, message: &Value) {
    let text = message["text"].as_str().unwrap_or_default();
    let mut ledger = member.shared.ledger.borrow_mut();
    let Some(index) = ledger.receive(&mut member.log, text) else { return };
    if let Some(id) = message["id"].as_u64() {
        ledger.identify(index, id);
    }
    if message["nickname"] != ledger.sent[index].nickname.as_str() {
        let sent = format!("{:?}", ledger.sent[index]);
        ledger.problem(format!("{message} was sent as {sent}"));
    }
}

fn note_answer(member: &mut Member<'_>, kind: &str, frame: &Value) {
    let answered_to = frame["ref"].as_str().unwrap_or_default();
    if let Some(index) = answered_to.strip_prefix('m').and_then(|index| index.parse().ok()) {
        if kind == "error" && frame["code"] != "no_such_user" {
            member.problem(&format!("a message was refused: {frame}"));
        }
        let at = frame["at"].as_str().unwrap_or_default();
        let is_earlier = member.shared.ledger.borrow().is_earlier(at);
        if !member.is_ready && is_earlier {
            member.shared.ledger.borrow_mut().counts.committed += 1;
        }
        member.note_outcome(index, frame["id"].as_u64());
        return answered(member);
    }
    if kind == "error" {
        // Before `hello`, an error of version 2 has the form of version 1.
        if frame["message"] != "server shutting down" {
            member.problem(&format!("{frame}"));
        }
        return;
    }
    let Some(index) = member.role.owns else { return };
    let room = &mut member.shared.ledger.borrow_mut().rooms[index];
    match answered_to {
        "topic" => room.topic.answer(),
        "role" => room.role.answer(),
        "bans" => room.bans.answer(),
        _ => {}
    }
}

fn with_room(member: &Member<'_>, frame: &Value, note: impl FnOnce(&mut Room)) {
    if let Some(index) = frame["channel"].as_str().and_then(room_index) {
        note(&mut member.shared.ledger.borrow_mut().rooms[index]);
    }
}

/// Notes one of the answers before which the client is not ready.
pub(crate) fn answered(member: &mut Member<'_>) {
    if !member.is_ready {
        member.awaited = member.awaited.saturating_sub(1);
        if member.awaited == 0 {
            member.set_ready();
        }
    }
}
