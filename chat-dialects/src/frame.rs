//! The output of a dialect, before a transport frames it.

/// U+FEFF in UTF-8. Some programs begin a text with it.
pub(crate) const BYTE_ORDER_MARK: &[u8; 3] = b"\xef\xbb\xbf";

/// One message without its terminator. Always UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    text: Vec<u8>,
    is_prompt: bool,
}

/// Frames in the order in which they are to be sent.
///
/// [`clear`](Self::clear) keeps the allocations, so that a buffer of frames that is used again and
/// again does not allocate.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    /// The frames after the first `count` are cleared ones, whose allocations are used again.
    frames: Vec<Frame>,
    count: usize,
}

impl Frame {
    /// The frame's text, as UTF-8.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Returns true if no line end follows.
    pub fn is_prompt(&self) -> bool {
        self.is_prompt
    }

    /// Clears the text, and frees an unusually large allocation.
    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(MAX_KEPT_BYTES);
    }
}

impl Frames {
    /// Adds a frame. Where frames are lines, a line end follows it.
    pub fn push(&mut self, text: impl AsRef<str>) {
        self.next(false).text.extend_from_slice(text.as_ref().as_bytes());
    }

    /// Adds a frame that no line end follows, so that a terminal shows the typed text behind it.
    pub fn push_prompt(&mut self, text: impl AsRef<str>) {
        self.next(true).text.extend_from_slice(text.as_ref().as_bytes());
    }

    /// Adds a frame that a closure writes in place, which saves the allocation of a text for
    /// [`push`](Self::push).
    ///
    /// The closure gets an empty string and appends the text to it. As with `push`, the text must
    /// not contain line ends, because a transport of lines would send it as several frames. Only
    /// the [text of a message](chat_core::Text::lines) may have any. If the closure panics, the
    /// frame stays empty.
    ///
    /// ```
    /// use chat_dialects::Frames;
    /// use std::fmt::Write;
    ///
    /// let mut frames = Frames::default();
    /// frames.write(|text| write!(text, "{} + {} = {}", 1, 2, 1 + 2).expect("a string has room"));
    /// assert_eq!(frames.iter().next().expect("a frame").bytes(), b"1 + 2 = 3");
    /// ```
    pub fn write(&mut self, write: impl FnOnce(&mut String)) {
        let frame = self.next(false);
        let allocation = std::mem::take(&mut frame.text);
        let mut text = String::from_utf8(allocation).expect("the frame is empty");
        write(&mut text);
        frame.text = text.into_bytes();
    }

    /// Adds a frame that contains the object as JSON.
    #[cfg(feature = "json")]
    pub(crate) fn write_json(&mut self, object: &impl serde::Serialize) {
        // Serialization cannot fail: the objects consist of maps with string keys, strings and
        // numbers, and writing to memory has no errors.
        serde_json::to_writer(&mut self.next(false).text, object)
            .expect("a struct of strings and numbers is JSON");
    }

    /// Removes all frames. Keeps the allocations, except unusually large ones.
    pub fn clear(&mut self) {
        self.frames.truncate(MAX_KEPT_FRAMES);
        self.frames.iter_mut().take(self.count).for_each(Frame::clear);
        self.count = 0;
    }

    /// Returns true if there are no frames.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the frames, in order.
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

/// The number of frames that keep their allocations: most replies have no more frames.
const MAX_KEPT_FRAMES: usize = 4;
/// The largest allocation that a frame keeps, in bytes.
const MAX_KEPT_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleared_frames_are_not_seen_again() {
        let mut frames = Frames::default();
        for line in 0..MAX_KEPT_FRAMES + 1 {
            frames.push_prompt("x".repeat(line * MAX_KEPT_BYTES));
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
