//! What others did, on its way to those who are told.

use chat_core::{Event, Timestamp};

/// Something that others did.
#[derive(Clone, Copy)]
pub(crate) struct News<'a> {
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
    /// Whether a conversation has to look whether it is its own user who is elsewhere now, or somebody else.
    pub(crate) moves_somebody: bool,
}

impl<'a> News<'a> {
    pub(crate) fn new(at: Timestamp, event: &'a Event) -> Self {
        let moves_somebody = matches!(
            event,
            Event::Entered(_) | Event::Left { .. } | Event::Kicked { .. } | Event::Renamed { .. }
        );
        Self { at, event, moves_somebody }
    }
}
