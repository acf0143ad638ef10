//! Plain lines: what one says, the others in the room are sent as it is.

use super::{Frame, Protocol, Step, line};

/// What the floor speaks: `/join ROOM NAME`, answered by `ok`, and then messages.
pub(crate) struct Plain;

impl Protocol for Plain {
    fn enter(&self, _: &str) -> Vec<Step> {
        Vec::new()
    }

    fn join(&self, room: &str, nickname: &str) -> Step {
        Step::new(format!("/join {room} {nickname}\n"), "ok\n")
    }

    fn say(&self, _: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
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
        if frame == b"ok\n" { Frame::Aside } else { Frame::complaint(frame) }
    }
}
