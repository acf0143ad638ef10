//! This server's JSON dialect, version 2.

use super::{Frame, Protocol, Step, contains, line};

/// Lines with one object each.
pub(crate) struct Json;

impl Protocol for Json {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        let hello = format!(
            "{{\"type\":\"hello\",\"nickname\":\"{nickname}\",\"version\":2,\"lobby\":false}}\n"
        );
        vec![Step::new(hello, "\"type\":\"welcome\"")]
    }

    fn join(&self, room: &str, _: &str) -> Step {
        let join = format!("{{\"type\":\"join\",\"channel\":\"{room}\",\"ref\":\"join\"}}\n");
        Step::new(join, "\"ref\":\"join\"")
    }

    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"chat\",\"channel\":\"");
        out.extend_from_slice(room.as_bytes());
        out.extend_from_slice(b"\",\"text\":\"");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\"}\n");
    }

    fn leave(&self, room: &str) -> Step {
        let leave = format!("{{\"type\":\"leave\",\"channel\":\"{room}\",\"ref\":\"leave\"}}\n");
        Step::new(leave, "\"ref\":\"leave\"")
    }

    fn echoes(&self) -> bool {
        true
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        let is = |kind: &str| contains(frame, &format!("\"type\":\"{kind}\""));
        if is("ping") {
            return Frame::Ping(b"{\"type\":\"ping\"}\n".to_vec());
        }
        let known =
            ["ack", "ok", "pong", "welcome", "roster", "user_joined", "user_left", "goodbye"];
        if known.into_iter().any(is) { Frame::Other } else { Frame::server_error(frame) }
    }
}
