//! Plain lines, which the floor sends unchanged to the other members of the room.

use super::{Frame, Protocol, Step, line};

/// The protocol of the floor: `/join ROOM NAME`, answered by `ok`, and then messages.
pub(crate) struct Plain {
    /// The number of bytes that a line has besides its message.
    padding: usize,
    /// The number of requests that a client sends, and gets answered, before it joins. After the
    /// first answer the client's kernel treats the connection as interactive and delays
    /// acknowledgements, so that most of them are sent while the server writes the next message.
    exchanges: usize,
}

impl Plain {
    /// Messages without padding.
    pub(crate) const BARE: Self = Self { padding: 0, exchanges: 0 };

    /// Lines as long as this server's JSON, which includes the sender, the channel and the time, to
    /// clients that have sent a request first, as JSON clients do. It shows the cost of longer
    /// lines alone.
    pub(crate) const AS_JSON: Self = Self { padding: 121, exchanges: 1 };
}

impl Protocol for Plain {
    fn enter(&self, _: &str) -> Vec<Step> {
        vec![self.leave(""); self.exchanges]
    }

    fn join(&self, room: &str, nickname: &str) -> Step {
        Step::new(format!("/join {room} {nickname}\n"), "ok\n")
    }

    fn say(&self, _: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        out.resize(out.len() + self.padding, b'x');
        out.push(b'\n');
    }

    fn leave(&self, _: &str) -> Step {
        Step::new("/leave\n", "ok\n")
    }

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        if frame == b"ok\n" { Frame::Other } else { Frame::server_error(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::{ChannelName, Message, MessageId, Nickname, Target, Text, Timestamp, UserInfo};
    use chat_dialects::MessageObject;
    use std::sync::Arc;

    #[test]
    fn padded_lines_are_as_long_as_json() {
        let text = "x".repeat(64);
        let message = Message::new(
            MessageId(123_456),
            Timestamp::from_millis(1_767_225_600_123),
            Arc::new(UserInfo::guest(Nickname::parse("n00001").expect("a name"))),
            Target::Channel(ChannelName::parse("r0").expect("a name")),
            Text::clean(&text),
        );
        let object = serde_json::to_string(&MessageObject::from(&message)).expect("JSON");
        let json = object.replacen('{', r#"{"type":"chat","#, 1) + "\n";
        let mut line = Vec::new();
        Plain::AS_JSON.say("r0", text.as_bytes(), &mut line);
        assert_eq!(line.len(), json.len(), "{json}");
    }
}
