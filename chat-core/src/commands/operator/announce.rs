//! Announces something to the users who want to hear it.

use super::super::authority::Authority;
use crate::{Event, Text};

pub(super) fn announce(authority: &mut Authority<'_>, text: Text) -> Event {
    let sessions = authority.state.announcement_sessions();
    let event = Event::Announced { by: authority.actor(), text };
    authority.tell_sessions(&sessions, || event.clone());
    event
}
