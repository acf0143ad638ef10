//! Lists the channels that a user is invited into.

use super::reader::Reader;
use crate::Event;

pub(super) fn list(reader: Reader<'_>) -> Event {
    let channels = match reader.user.account() {
        Some(account) => {
            let known = reader.state.durable.account(account);
            known.map(|known| known.invitations.iter().cloned().collect()).unwrap_or_default()
        }
        None => reader.user.invitations().to_vec(),
    };
    Event::Invitations { channels }
}
