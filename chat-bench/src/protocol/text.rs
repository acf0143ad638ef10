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

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        if frame.starts_with(b"* ") { Frame::Aside } else { Frame::complaint(frame) }
    }
}
