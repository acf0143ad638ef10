//! The capabilities that matter for the encoding of an event.

use crate::capability::Capabilities;
use chat_core::Event;

/// Returns the capabilities that change the encoding of an event. Readers who differ only in others
/// share one encoding.
pub(crate) fn relevant(event: &Event) -> Capabilities {
    if let Event::Joined { away, .. } = event {
        let joined = Capabilities::TAGS.with(Capabilities::EXTENDED_JOIN);
        if away.is_some() { joined.with(Capabilities::AWAY_NOTIFY) } else { joined }
    } else if matches!(event, Event::AwayChanged { .. }) {
        Capabilities::TAGS.with(Capabilities::AWAY_NOTIFY)
    } else if matches!(event, Event::UserInfoChanged { .. }) {
        let changes = Capabilities::CHGHOST.with(Capabilities::SETNAME);
        Capabilities::TAGS.with(Capabilities::ACCOUNT_NOTIFY).with(changes)
    } else {
        Capabilities::TAGS
    }
}
