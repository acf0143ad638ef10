//! Counts users, sessions and channels.

use super::reader::Reader;
use crate::{Counts, Event};

pub(super) fn show(reader: Reader<'_>) -> Event {
    let state = reader.state;
    Event::CountsShown(Counts {
        users: state.users.len(),
        invisible: state.invisible_count(),
        operators: state.operators().len(),
        newcomers: state.newcomers,
        channels: state.durable.channels.len(),
        most_users: state.most_users,
    })
}
