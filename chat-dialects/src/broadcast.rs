//! An event on its way to its recipients.

use chat_core::{Event, Timestamp};

/// An event that is delivered to several sessions.
#[derive(Clone, Copy)]
pub(crate) struct Broadcast<'a> {
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
    /// True if the event may change the name, the channels or the marks of a recipient's own user,
    /// or application data.
    pub(crate) may_move_recipient: bool,
    /// True if recipients that read too slowly do without it.
    pub(crate) is_transient: bool,
    /// True if the recipients may be flushed later.
    pub(crate) may_wait: bool,
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
                | Event::ReadMarked { .. }
                | Event::ChannelDataChanged { .. }
        ) || may_show_data(event);
        let is_transient = matches!(event, Event::Signalled(_));
        Self { at, event, may_move_recipient, is_transient, may_wait: false }
    }

    /// Lets the recipients wait if `enough` is true and the event is an announcement: one that the
    /// engine sends to no more than [`announce_up_to`](chat_core::Config::announce_up_to) members,
    /// and that nobody waits for.
    pub(crate) fn waiting_if(self, enough: bool) -> Self {
        let is_announcement = matches!(
            self.event,
            Event::Joined { .. }
                | Event::Left { .. }
                | Event::Quit { .. }
                | Event::Renamed { .. }
                | Event::AwayChanged { .. }
        );
        Self { may_wait: enough && is_announcement, ..self }
    }
}

/// Returns true if the event shows application data of a user that a recipient may not know yet.
fn may_show_data(event: &Event) -> bool {
    if let Event::UserInfoChanged { before, after } = event {
        before.data != after.data
    } else {
        matches!(event, Event::Joined { user, .. } if !user.data.is_empty())
    }
}
