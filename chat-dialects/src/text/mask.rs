//! Commands about a user, or about all users whom a mask matches.

use chat_core::{Command, List};

/// Returns the command that adds a user or a mask to a list of a channel.
pub(super) fn add(list: List, channel: String, user: &str, reason: Option<String>) -> Command {
    let nickname = user.to_owned();
    if is_mask(user) {
        return Command::SetMask { channel, list, mask: nickname, listed: true, reason };
    }
    if list == List::Mutes {
        Command::Mute { channel, nickname, reason }
    } else if list == List::InviteExceptions {
        Command::Invite { channel, nickname }
    } else {
        Command::Ban { channel, nickname, reason }
    }
}

/// Returns the command that removes a user or a mask from a list of a channel.
pub(super) fn remove(list: List, channel: String, user: &str) -> Command {
    let nickname = user.to_owned();
    if is_mask(user) || list == List::InviteExceptions {
        return Command::SetMask { channel, list, mask: nickname, listed: false, reason: None };
    }
    if list == List::Mutes {
        Command::Unmute { channel, nickname }
    } else {
        Command::Unban { channel, nickname }
    }
}

/// Returns true if a word is a mask: no nickname has these characters.
fn is_mask(word: &str) -> bool {
    word.starts_with("~a:") || word.contains(['!', '@', '*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_have_characters_that_no_nickname_has() {
        for (word, expected) in
            [("bob", false), ("bob!*@*", true), ("b?b", true), ("~a:bob", true), ("@host", true)]
        {
            let command = add(List::Bans, "rust".into(), word, None);
            assert_eq!(matches!(command, Command::SetMask { .. }), expected, "{word}");
        }
    }
}
