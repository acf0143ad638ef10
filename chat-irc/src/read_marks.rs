//! The times up to which a client has read its channels and conversations.

use chat_core::{ChannelName, MessageId, Nickname, Target, Timestamp};
use std::collections::BTreeMap;

/// The marks of a client, by channel or nickname, folded. IRC marks times, and the engine marks
/// messages, for accounts only. The conversation keeps the times, at most [`MOST`](Self::MOST).
#[derive(Debug, Default)]
pub(crate) struct ReadMarks(BTreeMap<Box<str>, ReadMark>);

/// The mark of a channel or a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadMark {
    /// The time, as far as it is known.
    pub(crate) at: Option<Timestamp>,
    /// A message that the engine has as the mark, whose time has not been looked up.
    pub(crate) message: Option<MessageId>,
}

impl ReadMarks {
    /// The most marks. The earliest is forgotten first.
    const MOST: usize = 200;

    pub(crate) fn get(&self, target: &str) -> ReadMark {
        key(target).and_then(|key| self.0.get(&key)).copied().unwrap_or_default()
    }

    /// Notes that a client has read up to a time, and returns the latest such time.
    pub(crate) fn note_time(&mut self, target: &str, at: Timestamp) -> Timestamp {
        let Some(mark) = self.mark(target) else { return at };
        let latest = mark.at.map_or(at, |known| known.max(at));
        (mark.at, mark.message) = (Some(latest), None);
        latest
    }

    /// Notes the mark of the engine.
    pub(crate) fn note_message(&mut self, target: &str, message: MessageId) {
        if let Some(mark) = self.mark(target) {
            mark.message = Some(message);
        }
    }

    fn mark(&mut self, target: &str) -> Option<&mut ReadMark> {
        let key = key(target)?;
        if self.0.len() == Self::MOST && !self.0.contains_key(&key) {
            let earliest =
                self.0.iter().min_by_key(|(_, mark)| mark.at).map(|(key, _)| key.clone());
            self.0.remove(&earliest?);
        }
        Some(self.0.entry(key).or_default())
    }
}

/// Returns the name of a target as it is written in a line.
pub(crate) fn written(target: &Target) -> Option<String> {
    match target {
        Target::Channel(name) | Target::Members { channel: name, .. } => {
            Some(crate::identity::channel(name).into_owned())
        }
        Target::User(nickname) => Some(nickname.shown().to_owned()),
        _ => None,
    }
}

/// Returns the key of a channel or a nickname; `None` if it is neither.
fn key(target: &str) -> Option<Box<str>> {
    if target.starts_with('#') {
        let name = ChannelName::parse(target).ok()?;
        return Some(format!("#{}", name.folded()).into());
    }
    Nickname::parse(target).ok().map(|nickname| nickname.folded().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_only_grow_and_are_bounded() {
        let at = Timestamp::from_millis;
        let mut marks = ReadMarks::default();
        assert_eq!(marks.note_time("#A", at(5)), at(5));
        assert_eq!(marks.note_time("#a", at(3)), at(5));
        marks.note_message("bob", MessageId(7));
        assert_eq!(marks.get("BOB").message, Some(MessageId(7)));
        assert_eq!(marks.get("#a").at, Some(at(5)));
        for index in 0..ReadMarks::MOST {
            marks.note_time(&format!("#{index}"), at(9));
        }
        assert_eq!(marks.0.len(), ReadMarks::MOST);
        assert_eq!((marks.get("#a"), marks.get("bob")), Default::default());
        assert_eq!(marks.note_time("a b", at(1)), at(1));
    }
}
