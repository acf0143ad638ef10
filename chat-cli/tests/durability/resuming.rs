//! Clients of JSON version 2 with an account and a password. They follow the rules of the protocol
//! for resuming.

use crate::device::Device;
use crate::json::{answered, check_kept, join};
use crate::member::Member;
use serde_json::{Value, json};
use std::cell::RefMut;

/// Connects: with the session token, once the client has one.
pub(crate) fn begin(member: &mut Member<'_>) {
    let mut device = device(member);
    device.connect();
    let session = device.session.clone();
    drop(device);
    if session.is_some() {
        hello(member, session);
    } else {
        ask_for_session(member, "register");
    }
}

/// Handles a frame that belongs to resuming. Returns false if it is one as any client gets it.
pub(crate) fn receive(member: &mut Member<'_>, kind: &str, frame: &Value) -> bool {
    let answered_to = frame["ref"].as_str().unwrap_or_default();
    match (kind, answered_to) {
        ("registered" | "logged_in", _) => {
            device(member).session = frame["token"].as_str().map(str::to_owned);
            hello(member, None);
        }
        // An earlier run has ended before its answer.
        ("error", "register") if frame["code"] == "account_taken" => {
            ask_for_session(member, "login");
        }
        ("welcome", _) => welcome(member, frame),
        ("joined", _) => {
            device(member).has_joined = true;
            begin_views(member);
            return false;
        }
        ("missed", _) => missed(member, frame),
        ("history", _) => match answered_to.split_once(':') {
            Some(("begin", view)) => {
                let newest = messages(frame).last().map_or(0, id);
                device(member).begin_view(view, newest);
                answered(member);
            }
            Some(("read", view)) => read(member, view, frame),
            _ => return false,
        },
        ("chat", _) => {
            let is_own = frame["nickname"] == member.role.name.as_str();
            let view = view_of(member, frame);
            let heard = device(member).hear(&view, id(frame), is_own);
            note(member, heard);
            return false;
        }
        ("ack", _) => {
            let index = answered_to.strip_prefix('m').and_then(|index| index.parse().ok());
            let index: usize = index.expect("the client acknowledges nothing else");
            let view = member.shared.ledger.borrow().sent[index].views[0].clone();
            let known = device(member).acknowledge(&view, id(frame));
            note(member, known);
            return false;
        }
        ("lagged", _) => {
            let after = device(member).received_up_to;
            device(member).resume();
            ask_missed(member, after);
            return false;
        }
        _ => return false,
    }
    true
}

fn ask_for_session(member: &mut Member<'_>, kind: &str) {
    let name = &member.role.name;
    let request = json!({ "type": kind, "account": name, "password": PASSWORD, "ref": kind });
    member.outgoing.push(request.to_string());
}

fn hello(member: &mut Member<'_>, session: Option<String>) {
    let device = device(member);
    let epoch = device.epoch.as_ref().map_or("", |(epoch, _)| epoch);
    let resume = json!({ "epoch": epoch, "id": device.received_up_to });
    let mut hello = json!({ "type": "hello", "version": 2, "resume": resume });
    drop(device);
    if let Some(session) = session {
        hello["session"] = json!(session);
    }
    member.outgoing.push(hello.to_string());
}

fn welcome(member: &mut Member<'_>, welcome: &Value) {
    let (resumed, epoch) = (welcome["resumed"] == true, welcome["epoch"].as_str());
    let epoch = epoch.unwrap_or_default().to_owned();
    let run = member.shared.ledger.borrow().run;
    let mut device = device(member);
    let earlier = device.epoch.replace((epoch, run));
    let has_joined = device.has_joined;
    if resumed {
        device.resume();
    }
    drop(device);
    check_welcome(member, welcome, earlier);
    // The first page follows by itself.
    member.awaited += usize::from(resumed);
    if !has_joined {
        return join(member);
    }
    begin_views(member);
    if !resumed {
        read_histories(member);
    }
}

/// Checks that the server knows the client, and that it resumes where it can.
fn check_welcome(member: &Member<'_>, welcome: &Value, earlier: Option<(String, u32)>) {
    let name = member.role.name.as_str();
    if welcome["nickname"] != name || welcome["account"] != name {
        member.problem(&format!("it is somebody else: {welcome}"));
    }
    let has_joined = device(member).has_joined;
    let channels = welcome["channels"].as_array();
    let is_in = |channel: &String| {
        channels.is_some_and(|channels| channels.iter().any(|known| known == channel.as_str()))
    };
    if has_joined && !member.channels().iter().all(is_in) {
        member.problem(&format!("it is no longer in its channels: {welcome}"));
    }
    let (resumed, now) = (welcome["resumed"] == true, &welcome["epoch"]);
    let Some((epoch, since)) = earlier else {
        if resumed {
            member.problem(&format!("it has resumed from nothing: {welcome}"));
        }
        return;
    };
    let mut ledger = member.shared.ledger.borrow_mut();
    if resumed != (*now == epoch.as_str()) {
        ledger.problem(format!("{name} was in the epoch {epoch}: {welcome}"));
    }
    if !resumed && !ledger.may_have_new_epoch(since) {
        ledger.problem(format!("{name} could not resume, though nothing may be lost: {welcome}"));
    }
    ledger.counts.resumed += u64::from(resumed);
    ledger.counts.not_resumed += u64::from(!resumed);
}

/// Reads where those views begin of which the client must not miss anything from now on.
fn begin_views(member: &mut Member<'_>) {
    if let Some(partner) = &member.role.partner {
        // The mailbox is as old as the account.
        device(member).begin_view(&format!("{}>{partner}", member.role.name), 0);
    }
    for channel in member.channels() {
        if !device(member).has_begun(&channel) {
            let request = json!({
                "type": "history", "channel": channel, "limit": 1,
                "ref": format!("begin:{channel}"),
            });
            member.outgoing.push(request.to_string());
            member.awaited += 1;
        }
    }
}

/// Reads the histories after the last message, because the epoch is another one.
fn read_histories(member: &mut Member<'_>) {
    let mut views = member.channels();
    views.extend(member.role.partner.iter().map(|other| format!("{}>{other}", member.role.name)));
    let after = device(member).received_up_to;
    device(member).read_histories(views.len());
    for view in views {
        ask_history(member, &view, after);
    }
}

fn ask_history(member: &mut Member<'_>, view: &str, after: u64) {
    let mut request = json!({ "type": "history", "after": after, "ref": format!("read:{view}") });
    match view.split_once('>') {
        Some((_, partner)) => request["to"] = json!(partner),
        None => request["channel"] = json!(view),
    }
    member.outgoing.push(request.to_string());
    member.awaited += 1;
}

fn read(member: &mut Member<'_>, view: &str, history: &Value) {
    let more = history["more"] == true;
    let ids: Vec<u64> = messages(history).iter().map(id).collect();
    member.shared.ledger.borrow_mut().counts.missed += ids.len() as u64;
    let last = ids.last().copied();
    device(member).read(view, ids, more);
    for message in messages(history) {
        note_missed(member, message);
    }
    match last.filter(|_| more) {
        Some(last) => ask_history(member, view, last),
        None if more => member.problem(&format!("a page of {view} is empty, and there are more")),
        None => {}
    }
    arrive(member);
}

fn missed(member: &mut Member<'_>, missed: &Value) {
    let page: Vec<(String, u64)> =
        messages(missed).iter().map(|message| (view_of(member, message), id(message))).collect();
    member.shared.ledger.borrow_mut().counts.missed += page.len() as u64;
    let next = device(member).catch_up(&page, missed["more"] == true);
    for message in messages(missed) {
        note_missed(member, message);
    }
    match next {
        Ok(Some(after)) => ask_missed(member, after),
        Ok(None) => {}
        Err(problem) => member.problem(&problem),
    }
    arrive(member);
}

fn ask_missed(member: &mut Member<'_>, after: u64) {
    let request = json!({ "type": "missed", "after": after, "ref": "missed" });
    member.outgoing.push(request.to_string());
    member.awaited += usize::from(!member.is_ready);
}

/// Sends again what may be lost, after the last message that was missed.
fn arrive(member: &mut Member<'_>) {
    if !member.is_ready && !device(member).is_behind() && device(member).has_joined {
        check_kept(member);
    }
    answered(member);
}

/// Notes in the ledger that the client has received a message.
fn note_missed(member: &Member<'_>, message: &Value) {
    let text = message["text"].as_str().unwrap_or_default();
    let mut ledger = member.shared.ledger.borrow_mut();
    let Some(index) = ledger.receive_missed(&member.role.name, text) else { return };
    ledger.identify(index, id(message));
    if message["nickname"] != ledger.sent[index].nickname.as_str() {
        let sent = format!("{:?}", ledger.sent[index]);
        ledger.problem(format!("{message} was sent as {sent}"));
    }
}

fn note(member: &Member<'_>, result: Result<(), String>) {
    if let Err(problem) = result {
        member.problem(&problem);
    }
}

/// Returns the name of the view in which a message appears for the client.
fn view_of(member: &Member<'_>, message: &Value) -> String {
    let own = &member.role.name;
    match (message["channel"].as_str(), message["to"].as_str(), message["nickname"].as_str()) {
        (Some(channel), _, _) => channel.to_owned(),
        (None, Some(to), Some(from)) if from == own => format!("{own}>{to}"),
        (None, _, from) => format!("{own}>{}", from.unwrap_or_default()),
    }
}

fn messages(page: &Value) -> &[Value] {
    page["messages"].as_array().map_or(&[], Vec::as_slice)
}

fn id(message: &Value) -> u64 {
    message["id"].as_u64().unwrap_or_default()
}

fn device<'a>(member: &Member<'a>) -> RefMut<'a, Device> {
    let ledger = member.shared.ledger.borrow_mut();
    RefMut::map(ledger, |ledger| ledger.devices.entry(member.role.name.clone()).or_default())
}

/// The password of all of them.
const PASSWORD: &str = "correct horse battery staple";
