//! Clients of different dialects edit and delete messages, react to them and pin them at the same
//! time. In the end, all of them know what the engine knows.

use crate::room::Room;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A message as a client knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    text: String,
    deleted: bool,
    reactions: BTreeSet<(String, String)>,
    pinned: bool,
}

/// The messages that a client knows, by their ids.
type View = BTreeMap<u64, Known>;

const JSON: [&str; 2] = ["jay", "joe"];
const IRC: [&str; 2] = ["ida", "ivo"];
const EMOJI: [&str; 3] = ["+1", "\u{1f389}", "no"];

/// An action of a client on a message: the kinds differ from dialect to dialect.
#[derive(Clone, Debug)]
struct Action {
    client: usize,
    kind: u8,
    /// The message, counted from the newest one.
    back: u64,
    emoji: usize,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = (0..5_usize, 0..10_u8, 0..4_u64, 0..3_usize);
    let action =
        action.prop_map(|(client, kind, back, emoji)| Action { client, kind, back, emoji });
    vec(action, 1..60)
}

/// The clients, and what they have been told.
struct Clients {
    room: Room,
    views: BTreeMap<&'static str, View>,
    /// The ids of messages as clients of IRC know them.
    wire: BTreeMap<u64, String>,
    newest: u64,
    /// The number of the next text, so that all differ.
    texts: u64,
}

impl Clients {
    fn new() -> Self {
        let mut room = Room::new();
        IRC.iter().for_each(|name| {
            room.join_irc(name, "message-tags echo-message draft/message-redaction");
        });
        JSON.iter().for_each(|name| room.join_json(name));
        room.join_text("tom");
        room.gather(&IRC, &JSON);
        room.send_silently("tom", b"/join a");
        for name in IRC.iter().chain(&JSON).chain(&["tom"]) {
            room.take_silently(name);
        }
        let views = IRC.into_iter().chain(JSON).map(|name| (name, View::new())).collect();
        Self { room, views, wire: BTreeMap::new(), newest: 0, texts: 0 }
    }

    fn act(&mut self, Action { client, kind, back, emoji }: Action) {
        self.texts += 1;
        let text = format!("text {}", self.texts);
        let id = self.newest.saturating_sub(back);
        let emoji = EMOJI[emoji];
        match client {
            0 | 1 => {
                let frame = match kind {
                    0..=2 => format!(r#"{{"type":"chat","channel":"a","text":"{text}"}}"#),
                    3 | 4 => format!(r#"{{"type":"edit","id":{id},"text":"{text}"}}"#),
                    5 => format!(r#"{{"type":"delete","id":{id}}}"#),
                    6 | 7 => format!(r#"{{"type":"react","id":{id},"emoji":"{emoji}"}}"#),
                    8 => format!(r#"{{"type":"react","id":{id},"emoji":"{emoji}","remove":true}}"#),
                    _ if self.texts.is_multiple_of(2) => format!(r#"{{"type":"pin","id":{id}}}"#),
                    _ => format!(r#"{{"type":"unpin","id":{id}}}"#),
                };
                self.send(JSON[client], &frame);
            }
            2 | 3 => {
                let known = self.wire.get(&id).cloned().unwrap_or_else(|| "1-0".to_owned());
                let line = match kind {
                    0..=2 => format!("PRIVMSG #a :{text}"),
                    3..=5 => format!("REDACT #a {known}"),
                    6 | 7 => format!("@+draft/react={emoji};+draft/reply={known} TAGMSG #a"),
                    _ => format!("@+draft/unreact={emoji};+draft/reply={known} TAGMSG #a"),
                };
                self.send(IRC[client - 2], &line);
            }
            _ => {
                let line = match kind {
                    0..=3 => text,
                    4..=6 => format!("/edit {text}"),
                    7 => "/delete".to_owned(),
                    8 => "/pin".to_owned(),
                    _ => "/unpin".to_owned(),
                };
                self.send("tom", &line);
            }
        }
    }

    /// Sends a frame, and lets all clients read what they are sent.
    fn send(&mut self, name: &'static str, frame: &str) {
        self.room.send_silently(name, frame.as_bytes());
        self.room.take_silently("tom");
        for reader in IRC {
            for line in self.room.take_silently(reader) {
                self.read_irc(reader, &line);
            }
        }
        for reader in JSON {
            for line in self.room.take_silently(reader) {
                let event: Value = serde_json::from_str(&line).expect("an object");
                // The answers do not tell what was changed.
                let sent = (reader == name)
                    .then(|| serde_json::from_str::<Value>(frame).expect("an object"));
                self.read_json(reader, &event, sent.as_ref());
            }
        }
    }

    fn read_json(&mut self, reader: &'static str, event: &Value, sent: Option<&Value>) {
        let view = self.views.get_mut(reader).expect("a view");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let event = match sent {
            Some(sent) if event["type"] == "ok" => sent,
            _ => event,
        };
        let Some(id) = event["id"].as_u64() else { return };
        let known = view.entry(id).or_default();
        let by = event["nickname"].as_str().unwrap_or(reader).to_owned();
        let is_removed = event["removed"] == true || event["remove"] == true;
        let reaction = (text(&event["emoji"]), by);
        match event["type"].as_str().unwrap_or_default() {
            "chat" => {
                known.text = text(&event["text"]);
                self.newest = self.newest.max(id);
            }
            "edited" | "edit" => known.text = text(&event["text"]),
            "deleted" | "delete" => *known = Known { deleted: true, ..Known::default() },
            "reacted" | "react" if is_removed => drop(known.reactions.remove(&reaction)),
            "reacted" | "react" => drop(known.reactions.insert(reaction)),
            "pinned" | "pin" => known.pinned = !is_removed,
            "unpin" => known.pinned = false,
            _ => {}
        }
    }

    fn read_irc(&mut self, reader: &'static str, line: &str) {
        let (tags, rest) = match line.strip_prefix('@').and_then(|line| line.split_once(' ')) {
            Some((tags, rest)) => (tags, rest),
            None => ("", line),
        };
        let tag = |name: &str| {
            let mut tags = tags.split(';').filter_map(|tag| tag.split_once('='));
            tags.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let number = |id: &str| {
            let (_, number) = id.split_once('-').expect("an id");
            u64::from_str_radix(number, 16).expect("a number")
        };
        let mut words = rest.split(' ');
        let by = words.next().and_then(|source| source[1..].split('!').next()).unwrap_or_default();
        let view = self.views.get_mut(reader).expect("a view");
        match words.next() {
            Some("PRIVMSG") => {
                let text = rest.split_once(" :").map_or("", |(_, text)| text);
                if let Some(id) = tag("msgid") {
                    view.entry(number(&id)).or_default().text = text.to_owned();
                    self.wire.insert(number(&id), id);
                } else if let Some(id) = tag("+draft/reply") {
                    let text = text.strip_prefix("* ").expect("an edit");
                    view.entry(number(&id)).or_default().text = text.to_owned();
                }
            }
            Some("REDACT") => {
                let id = words.nth(1).expect("an id");
                let deleted = Known { deleted: true, ..Known::default() };
                view.insert(number(id), deleted);
            }
            Some("TAGMSG") => {
                let id = tag("+draft/reply").expect("the id of the message");
                // A signal about a message that is deleted, or not known, is no reaction.
                let Some(known) = view.get_mut(&number(&id)).filter(|_| tag("msgid").is_none())
                else {
                    return;
                };
                if let Some(emoji) = tag("+draft/react") {
                    known.reactions.insert((emoji, by.to_owned()));
                } else if let Some(emoji) = tag("+draft/unreact") {
                    known.reactions.remove(&(emoji, by.to_owned()));
                }
            }
            _ => {}
        }
    }

    /// Returns the history of the engine.
    fn history(&mut self) -> View {
        let request = br#"{"type":"history","channel":"a","limit":200}"#;
        self.room.send_silently(JSON[0], request);
        let lines = self.room.take_silently(JSON[0]);
        let answer: Value = serde_json::from_str(&lines[0]).expect("an object");
        let messages = answer["messages"].as_array().expect("messages").iter().map(|message| {
            let deleted = message.get("deleted").is_some();
            let text = if deleted { "" } else { message["text"].as_str().expect("a text") };
            let reactions = message["reactions"].as_object().into_iter().flatten();
            let reactions = reactions.flat_map(|(emoji, users)| {
                let users = users.as_array().expect("users").iter();
                users.map(|user| (emoji.clone(), user.as_str().expect("a name").to_owned()))
            });
            let known = Known {
                text: text.to_owned(),
                deleted,
                reactions: reactions.collect(),
                pinned: message.get("pinned").is_some(),
            };
            (message["id"].as_u64().expect("an id"), known)
        });
        messages.collect()
    }
}

proptest! {
    #[test]
    fn clients_of_all_dialects_converge(actions in actions()) {
        let mut clients = Clients::new();
        for action in actions {
            clients.act(action);
        }
        let history = clients.history();
        for name in JSON {
            prop_assert_eq!(&clients.views[name], &history, "{}", name);
        }
        // Clients of IRC are not told of pinned messages.
        let mut unpinned = history;
        unpinned.values_mut().for_each(|known| known.pinned = false);
        for name in IRC {
            prop_assert_eq!(&clients.views[name], &unpinned, "{}", name);
        }
    }
}
