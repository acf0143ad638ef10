//! Requests for a part of a history (IRCv3 draft/chathistory).

use crate::message_id::{EventId, WireId};
use chat_core::{Event, EventKey, HistoryRange, Message, MessageId, PlaybackItem, Timestamp};
use chat_dialects::parse_rfc3339;

/// A point of a history, which a client has named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    Message { at: Timestamp, id: MessageId },
    Event { at: Timestamp, key: EventKey },
    Time(Timestamp),
}

/// A part of a history: a page of the engine, and the messages of it that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) range: HistoryRange,
    /// The event at the time of the range, which the range begins at.
    pub(crate) event: Option<EventKey>,
    after: Option<Point>,
    before: Option<Point>,
}

impl Point {
    /// Reads `msgid=…` or `timestamp=…`. A message of an earlier epoch counts as its time, because
    /// its number may be that of another message now.
    pub(crate) fn parse(text: &str, epoch: Timestamp) -> Option<Self> {
        if let Some(at) = text.strip_prefix("timestamp=") {
            return parse_rfc3339(at).map(Self::Time);
        }
        let id = text.strip_prefix("msgid=")?;
        if let Some(EventId { at, key }) = EventId::parse(id) {
            return Some(Self::Event { at, key });
        }
        let WireId { at, id } = WireId::parse(id)?;
        Some(if at < epoch { Self::Time(at) } else { Self::Message { at, id } })
    }

    /// Returns the time of a `timestamp=…`.
    pub(crate) fn time(text: &str) -> Option<Timestamp> {
        parse_rfc3339(text.strip_prefix("timestamp=")?)
    }

    fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::Message { id, .. }, Self::Message { id: other, .. }) => id < other,
            (Self::Message { .. } | Self::Event { .. } | Self::Time(_), _) => {
                self.at() < other.at()
            }
        }
    }

    fn at(self) -> Timestamp {
        match self {
            Self::Message { at, .. } | Self::Event { at, .. } | Self::Time(at) => at,
        }
    }

    fn is_after_message(self, message: &Message) -> bool {
        match self {
            Self::Message { id, .. } => message.id < id,
            Self::Event { at, .. } | Self::Time(at) => message.at < at,
        }
    }

    fn is_before_message(self, message: &Message) -> bool {
        match self {
            Self::Message { id, .. } => id < message.id,
            Self::Event { at, .. } | Self::Time(at) => at < message.at,
        }
    }

    fn event(self) -> Option<EventKey> {
        match self {
            Self::Event { key, .. } => Some(key),
            Self::Message { .. } | Self::Time(_) => None,
        }
    }

    /// Returns true if an item of a page is the message or the event of this point.
    fn is_at(self, item: &PlaybackItem<Event>) -> bool {
        match (self, item) {
            (Self::Message { id, .. }, PlaybackItem::Message(message)) => message.id == id,
            (Self::Event { at, key }, PlaybackItem::Event(event)) => {
                event.at == at && event.event.key() == Some(key)
            }
            (Self::Message { .. } | Self::Event { .. } | Self::Time(_), _) => false,
        }
    }
}

impl Part {
    /// The newest messages, if they are after a point.
    pub(crate) fn latest(after: Option<Point>) -> Self {
        Self { range: HistoryRange::Latest, event: None, after, before: None }
    }

    pub(crate) fn before(point: Point) -> Self {
        let range = match point {
            Point::Message { id, .. } => HistoryRange::Before(id),
            Point::Event { at, .. } | Point::Time(at) => HistoryRange::BeforeTime(at),
        };
        Self { range, event: point.event(), after: None, before: None }
    }

    pub(crate) fn after(point: Point) -> Self {
        let range = match point {
            Point::Message { id, .. } => HistoryRange::After(id),
            Point::Event { at, .. } | Point::Time(at) => HistoryRange::AfterTime(at),
        };
        Self { range, event: point.event(), after: None, before: None }
    }

    pub(crate) fn around(point: Point) -> Self {
        let range = match point {
            Point::Message { id, .. } => HistoryRange::Around(id),
            Point::Event { at, .. } | Point::Time(at) => HistoryRange::At(at),
        };
        Self { range, event: point.event(), after: None, before: None }
    }

    /// The messages between two points, those next to the first one.
    pub(crate) fn between(first: Point, second: Point) -> Self {
        if first.is_before(second) {
            Self { before: Some(second), ..Self::after(first) }
        } else {
            Self { after: Some(second), ..Self::before(first) }
        }
    }

    /// Returns true if a message of the page is wanted.
    pub(crate) fn contains(&self, message: &Message) -> bool {
        self.after.is_none_or(|point| point.is_before_message(message))
            && self.before.is_none_or(|point| point.is_after_message(message))
    }

    /// Returns the messages and events of a page that are wanted.
    pub(crate) fn of_page<'a>(
        &self,
        items: &'a [PlaybackItem<Event>],
    ) -> impl Iterator<Item = &'a PlaybackItem<Event>> {
        // A point that the page does not have counts as its time.
        let index = |point: Point| items.iter().position(|item| point.is_at(item));
        let first = |point: Point| match index(point) {
            Some(index) => index + 1,
            None => items.partition_point(|item| item.at() <= point.at()),
        };
        let end = |point: Point| {
            index(point).unwrap_or_else(|| items.partition_point(|item| item.at() < point.at()))
        };
        let (first, end) = (self.after.map_or(0, first), self.before.map_or(items.len(), end));
        items.get(first..end).unwrap_or_default().iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Timestamp = Timestamp::from_millis(1_000);

    #[test]
    fn message_of_an_earlier_epoch_is_its_time() {
        let at = Timestamp::from_millis;
        let read = |text| Point::parse(text, EPOCH);
        let message = Point::Message { at: at(1_000), id: MessageId(2) };
        assert_eq!(read("msgid=3e8-2"), Some(message));
        assert_eq!(read("msgid=3e7-2"), Some(Point::Time(at(999))));
        assert_eq!(read("timestamp=1970-01-01T00:00:02.000Z"), Some(Point::Time(at(2_000))));
        for wrong in ["", "*", "msgid=", "timestamp=", "timestamp=noon", "msgid=x", "id=3e8-2"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn direction_of_a_part_between_points_is_that_of_the_points() {
        let message =
            |millis, id| Point::Message { at: Timestamp::from_millis(millis), id: MessageId(id) };
        let time = |millis| Point::Time(Timestamp::from_millis(millis));
        let range = |first, second| Part::between(first, second).range;
        assert_eq!(range(message(1, 1), message(1, 2)), HistoryRange::After(MessageId(1)));
        assert_eq!(range(message(1, 2), message(1, 1)), HistoryRange::Before(MessageId(2)));
        assert_eq!(range(message(1, 1), time(2)), HistoryRange::After(MessageId(1)));
        assert_eq!(
            range(time(2), message(1, 1)),
            HistoryRange::BeforeTime(Timestamp::from_millis(2))
        );
    }
}
