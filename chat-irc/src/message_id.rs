//! Ids of messages.

use chat_core::{EventKey, Message, MessageId, ReplyTo, Timestamp};
use std::fmt;

/// The id of a message, as clients see it. Numbers of messages may begin anew when a server without
/// a store is restarted, so the time is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireId {
    pub(crate) at: Timestamp,
    pub(crate) id: MessageId,
}

impl WireId {
    /// Reads an id that a client has sent. `None` if it cannot be one of this server.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('-')?;
        let number = |digits: &str| {
            let is_plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u64::from_str_radix(digits, 16).ok().filter(|_| is_plain)
        };
        Some(Self { at: Timestamp::from_millis(number(at)?), id: MessageId(number(id)?) })
    }

    /// Appends the id to a line, as `write!` does with more instructions.
    pub(crate) fn append(self, line: &mut String) {
        append_hex(line, self.at.as_millis());
        line.push('-');
        append_hex(line, self.id.0);
    }
}

impl From<&Message> for WireId {
    fn from(message: &Message) -> Self {
        Self { at: message.at, id: message.id }
    }
}

impl From<&ReplyTo> for WireId {
    fn from(parent: &ReplyTo) -> Self {
        Self { at: parent.at, id: parent.id }
    }
}

impl fmt::Display for WireId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.at.as_millis(), self.id.0)
    }
}

/// The id of an event of a channel or of a signal, as clients see it. It differs from those of
/// messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventId {
    pub(crate) at: Timestamp,
    pub(crate) key: EventKey,
}

impl EventId {
    /// Reads an id that a client has sent. `None` if it cannot be one of this server.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (at, key) = text.split_once("-k")?;
        let WireId { at, id: MessageId(key) } = WireId::parse(&format!("{at}-{key}"))?;
        Some(Self { at, key: EventKey(key) })
    }

    /// Appends the id to a line.
    pub(crate) fn append(self, line: &mut String) {
        append_hex(line, self.at.as_millis());
        line.push_str("-k");
        append_hex(line, self.key.0);
    }
}

/// Appends a number in hexadecimal digits.
fn append_hex(line: &mut String, number: u64) {
    let mut digits = [b'0'; 16];
    let (mut start, mut rest) = (digits.len(), number);
    loop {
        start -= 1;
        digits[start] = b"0123456789abcdef"[(rest % 16) as usize];
        rest /= 16;
        if rest == 0 {
            break;
        }
    }
    line.push_str(std::str::from_utf8(&digits[start..]).expect("digits are ASCII"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn id_is_read_as_it_was_written() {
        let id = WireId { at: Timestamp::from_millis(1_767_225_600_000), id: MessageId(255) };
        assert_eq!(id.to_string(), "19b76daa800-ff");
        assert_eq!(WireId::parse("19b76daa800-ff"), Some(id));
        for wrong in
            ["", "-", "1", "1-", "-1", "1-+1", "1-1-1", "x-1", "11111111111111111-1", "1-s1"]
        {
            assert_eq!(WireId::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn id_of_an_event_is_read_as_it_was_written() {
        let id = EventId { at: Timestamp::from_millis(1_767_225_600_000), key: EventKey(255) };
        let mut line = String::new();
        id.append(&mut line);
        assert_eq!(line, "19b76daa800-kff");
        assert_eq!(EventId::parse(&line), Some(id));
        assert_eq!(WireId::parse(&line), None);
        for wrong in ["", "-k", "1-k", "-k1", "1-1", "1-e1", "1-k-1", "1-k+1", "1-1-k1", "x-k1"] {
            assert_eq!(EventId::parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn appended_id_is_the_displayed_one(at in any::<u64>(), id in any::<u64>(), bits in 0..64) {
            let (at, id) = (Timestamp::from_millis(at >> bits), MessageId(id >> (63 - bits)));
            let mut line = String::new();
            WireId { at, id }.append(&mut line);
            prop_assert_eq!(line, WireId { at, id }.to_string());
        }
    }
}
