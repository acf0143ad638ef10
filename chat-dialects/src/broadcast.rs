//! An event on its way to the sessions that hear of it.

use chat_core::{Event, Timestamp};

/// An event that is delivered to several sessions.
#[derive(Clone, Copy)]
pub(crate) struct Broadcast<'a> {
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
    /// True if the event may change the name or the channels of a recipient's own user.
    pub(crate) moves_somebody: bool,
}

impl<'a> Broadcast<'a> {
    pub(crate) fn new(at: Timestamp, event: &'a Event) -> Self {
        let moves_somebody = matches!(
            event,
            Event::Entered(_) | Event::Left { .. } | Event::Kicked { .. } | Event::Renamed { .. }
        );
        Self { at, event, moves_somebody }
    }
}
