//! `MONITOR` (IRCv3).

use crate::client::Client;
use crate::identity::Word;
use crate::line::Line;
use crate::pending::{Monitor, Pending};
use chat_core::{Command, Nickname, UserCommand};
use chat_dialects::Reaction;

pub(super) fn monitor(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(action) = line.param(0) else {
        return client.needs_more("MONITOR", reaction);
    };
    let (answer, command) = match action {
        "+" | "-" => {
            let mut nicknames = Vec::new();
            for nickname in line.list(1) {
                if Nickname::parse(nickname).is_ok() {
                    nicknames.push(nickname.to_owned());
                } else if action == "+" {
                    let rest = format_args!("{} :Erroneous nickname", Word(nickname));
                    client.numeric(&mut reaction.frames, 432, rest);
                }
            }
            if nicknames.is_empty() {
                return;
            }
            let targets = nicknames.join(",").into();
            match action {
                "+" => (Monitor::Added { targets }, UserCommand::Watch { nicknames }),
                _ => (Monitor::Removed, UserCommand::Unwatch { nicknames: Some(nicknames) }),
            }
        }
        "C" | "c" => (Monitor::Removed, UserCommand::Unwatch { nicknames: None }),
        "L" | "l" => (Monitor::List, UserCommand::Watch { nicknames: Vec::new() }),
        "S" | "s" => (Monitor::Status, UserCommand::Watch { nicknames: Vec::new() }),
        _ => {
            let rest = format_args!("{} :Unknown subcommand", Word("MONITOR"));
            return client.numeric(&mut reaction.frames, 400, rest);
        }
    };
    client.ask(Pending::Monitor(answer), Command::User(command), reaction);
}
