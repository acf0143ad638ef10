//! Users, modes, times and durations in words.

use crate::times::Rfc3339;
use chat_core::{Message, Modes, Recipient, Role, Target, Timestamp, UserInfo};
use std::time::Duration;

/// Returns the whole identity of a user: `nick!user@host` as far as it is known, then the other
/// properties.
pub(super) fn identity_of(user: &UserInfo) -> String {
    let username = user.username.as_ref().map(|name| format!("!{name}"));
    let host = user.host.as_ref().map(|host| format!("@{host}"));
    let account = user.account.as_ref().map(|account| format!("account {account}"));
    let real_name = user.real_name.as_ref().map(|name| format!("real name {name}"));
    let bot = user.bot.then(|| "bot".to_owned());
    let further: Vec<String> = [account, real_name, bot].into_iter().flatten().collect();
    let further =
        if further.is_empty() { None } else { Some(format!(" ({})", further.join(", "))) };
    let [username, host, further] = [username, host, further].map(Option::unwrap_or_default);
    format!("{}{username}{host}{further}", user.nickname)
}

/// Splits a text into its first word and the rest.
pub(super) fn first(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// Writes a duration with its two largest units: `2d 3h`, `5m 10s`, `0s`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {}m", minutes % 60),
        (_, _, _) => format!("{days}d {}h", hours % 24),
    }
}

/// Writes a time to the second: `2026-01-01 14:03:22 UTC`.
pub(super) fn date_and_time(at: Timestamp) -> String {
    let at = Rfc3339::from(at);
    format!("{} {} UTC", &at.as_str()[..10], at.of_day())
}

/// Returns the time and the place of a message, with a space at the end.
pub(super) fn origin(message: &Message) -> String {
    let at = Rfc3339::from(message.at);
    let place = match &message.target {
        Target::Channel(channel) => channel.to_string(),
        Target::Members { channel, least } => format!("{channel} {}", for_members(*least)),
        Target::User(nickname) => format!("(to {nickname})"),
        _ => String::new(),
    };
    format!("{} {} {place} ", &at.as_str()[..10], at.of_day())
}

/// Returns the recipient of `/msg`: a user, or the members of a channel with a role, as in `@#tea`.
pub(super) fn recipient(word: &str) -> Recipient {
    let members = |sign, least| {
        let channel = word.strip_prefix(sign).filter(|channel| channel.starts_with('#'))?;
        Some(Recipient::Members { channel: channel.to_owned(), least })
    };
    members('~', Role::Owner)
        .or_else(|| members('@', Role::Operator))
        .or_else(|| members('+', Role::Voiced))
        .unwrap_or_else(|| Recipient::User(word.to_owned()))
}

/// Returns the mark of a message that is for the members with at least this role.
pub(super) fn for_members(least: Role) -> &'static str {
    match least {
        Role::Owner => "(to owners)",
        Role::Operator => "(to operators)",
        Role::Voiced => "(to voiced members)",
        Role::Member => "(to members)",
        _ => "(to some members)",
    }
}

pub(super) fn listing(names: &[&str], count: usize) -> String {
    match count.saturating_sub(names.len()) {
        0 => names.join(", "),
        omitted => format!("{} and {omitted} more", names.join(", ")),
    }
}

pub(super) fn mode_words(modes: &Modes) -> String {
    let switches = modes.switches().into_iter().filter(|(_, on)| *on);
    let mut words: Vec<String> = switches.map(|(name, _)| format!("+{name}")).collect();
    words.extend(modes.key.as_ref().map(|key| format!("key={key}")));
    words.extend(modes.member_limit.map(|limit| format!("limit={limit}")));
    words.extend(modes.written_keep().map(|keep| format!("keep={keep}")));
    if words.is_empty() { "none".into() } else { words.join(" ") }
}

/// Returns a text as a sentence, with a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(characters).collect();
    sentence.push('.');
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_has_its_two_largest_units() {
        for (seconds, words) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m 0s"),
            (3_599, "59m 59s"),
            (3_600, "1h 0m"),
            (86_399, "23h 59m"),
            (86_400, "1d 0h"),
            (1_000_000, "11d 13h"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), words);
        }
    }
}
