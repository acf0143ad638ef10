//! A custom dialect that uses only the public API. It is served next to the text dialect, and the
//! users of both meet in one channel. Connect with `nc 127.0.0.1 7001`.

#![allow(clippy::print_stdout, clippy::wildcard_enum_match_arm, reason = "an example")]

use chat_runtime::Server;
use chat_runtime::chat_core::{Command, Event, Peer, RequestId, SessionId, Timestamp};
use chat_runtime::chat_dialects::{
    Conversation, Dialect, Fault, Form, Frames, Notice, Reaction, TextDialect,
};
use std::error::Error;
use transport_tcp::TcpFrontEnd;

/// A dialect with a single room: the server asks for a name of 1 to 16 letters and digits, lists
/// the members, and shows messages as `[name] text`.
struct OneRoom;

/// The state of one client: whether it has a name.
struct Guest {
    named: bool,
}

impl Dialect for OneRoom {
    fn name(&self) -> &str {
        "one-room"
    }

    fn open(&self, _: SessionId, _: &Peer) -> Box<dyn Conversation> {
        Box::new(Guest { named: false })
    }

    /// Encodes an event once for all members of the room. The result cannot depend on the reader.
    fn encode(&self, _: Form, _: Timestamp, event: &Event, out: &mut Frames) {
        match event {
            Event::Joined { user, .. } => out.push(format!("* {user} has entered the room")),
            Event::Quit { user, .. } => out.push(format!("* {user} has left the room")),
            // A frame is a line, and a message may have several.
            Event::Said(message) => {
                for line in message.text.lines() {
                    out.push(format!("[{}] {line}", message.sender));
                }
            }
            _ => {}
        }
    }
}

impl Conversation for Guest {
    fn begin(&mut self, reaction: &mut Reaction) {
        reaction.frames.push("Welcome! What is your name?");
    }

    fn decode(&mut self, frame: &[u8], reaction: &mut Reaction) {
        let Ok(line) = str::from_utf8(frame) else { return self.fault(&Fault::NotUtf8, reaction) };
        let line = line.trim();
        let is_name =
            (1..=16).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_alphanumeric());
        if self.named {
            reaction.command(None, Command::say("lobby", line));
        } else if is_name {
            reaction.command(None, Command::identify(line));
        } else {
            reaction.frames.push("A name has 1 to 16 letters and digits. What is your name?");
        }
    }

    fn fault(&mut self, fault: &Fault, reaction: &mut Reaction) {
        reaction.frames.push(format!("Sorry: {fault}"));
    }

    /// Encodes the reply to this client's own command.
    fn reply(&mut self, _: Option<&RequestId>, event: &Event, reaction: &mut Reaction) {
        match event {
            Event::Welcomed { user, lobby, .. } => {
                self.named = true;
                let members = lobby.iter().flat_map(|lobby| &lobby.members);
                let others = members.filter(|member| *member.nickname() != user.nickname);
                let others: Vec<&str> = others.map(|other| other.nickname().shown()).collect();
                reaction.frames.push(format!("* The room contains: {}", others.join(", ")));
            }
            Event::Rejected(refusal) => reaction.frames.push(format!("Sorry: {refusal}")),
            _ => {}
        }
    }

    fn notice(&mut self, _: &Notice<'_>, _: &mut Frames) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let own = TcpFrontEnd::bind("127.0.0.1:7001".parse()?, OneRoom)?;
    let text = TcpFrontEnd::bind("127.0.0.1:7000".parse()?, TextDialect::bracket())?;
    println!("nc 127.0.0.1 7001 (the text dialect is on port 7000)");
    Server::new().front_end(own).front_end(text).run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation without a server: what it sends, and the commands that it gives.
    fn decode(guest: &mut Guest, line: &[u8]) -> (Vec<String>, Vec<Command>) {
        let mut reaction = Reaction::default();
        guest.decode(line, &mut reaction);
        assert!(!reaction.has_ended(), "no line ends the conversation");
        let frames = reaction.frames.iter();
        let frames = frames.map(|frame| String::from_utf8_lossy(frame.bytes()).into()).collect();
        (frames, reaction.commands().iter().map(|(_, command)| command.clone()).collect())
    }

    #[test]
    fn first_valid_line_is_the_name() {
        let again = "A name has 1 to 16 letters and digits. What is your name?".to_owned();
        let table: [(&[u8], _, _); 5] = [
            (b"alice", vec![], vec![Command::identify("alice")]),
            (b" alice\r", vec![], vec![Command::identify("alice")]),
            (b"", vec![again.clone()], vec![]),
            (b"al ice", vec![again], vec![]),
            (b"\xff", vec!["Sorry: line is not valid UTF-8".to_owned()], vec![]),
        ];
        for (line, frames, commands) in table {
            let decoded = decode(&mut Guest { named: false }, line);
            assert_eq!(decoded, (frames, commands), "{line:?}");
        }
    }

    #[test]
    fn lines_of_a_named_guest_are_messages() {
        let (frames, commands) = decode(&mut Guest { named: true }, b"alice");
        assert_eq!(frames, [""; 0]);
        assert_eq!(commands, [Command::say("lobby", "alice")]);
    }
}
