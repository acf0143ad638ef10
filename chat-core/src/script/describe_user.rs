//! Writes events about users as text for transcripts.

use crate::{Counts, PresenceChange, UserInfo, UserModes, Watched};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) fn modes(user: &UserInfo, modes: UserModes) -> String {
    let UserModes { invisible, announcements, operator } = modes;
    let modes = [
        invisible.then_some("invisible"),
        announcements.then_some("with announcements"),
        operator.then_some("server operator"),
    ];
    let modes: Vec<&str> = modes.into_iter().flatten().collect();
    let modes = if modes.is_empty() { "none".into() } else { modes.join(", ") };
    format!("modes of {user}: {modes}")
}

pub(super) fn counts(counts: &Counts) -> String {
    let Counts { users, invisible, operators, newcomers, channels, most_users } = counts;
    format!(
        "{users} users ({invisible} invisible, {operators} server operators, at most {most_users} \
         so far), {newcomers} newcomers, {channels} channels"
    )
}

pub(super) fn presence(user: &UserInfo, change: &PresenceChange) -> String {
    match change {
        PresenceChange::Online => format!("watched {user} is online"),
        PresenceChange::Offline => format!("watched {user} is offline"),
        PresenceChange::Away(Some(text)) => format!("watched {user} is away: {text}"),
        PresenceChange::Away(None) => format!("watched {user} is back"),
        PresenceChange::Info(_) => format!("watched {user} has changed"),
    }
}

pub(super) fn watched(users: &[Watched]) -> String {
    let user = |watched: &Watched| {
        let away = watched.away.as_ref().map(|away| format!(", away: {away}"));
        let state = if watched.user.is_some() { "online" } else { "offline" };
        format!("{} ({state}{})", watched.nickname, away.unwrap_or_default())
    };
    let users: Vec<String> = users.iter().map(user).collect();
    if users.is_empty() {
        "watched: none".to_string()
    } else {
        format!("watched: {}", users.join(", "))
    }
}
