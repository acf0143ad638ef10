//! Generates recipients other than whole channels.

use super::pick;
use chat_core::{Recipient, Role};

/// Returns a user, or the members of a channel with a role.
pub(super) fn some(channel: String, nickname: String, byte: u8) -> Recipient {
    match byte & 0x30 {
        0 => Recipient::Members { channel, least: pick(ROLES, byte) },
        _ => Recipient::User(nickname),
    }
}

const ROLES: &[Role] = &[Role::Member, Role::Voiced, Role::Operator, Role::Owner];
