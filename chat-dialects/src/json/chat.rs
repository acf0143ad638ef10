//! What a message costs most: writing it down.
//!
//! It is written here by hand, as [`MessageObject`](super::MessageObject) describes it and a test
//! compares, since nothing else is written so often, and a serialiser looks at every byte one by
//! one, those of the keys too.

use crate::times::Rfc3339;
use chat_core::{Message, Target};

/// Writes the object that a message is told with.
pub(super) fn write_chat(message: &Message, out: &mut String) {
    write_number(r#"{"type":"chat","id":"#, message.id.0, out);
    write_plain(r#","at":""#, Rfc3339::from(message.at).as_str(), out);
    write_text(r#","nickname":""#, message.sender.shown(), out);
    match &message.target {
        Target::Channel(channel) => write_text(r#","channel":""#, channel.shown(), out),
        Target::User(nickname) => write_text(r#","to":""#, nickname.shown(), out),
        _ => {}
    }
    write_text(r#","text":""#, message.text.as_str(), out);
    write_plain(r#","kind":""#, message.kind.name(), out);
    out.push('}');
}

/// Writes the object that the sender of a message is answered with.
pub(super) fn write_ack(
    reference: Option<&str>,
    message: &Message,
    away: Option<&str>,
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
    out.push('}');
}

fn write_number(key: &str, number: u64, out: &mut String) {
    out.push_str(key);
    out.push_str(itoa::Buffer::new().format(number));
}

/// Writes a text of which nobody but the client or a user knows what is in it, behind a key with
/// its quotation mark.
fn write_text(key: &str, text: &str, out: &mut String) {
    if is_plain(text) {
        return write_plain(key, text, out);
    }
    let text = serde_json::to_string(text).expect("a string is JSON");
    // The mark that it begins with stands behind the key.
    out.push_str(key);
    out.push_str(&text[1..]);
}

/// Writes a text that has nothing in it to escape.
fn write_plain(key: &str, text: &str, out: &mut String) {
    out.push_str(key);
    out.push_str(text);
    out.push('"');
}

/// Whether a text is in JSON what it is here. It looks at all of it, since many bytes at once are
/// faster than one by one.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'))
}

#[cfg(test)]
mod tests {
    use super::super::MessageObject;
    use super::*;
    use chat_core::{ChannelName, MessageId, MessageKind, Nickname, Text, Timestamp};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn message(id: u64, at: u64, private: bool, text: &str) -> Message {
        let sender = Nickname::parse("al\"ice").expect("a name");
        let target = if private {
            Target::User(sender.clone())
        } else {
            Target::Channel(ChannelName::parse("tea\\room").expect("a name"))
        };
        let (id, at) = (MessageId(id), Timestamp::from_millis(at));
        let mut message = Message::new(id, at, sender, target, Text::clean(text));
        message.kind = MessageKind::Action;
        message
    }

    /// What a message and the answer to its sender are written as.
    fn written(message: &Message, reference: Option<&str>, away: Option<&str>) -> [String; 2] {
        let [mut chat, mut ack] = [const { String::new() }; 2];
        write_chat(message, &mut chat);
        write_ack(reference, message, away, &mut ack);
        [chat, ack]
    }

    proptest! {
        #[test]
        fn it_is_what_a_serialiser_writes(
            (id, at) in any::<(u64, u64)>(),
            private in any::<bool>(),
            text in any::<String>(),
            reference in any::<Option<String>>(),
        ) {
            let message = message(id, at, private, &text);
            let [chat, ack] = written(&message, reference.as_deref(), Some(&text));
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
