//! This server's text dialect in style `bracket`.

use super::{Frame, Protocol, Step, line};

/// Lines for people; the server gives the name, and nobody is sent what they say themselves.
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

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        // What happens where one is not looking has the name of the channel in front.
        let is_elsewhere = frame.starts_with(b"#lobby * ");
        // Who leaves their last channel is told so. What they say then is missing, so that this
        // hides nothing.
        let is_nowhere = frame.starts_with(b"You are not on a channel.");
        let aside = frame.starts_with(b"* ") || is_elsewhere || is_nowhere;
        if aside { Frame::Aside } else { Frame::complaint(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_no_complaint_and_what_was_missed_is_one() {
        assert_eq!(Text.read(b"* user2 joined the chat\n"), Frame::Aside);
        assert_eq!(Text.read(b"#lobby * user2 joined the chat\n"), Frame::Aside);
        let missed = Frame::Complaint("[missed 5 messages]".into());
        assert_eq!(Text.read(b"[missed 5 messages]\n"), missed);
    }
}
