//! Encodes messages and their acknowledgements as JSON.
//!
//! The encoding is written by hand because it is the largest cost of a message, and a serializer
//! examines every byte, even those of the keys, one by one. The result is the same as that of
//! [`MessageObject`](super::MessageObject), which a test checks.

use super::data::DataObject;
use super::event::MessageObject;
use crate::times::Rfc3339;
use chat_core::{Message, Target};

/// Writes the `chat` object of a message.
pub(super) fn write_chat(message: &Message, out: &mut String) {
    if message.details.is_some() {
        return write_rare(message, out);
    }
    write_number(r#"{"type":"chat","id":"#, message.id.0, out);
    write_plain(r#","at":""#, Rfc3339::from(message.at).as_str(), out);
    write_text(r#","nickname":""#, message.sender.name(), out);
    match message.sender.user() {
        Some(user) => {
            if let Some(account) = &user.account {
                write_text(r#","account":""#, account.as_str(), out);
            }
            if user.bot {
                out.push_str(r#","bot":true"#);
            }
        }
        None => out.push_str(r#","system":true"#),
    }
    match &message.target {
        Target::Channel(channel) => write_text(r#","channel":""#, channel.shown(), out),
        Target::Members { channel, least } => {
            write_text(r#","channel":""#, channel.shown(), out);
            write_plain(r#","role":""#, least.name(), out);
        }
        Target::User(nickname) => write_text(r#","to":""#, nickname.shown(), out),
        _ => {}
    }
    write_text(r#","text":""#, message.text.as_str(), out);
    write_plain(r#","kind":""#, message.kind.name(), out);
    if !message.data.is_empty() {
        let data = serde_json::to_string(&DataObject::from(&message.data));
        out.push_str(r#","data":"#);
        out.push_str(&data.expect("strings are JSON"));
    }
    out.push('}');
}

/// Writes the `chat` object of a message with properties that few messages have.
fn write_rare(message: &Message, out: &mut String) {
    let object = serde_json::to_string(&MessageObject::from(message)).expect("it is JSON");
    out.push_str(r#"{"type":"chat","#);
    out.push_str(&object[1..]);
}

/// Writes the `ack` object for the sender of a message.
pub(super) fn write_ack(
    reference: Option<&str>,
    message: &Message,
    (away, offline): (Option<&str>, bool),
    out: &mut String,
) {
    out.push_str(r#"{"type":"ack""#);
    if let Some(reference) = reference {
        write_text(r#","ref":""#, reference, out);
    }
    write_number(r#","id":"#, message.id.0, out);
    write_plain(r#","at":""#, Rfc3339::from(message.at).as_str(), out);
    if let Some(away) = away {
        write_text(r#","away":""#, away, out);
    }
    if offline {
        out.push_str(r#","offline":true"#);
    }
    out.push('}');
}

fn write_number(key: &str, number: u64, out: &mut String) {
    out.push_str(key);
    out.push_str(itoa::Buffer::new().format(number));
}

/// Writes a text from a client or a user, escaped if necessary. The key ends with the text's
/// opening quotation mark.
fn write_text(key: &str, text: &str, out: &mut String) {
    if is_plain(text) {
        return write_plain(key, text, out);
    }
    let text = serde_json::to_string(text).expect("a string is JSON");
    // The opening quotation mark is part of the key.
    out.push_str(key);
    out.push_str(&text[1..]);
}

/// Writes a text that contains nothing to escape. The key ends with the text's opening quotation
/// mark.
fn write_plain(key: &str, text: &str, out: &mut String) {
    out.push_str(key);
    out.push_str(text);
    out.push('"');
}

/// Returns true if a text needs no escapes in JSON. It examines the whole text without an early
/// exit, so that the compiler can process many bytes at once.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::{
        AccountName, Actor, AppData, ChannelName, MessageId, MessageKind, Nickname, Role, Text,
        Timestamp, UserInfo,
    };
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn sender(account: Option<&str>, bot: bool) -> Actor {
        let nickname = Nickname::parse("al\"ice").expect("a name");
        let mut user = UserInfo::guest(nickname);
        user.account = account.map(AccountName::from);
        user.bot = bot;
        Actor::User(Arc::new(user))
    }

    fn message(id: u64, at: u64, sender: Actor, place: u8, text: &str) -> Message {
        let channel = ChannelName::parse("tea\\room").expect("a name");
        let target = match place {
            0 => Target::User(Nickname::parse("bo\\b").expect("a name")),
            1 => Target::Members { channel, least: Role::Operator },
            _ => Target::Channel(channel),
        };
        let (id, at) = (MessageId(id), Timestamp::from_millis(at));
        let mut message = Message::new(id, at, sender, target, Text::clean_lines(text));
        message.kind = MessageKind::Action;
        message
    }

    /// Returns the `chat` and the `ack` object of a message.
    fn encode(message: &Message, reference: Option<&str>, away: Option<&str>) -> [String; 2] {
        let [mut chat, mut ack] = [const { String::new() }; 2];
        write_chat(message, &mut chat);
        write_ack(reference, message, (away, false), &mut ack);
        [chat, ack]
    }

    proptest! {
        #[test]
        fn encoding_equals_that_of_the_serializer(
            (id, at) in any::<(u64, u64)>(),
            (place, system, bot) in (0..3u8, any::<bool>(), any::<bool>()),
            account in any::<Option<String>>(),
            text in "(\n|\t|\\PC|.){0,40}",
            reference in any::<Option<String>>(),
            entries in proptest::collection::btree_map("[a-z./]{1,3}", "\\PC{0,5}", 0..3),
        ) {
            let sender = if system { Actor::Server } else { sender(account.as_deref(), bot) };
            let mut message = message(id, at, sender, place, &text);
            message.data = AppData::new(entries).expect("valid keys");
            let [chat, ack] = encode(&message, reference.as_deref(), Some(&text));
            let object = serde_json::to_string(&MessageObject::from(&message)).expect("JSON");
            prop_assert_eq!(chat, object.replacen('{', r#"{"type":"chat","#, 1));

            let mut expected = json!({ "type": "ack", "id": id, "away": text });
            expected["at"] = Rfc3339::from(message.at).as_str().into();
            if let Some(reference) = reference {
                expected["ref"] = reference.into();
            }
            let ack: Value = serde_json::from_str(&ack).expect("JSON");
            prop_assert_eq!(ack, expected);
        }
    }
}
