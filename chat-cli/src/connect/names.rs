//! Compares and writes names as the server does.

use chat_server::engine::{ChannelName, Nickname};

/// Returns a key that is equal for all spellings of a channel's name.
pub(super) fn channel_key(name: &str) -> String {
    ChannelName::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// Returns a channel's name without the `#` that a user may type, as the server writes it. A second
/// `#` belongs to the name, and both are written then.
pub(super) fn bare_channel(name: &str) -> String {
    ChannelName::parse(name).map_or_else(|_| name.to_owned(), |name| name.shown().to_owned())
}

/// Returns a channel's name with its `#`.
pub(super) fn channel_title(name: &str) -> String {
    ChannelName::parse(name).map_or_else(|_| format!("#{name}"), |name| name.to_string())
}

/// Returns a key that is equal for all spellings of a nickname.
pub(super) fn nickname_key(name: &str) -> String {
    Nickname::parse(name).map_or_else(|_| name.to_lowercase(), |name| name.folded().to_owned())
}

/// Returns true if two nicknames belong to the same user.
pub(super) fn same_user(one: &str, other: &str) -> bool {
    one == other || nickname_key(one) == nickname_key(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_sign_belongs_to_the_name_of_a_channel() {
        for (typed, bare, title) in [
            ("rust", "rust", "#rust"),
            ("#Rust", "Rust", "#Rust"),
            ("##rust", "##rust", "##rust"),
            ("c#", "c#", "#c#"),
        ] {
            assert_eq!(
                (bare_channel(typed).as_str(), channel_title(typed).as_str()),
                (bare, title)
            );
            assert_eq!(channel_key(&bare_channel(typed)), channel_key(&channel_title(typed)));
        }
        assert_ne!(channel_key("#rust"), channel_key("##rust"));
    }
}
