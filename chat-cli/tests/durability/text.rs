//! Clients that speak text or txt-chat.

use crate::cast::Dialect;
use crate::member::Member;

/// A line that no command is: its answer shows that all commands before it have been carried out.
const BARRIER: &str = "/barrier";

pub(crate) fn begin(member: &mut Member<'_>) {
    member.outgoing.push(format!("/name {}", member.role.name));
    member.outgoing.extend(member.role.rooms.iter().map(|room| format!("/join {room}")));
    member.outgoing.push(BARRIER.to_owned());
}

pub(crate) fn receive(member: &mut Member<'_>, line: &str) {
    if let Some(at) = line.find('~') {
        member.shared.ledger.borrow_mut().receive(&mut member.log, &line[at..]);
    } else if line.starts_with("[missed ") {
        member.log.has_lagged = true;
    } else if line.starts_with("Unknown command") || line.starts_with("* Unknown command") {
        member.set_ready();
    } else if !member.role.is_web_socket && !member.has_name {
        // The first line that a person receives over TCP has the name that the server generated.
        member.has_name = true;
        match line.strip_prefix("* ").and_then(|line| line.strip_suffix(" joined the chat")) {
            Some(name) => member.shared.ledger.borrow_mut().generated(name),
            None => member.problem(&format!("it is greeted with {line}")),
        }
    }
}

pub(crate) fn receive_txt_chat(member: &mut Member<'_>, line: &str) {
    if let Some(at) = line.find('~') {
        member.shared.ledger.borrow_mut().receive(&mut member.log, &line[at..]);
    } else if line.starts_with("------") {
        member.outgoing.push(format!("reg${}", member.role.name));
        member.awaited = 1 + member.role.rooms.len();
    } else if line.starts_with("$$error") && line != "$$error: server shutting down" {
        member.problem(line);
    } else if line.starts_with("$$joined: ") && !member.is_ready {
        member.awaited = member.awaited.saturating_sub(1);
        if member.awaited == 0 {
            member.set_ready();
        }
    } else if !line.starts_with('$') && member.uid.is_none() {
        for channel in member.channels() {
            member.outgoing.push(format!("join${line}${channel}"));
        }
        member.uid = Some(line.to_owned());
    }
}

pub(crate) fn say(member: &mut Member<'_>) {
    let channels = member.channels();
    // A person talks in the channel that was joined last.
    let channel = match member.role.dialect {
        Dialect::Text => channels.last().expect("there is the lobby").clone(),
        Dialect::Json2 | Dialect::Json1 | Dialect::TxtChat => {
            member.random.choice(&channels).expect("there is the lobby").clone()
        }
    };
    let index = member.note_said(&channel, None);
    let text = member.shared.ledger.borrow().sent[index].text.0.clone();
    member.outgoing.push(match (&member.uid, member.role.dialect) {
        (Some(uid), Dialect::TxtChat) => format!("send_msg${uid}${channel}${text}"),
        _ => text,
    });
}
