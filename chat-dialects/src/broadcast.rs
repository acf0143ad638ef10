//! An event on its way to its recipients.

use chat_core::{Event, Timestamp};

/// An event that is delivered to several sessions.
#[derive(Clone, Copy)]
pub(crate) struct Broadcast<'a> {
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
    /// True if the event may change the name or the channels of a recipient's own user.
    pub(crate) may_move_recipient: bool,
}

impl<'a> Broadcast<'a> {
    pub(crate) fn new(at: Timestamp, event: &'a Event) -> Self {
        let may_move_recipient = matches!(
            event,
            Event::Entered(_)
                | Event::Left { .. }
                | Event::Kicked { .. }
                | Event::ChannelClosed { .. }
                | Event::Renamed { .. }
        );
        Self { at, event, may_move_recipient }
    }
}
