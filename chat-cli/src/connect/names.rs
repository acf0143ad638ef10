//! When two names are the same.

use chat_core::{ChannelName, Nickname};

/// What a channel is known by, however it is written.
pub(super) fn channel_key(name: &str) -> String {
    ChannelName::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// What a user is known by, however they are written.
pub(super) fn nickname_key(name: &str) -> String {
    Nickname::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// Whether this is one and the same user.
pub(super) fn same_user(one: &str, other: &str) -> bool {
    one == other || nickname_key(one) == nickname_key(other)
}
