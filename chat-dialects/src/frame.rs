//! What a dialect puts on the wire, before a transport frames it.

/// U+FEFF in UTF-8, with which some programs begin a text.
pub(crate) const BYTE_ORDER_MARK: &[u8; 3] = b"\xef\xbb\xbf";

/// One message without its terminator. Always UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    text: Vec<u8>,
    is_prompt: bool,
}

/// Frames in the order in which they are to be sent.
///
/// What is [cleared](Self::clear) is written over later, so that whoever keeps frames to write many
/// after each other in allocates for none.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    /// Behind the last frame there may be others, whose room is used again.
    frames: Vec<Frame>,
    count: usize,
}

impl Frame {
    /// The frame's text, as UTF-8.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether no line end follows.
    pub fn is_prompt(&self) -> bool {
        self.is_prompt
    }

    /// Forgets the text, and room that is unusually large.
    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(LONGEST_KEPT);
    }
}

impl Frames {
    /// Adds a frame that a line end follows, where there are lines.
    pub fn push(&mut self, text: impl AsRef<str>) {
        self.next(false).text.extend_from_slice(text.as_ref().as_bytes());
    }

    /// Adds a frame that no line end follows, so that what is typed stands behind it.
    pub fn push_prompt(&mut self, text: impl AsRef<str>) {
        self.next(true).text.extend_from_slice(text.as_ref().as_bytes());
    }

    /// Adds a frame that is written in place, without an allocation of its own. What is written is
    /// one message: it must not contain the terminator of a transport, such as a line end.
    pub fn write(&mut self, write: impl FnOnce(&mut String)) {
        let frame = self.next(false);
        let room = std::mem::take(&mut frame.text);
        let mut text = String::from_utf8(room).expect("there is nothing in it yet");
        write(&mut text);
        frame.text = text.into_bytes();
    }

    /// Adds a frame with an object as JSON.
    #[cfg(feature = "json")]
    pub(crate) fn write_json(&mut self, object: &impl serde::Serialize) {
        // Maps with string keys, strings and numbers: nothing in there can fail to be JSON, and
        // memory takes everything.
        serde_json::to_writer(&mut self.next(false).text, object)
            .expect("a struct of strings and numbers is JSON");
    }

    /// Drops all frames and keeps the room, as long as it is not much.
    pub fn clear(&mut self) {
        self.frames.truncate(MOST_KEPT);
        self.frames.iter_mut().take(self.count).for_each(Frame::clear);
        self.count = 0;
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The frames, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Frame> {
        self.frames[..self.count].iter()
    }

    /// Adds an empty frame.
    fn next(&mut self, is_prompt: bool) -> &mut Frame {
        if self.count == self.frames.len() {
            self.frames.push(Frame::default());
        }
        self.count += 1;
        let frame = &mut self.frames[self.count - 1];
        frame.is_prompt = is_prompt;
        frame
    }
}

impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Frames {}

/// How many frames' room is kept: most answers have no more.
const MOST_KEPT: usize = 4;
/// The most room that is kept of a frame, in bytes.
const LONGEST_KEPT: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cleared_is_not_seen_again() {
        let mut frames = Frames::default();
        for line in 0..MOST_KEPT + 1 {
            frames.push_prompt("x".repeat(line * LONGEST_KEPT));
        }
        frames.clear();
        assert!(frames.is_empty());
        assert_eq!(frames, Frames::default());
        frames.push("a");
        frames.write(|text| text.push('b'));
        frames.write_json(&["c"]);
        let texts: Vec<_> = frames.iter().map(|frame| (frame.bytes(), frame.is_prompt())).collect();
        assert_eq!(texts, [(&b"a"[..], false), (b"b", false), (br#"["c"]"#, false)]);
    }
}
