//! The output lines of `--json`: objects in ASCII.
//!
//! All other characters are escaped (RFC 8259 §7). So control characters, bidirectional overrides,
//! piled-up marks and wide characters do not reach a terminal, and the locale does not matter.

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Serializer, Value};
use std::io::{self, Write};

/// Formats a frame of the server as a line. The reference is removed, because it belongs to this
/// client; if the frame answers a line of the input, the number of that line is added. Messages of
/// ignored users are removed from a page of history.
pub(super) fn frame(
    frame: &str,
    line: Option<u64>,
    is_ignored: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut object: Map<String, Value> = serde_json::from_str(frame).ok()?;
    object.remove("ref");
    // Anybody with the token of a login could act as the user.
    object.remove("token");
    if let Some(Value::Array(messages)) = object.get_mut("messages") {
        messages.retain(|said| !said["nickname"].as_str().is_some_and(&is_ignored));
    }
    Some(object_line(object, line))
}

/// Returns the messages of a page, each as the frame of a message that is said now, and whether
/// there are more of them.
pub(super) fn messages(page: &str) -> (Vec<String>, bool) {
    let mut page: Value = serde_json::from_str(page).unwrap_or_default();
    let more = page["more"] == true;
    let Value::Array(messages) = page["messages"].take() else { return (Vec::new(), more) };
    let said = messages.into_iter().map(|mut message| {
        if let Value::Object(message) = &mut message {
            message.insert("type".into(), "chat".into());
        }
        message.to_string()
    });
    (said.collect(), more)
}

/// Formats an event of this client as a line.
pub(super) fn own(object: Value, line: Option<u64>) -> Option<String> {
    match object {
        Value::Object(object) => Some(object_line(object, line)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

fn object_line(mut object: Map<String, Value>, line: Option<u64>) -> String {
    #[derive(Serialize)]
    struct OutputObject {
        #[serde(rename = "type")]
        kind: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }
    let kind = object.remove("type");
    object.remove("line");
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Ascii);
    let written = OutputObject { kind, line, rest: object }.serialize(&mut serializer);
    written.expect("a map with string keys is JSON, and writing to a vector cannot fail");
    String::from_utf8(bytes).expect("ASCII")
}

/// Escapes all characters except visible ASCII and spaces.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        for c in fragment.chars() {
            if matches!(c, ' '..='~') {
                writer.write_all(&[c as u8])?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_has_the_number_of_its_line() {
        let answer = r#"{"id":7,"type":"ack","ref":"12","line":"forged"}"#;
        let shown = |line| frame(answer, line, |_| false);
        assert_eq!(shown(Some(3)).as_deref(), Some(r#"{"type":"ack","line":3,"id":7}"#));
        assert_eq!(shown(None).as_deref(), Some(r#"{"type":"ack","id":7}"#));
        assert_eq!(frame("[]", None, |_| false), None);
    }

    #[test]
    fn history_omits_messages_of_ignored_users() {
        let page = r#"{"type":"history","messages":[{"nickname":"bob"},{"nickname":"eve"}]}"#;
        let shown = frame(page, None, |name| name == "bob");
        let left = r#"{"type":"history","messages":[{"nickname":"eve"}]}"#;
        assert_eq!(shown.as_deref(), Some(left));
    }

    #[test]
    fn characters_other_than_ascii_are_escaped_without_loss() {
        let text = "\u{0}\u{1b}[2J\u{7f}\u{9b}\u{202e}\r\n\"\\ é 你 👩‍👧 e\u{301}\u{301}";
        let said = serde_json::json!({ "type": "chat", text: [{ "text": text }] });
        let line = own(said.clone(), None).expect("an object");
        assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON"), said);
    }
}
