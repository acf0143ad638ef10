//! What a dialect puts on the wire, before a transport frames it.

use bytes::Bytes;

/// One message without its terminator. Always UTF-8. Cloning shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    text: Bytes,
    is_prompt: bool,
}

/// Frames in the order in which they are to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames(Vec<Frame>);

impl Frame {
    /// A frame that a line end follows, where there are lines.
    pub fn new(text: String) -> Self {
        Self { text: text.into(), is_prompt: false }
    }

    /// A frame that no line end follows, so that what is typed stands behind it.
    pub fn prompt(text: String) -> Self {
        Self { text: text.into(), is_prompt: true }
    }

    /// The frame's text, as UTF-8.
    pub fn bytes(&self) -> &Bytes {
        &self.text
    }

    /// Whether no line end follows.
    pub fn is_prompt(&self) -> bool {
        self.is_prompt
    }
}

impl Frames {
    /// Adds a frame.
    pub fn push(&mut self, text: impl Into<String>) {
        self.0.push(Frame::new(text.into()));
    }

    /// Adds a frame that no line end follows.
    pub fn push_prompt(&mut self, text: impl Into<String>) {
        self.0.push(Frame::prompt(text.into()));
    }

    /// Drops all frames and keeps the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The frames, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Frame> {
        self.0.iter()
    }
}
