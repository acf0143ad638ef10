//! The capabilities that matter for the encoding of an event.

use crate::capability::Capabilities;
use chat_core::{Event, Message};

/// Returns the capabilities that change the encoding of an event. Readers who differ only in others
/// share one encoding.
pub(crate) fn relevant(event: &Event) -> Capabilities {
    if let Event::Joined { away, .. } = event {
        let joined = EVENT_TAGS.with(Capabilities::EXTENDED_JOIN);
        if away.is_some() { joined.with(Capabilities::AWAY_NOTIFY) } else { joined }
    } else if let Event::Said(message) = event
        && may_have_several_lines(message)
    {
        Capabilities::TAGS.with(Capabilities::MULTILINE).with(Capabilities::BATCH)
    } else if matches!(event, Event::AwayChanged { .. }) {
        Capabilities::TAGS.with(Capabilities::AWAY_NOTIFY)
    } else if matches!(event, Event::PresenceChanged { .. }) {
        let changes = Capabilities::CHGHOST.with(Capabilities::SETNAME);
        let changes = changes.with(Capabilities::ACCOUNT_NOTIFY).with(Capabilities::AWAY_NOTIFY);
        Capabilities::TAGS.with(Capabilities::EXTENDED_MONITOR).with(changes)
    } else if matches!(event, Event::MessageChanged(_)) {
        Capabilities::TAGS.with(Capabilities::MESSAGE_REDACTION)
    } else if matches!(event, Event::UserInfoChanged { .. }) {
        let changes = Capabilities::CHGHOST.with(Capabilities::SETNAME);
        Capabilities::TAGS.with(Capabilities::ACCOUNT_NOTIFY).with(changes)
    } else if is_kept(event) {
        EVENT_TAGS
    } else {
        Capabilities::TAGS
    }
}

/// Returns true if an event is kept with the messages of a channel, so that it has an id.
fn is_kept(event: &Event) -> bool {
    matches!(
        event,
        Event::Left { .. }
            | Event::Quit { .. }
            | Event::Renamed { .. }
            | Event::Kicked { .. }
            | Event::TopicChanged { .. }
            | Event::ModesChanged { .. }
            | Event::RoleChanged { .. }
    )
}

/// Returns true if a message is written as several lines, or might be.
fn may_have_several_lines(message: &Message) -> bool {
    let text = message.text.as_str();
    text.len() > SURELY_ONE_LINE || !is_one_line(text)
}

/// Returns true if a text has no line feed. It examines the whole text without an early exit, so
/// that the compiler can process many bytes at once.
pub(crate) fn is_one_line(text: &str) -> bool {
    text.bytes().fold(true, |one_line, byte| one_line & (byte != b'\n'))
}

/// The bytes of a text that fits into a line, whatever the lengths of names.
const SURELY_ONE_LINE: usize = 64;

/// The capabilities that change the tags of the lines of an event with an id.
const EVENT_TAGS: Capabilities = Capabilities::TAGS.with(Capabilities::EVENT_PLAYBACK);
