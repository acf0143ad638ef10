//! This server's text dialect in style `bracket`.

use super::{Frame, Protocol, Step, line};

/// Lines of text. The server assigns the nickname, and does not echo messages.
pub(crate) struct Text;

impl Protocol for Text {
    fn enter(&self, _: &str) -> Vec<Step> {
        vec![Step::new("", "* user")]
    }

    fn join(&self, room: &str, _: &str) -> Step {
        Step::new(format!("/join {room}\n"), "* you are on #")
    }

    fn say(&self, _: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        out.push(b'\n');
    }

    fn leave(&self, room: &str) -> Step {
        Step::new(format!("/leave {room}\n"), "* you left #")
    }

    fn rename(&self, nickname: &str) -> Option<Step> {
        Some(Step::new(format!("/name {nickname}\n"), format!(" is now known as {nickname}\n")))
    }

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        // Events of channels other than the current one begin with the name of the channel.
        let is_elsewhere = frame.starts_with(b"#lobby * ");
        // A client that leaves its last channel is told so. If it sends messages then, they are
        // found missing, so that ignoring this hides no error.
        let is_nowhere = frame.starts_with(b"You are not on a channel.");
        let is_other = frame.starts_with(b"* ") || is_elsewhere || is_nowhere;
        if is_other { Frame::Other } else { Frame::server_error(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_no_server_errors_and_lag_notices_are() {
        assert_eq!(Text.read(b"* user2 joined the chat\n"), Frame::Other);
        assert_eq!(Text.read(b"#lobby * user2 joined the chat\n"), Frame::Other);
        let missed = Frame::ServerError("[missed 5 messages]".into());
        assert_eq!(Text.read(b"[missed 5 messages]\n"), missed);
    }
}
