//! The table of permissions of clients of IRC: commands about a channel and its members in every
//! role, in a channel with each mode. The snapshot is there to be read, beside
//! `tests/snapshots/permissions.snap`, which has the commands of the engine.

use crate::room::Room;
use std::fmt::Write;

/// The letters of the subject's statuses; `None`: not a member.
const ROLES: [(&str, Option<&str>); 5] = [
    ("non-member", None),
    ("member", Some("")),
    ("voiced", Some("v")),
    ("operator", Some("o")),
    ("owner", Some("q")),
];

/// The modes of the channel that differ from those of a new channel, one at a time.
const MODES: [&str; 8] = ["", "+m", "-n", "+i", "+s", "+t", "+k sesame", "+l 1"];

/// The lines that the founder has sent before, and the line of the subject.
const ROWS: &[(&str, &str)] = &[
    ("", "JOIN #den"),
    ("", "JOIN #den sesame"),
    ("INVITE subject #den", "JOIN #den"),
    ("MODE #den +b subject!*@*", "JOIN #den"),
    ("MODE #den +b *!subject@*", "JOIN #den"),
    ("MODE #den +eb subject!*@* subject!*@*", "JOIN #den"),
    ("", "PART #den"),
    ("", "PRIVMSG #den :hello"),
    ("", "NOTICE #den :hello"),
    ("", "PRIVMSG target :hello"),
    ("", "TAGMSG #den"),
    ("MODE #den +b ~m:subject!*@*", "PRIVMSG #den :hello"),
    ("", "TOPIC #den"),
    ("", "TOPIC #den :news"),
    ("MODE #den +b ~m:subject!*@*", "TOPIC #den :news"),
    ("", "MODE #den"),
    ("", "MODE #den +i"),
    ("", "MODE #den +k key"),
    ("", "MODE #den +v target"),
    ("", "MODE #den +o target"),
    ("", "MODE #den +q target"),
    ("", "MODE #den -q founder"),
    ("", "MODE #den +o subject"),
    ("MODE #den +b nobody!*@*", "MODE #den b"),
    ("", "MODE #den +b target!*@*"),
    ("", "MODE #den +b founder!*@*"),
    ("MODE #den +b target!*@*", "MODE #den -b target!*@*"),
    ("", "MODE #den +e target!*@*"),
    ("", "MODE #den +b ~m:target!*@*"),
    ("", "KICK #den target"),
    ("", "KICK #den founder"),
    ("", "KICK #den subject"),
    ("", "INVITE stranger #den"),
    ("", "NAMES #den"),
    ("", "WHO #den"),
    ("", "LIST"),
    ("", "CHATHISTORY LATEST #den * 10"),
    ("", "WHOIS target"),
    ("", "KILL target :bye"),
    ("", "WALLOPS :hello"),
    ("", "OPER op wrong"),
];

#[test]
fn permissions_are_as_reviewed() {
    let usual: Vec<_> = ROWS.iter().map(|row| cells(row, MODES[0])).collect();
    let mut table = String::from(
        "Rows are commands, in brackets what an owner has sent before. Cells are the commands and\n\
         numerics of the answer, - if there is none. The tables of modes have only the rows in\n\
         which they differ from the first one.\n",
    );
    for mode in MODES {
        let name = if mode.is_empty() { "those of a new channel" } else { mode };
        writeln!(table, "\nmodes: {name}").expect("a string has room");
        write_row(&mut table, "", &ROLES.map(|(role, _)| role.to_owned()));
        for (row, usual) in ROWS.iter().zip(&usual) {
            let cells = cells(row, mode);
            if mode.is_empty() || cells != *usual {
                let (before, line) = row;
                let label = match *before {
                    "" => (*line).to_owned(),
                    before => format!("{line} ({before})"),
                };
                write_row(&mut table, &label, &cells);
            }
        }
    }
    insta::assert_snapshot!("permissions", table);
}

fn write_row(table: &mut String, label: &str, cells: &[String; ROLES.len()]) {
    let mut line = format!("  {label:<58}");
    cells.iter().for_each(|cell| write!(line, "{cell:<21} ").expect("a string has room"));
    writeln!(table, "{}", line.trim_end()).expect("a string has room");
}

/// Returns the answers to a line, one for each role.
fn cells(row: &(&str, &str), mode: &str) -> [String; ROLES.len()] {
    ROLES.map(|(_, statuses)| answer(row, mode, statuses))
}

/// Prepares the channel, and returns the commands of the lines that the subject gets.
fn answer((before, line): &(&str, &str), mode: &str, statuses: Option<&str>) -> String {
    let mut room = Room::new();
    for name in ["founder", "target", "stranger", "subject"] {
        room.join_irc(name, "message-tags batch draft/chathistory");
    }
    let mut send = |name: &str, line: &str| room.send_silently(name, line.as_bytes());
    send("founder", "JOIN #den");
    send("target", "JOIN #den");
    if let Some(letters) = statuses {
        send("subject", "JOIN #den");
        for letter in letters.chars() {
            send("founder", &format!("MODE #den +{letter} subject"));
        }
    }
    for line in [before, &&*format!("MODE #den {mode}")] {
        if !line.trim_end().ends_with("#den") || line.starts_with("INVITE") {
            send("founder", line);
        }
    }
    room.take_silently("subject");
    room.send_silently("subject", line.as_bytes());
    let lines = room.take_silently("subject");
    let mut commands: Vec<&str> = lines.iter().filter_map(|line| command(line)).collect();
    commands.dedup();
    if commands.is_empty() { "-".to_owned() } else { commands.join(" ") }
}

/// Returns the command of a line of the server.
fn command(line: &str) -> Option<&str> {
    let mut words = line.split(' ').skip_while(|word| word.starts_with(['@', ':']));
    words.next()
}
