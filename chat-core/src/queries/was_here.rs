//! Looks up the users who had a nickname and have given it up.

use super::reader::Reader;
use crate::{Event, Nickname};

pub(super) fn show(reader: Reader<'_>, nickname: &Nickname, limit: usize) -> Event {
    let limit = limit.min(reader.state.config.listing);
    let (users, more) = reader.state.past_users.page(nickname, limit);
    Event::WasHereShown { nickname: nickname.clone(), users, more }
}
