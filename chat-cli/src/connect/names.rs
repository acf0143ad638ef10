//! Compares names as the server does.

use chat_server::engine::{ChannelName, Nickname};

/// Returns a key that is equal for all spellings of a channel's name.
pub(super) fn channel_key(name: &str) -> String {
    ChannelName::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// Returns a key that is equal for all spellings of a nickname.
pub(super) fn nickname_key(name: &str) -> String {
    Nickname::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// Returns true if two nicknames belong to the same user.
pub(super) fn same_user(one: &str, other: &str) -> bool {
    one == other || nickname_key(one) == nickname_key(other)
}
