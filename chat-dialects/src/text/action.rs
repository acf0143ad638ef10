//! Actions on channels and members in words.

use super::words::mode_words;
use chat_core::{Actor, Event, MaskChange, Nickname, Text};

/// Returns the line about an action on a channel or a member, such as a new topic or a kick.
pub(super) fn action_text(event: &Event) -> Option<String> {
    Some(match event {
        Event::TopicChanged { topic, by, .. } => match topic {
            Some(topic) => format!("{by} set the topic: {}", topic.text),
            None => format!("{by} removed the topic"),
        },
        Event::ModesChanged { modes, by, .. } => {
            format!("{by} set the modes: {}", mode_words(modes))
        }
        Event::RoleChanged { user, after, by, .. } => {
            format!("{user} was made {} by {by}", after.role())
        }
        Event::Kicked { user, by, reason, banned, .. } => {
            passive(if *banned { "banned" } else { "kicked" }, &user.nickname, by, reason)
        }
        Event::Banned { nickname, by, reason, .. } => passive("banned", nickname, by, reason),
        Event::Unbanned { nickname, by, .. } => passive("unbanned", nickname, by, &None),
        Event::Muted { nickname, by, reason, .. } => passive("muted", nickname, by, reason),
        Event::Unmuted { nickname, by, .. } => passive("unmuted", nickname, by, &None),
        Event::MaskChanged(change) => mask_change(change),
        Event::Exempted { nickname, by, .. } => {
            passive("exempted from bans and mutes", nickname, by, &None)
        }
        Event::Unexempted { nickname, by, .. } => {
            format!("{nickname} is no longer exempted from bans and mutes, says {by}")
        }
        Event::Welcomed { .. }
        | Event::Entered(_)
        | Event::EnteredMany { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Quit { .. }
        | Event::Goodbye { .. }
        | Event::Sent { .. }
        | Event::Said(_)
        | Event::Renamed { .. }
        | Event::UserInfoChanged { .. }
        | Event::TopicShown { .. }
        | Event::ModesShown { .. }
        | Event::Invited { .. }
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Playback(_)
        | Event::PrivateHistory { .. }
        | Event::Missed { .. }
        | Event::ReadMarked { .. }
        | Event::Signalled(_)
        | Event::MessageChanged(_)
        | Event::Found { .. }
        | Event::ListShown { .. }
        | Event::PinsShown { .. }
        | Event::Invitations { .. }
        | Event::Targets { .. }
        | Event::UserShown(_)
        | Event::WasHereShown { .. }
        | Event::UserModesChanged { .. }
        | Event::PresenceChanged { .. }
        | Event::WatchedShown { .. }
        | Event::Announced { .. }
        | Event::CountsShown(_)
        | Event::AwayChanged { .. }
        | Event::ChannelClosed { .. }
        | Event::ChannelDataChanged { .. }
        | Event::ChannelCreated { .. }
        | Event::ServerBanned(_)
        | Event::ServerUnbanned { .. }
        | Event::ServerBansShown { .. }
        | Event::AuditLogShown { .. }
        | Event::Reported(_)
        | Event::ReportClosed { .. }
        | Event::ReportsShown { .. }
        | Event::Disconnected { .. }
        | Event::LoggedIn(_)
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Sessions { .. }
        | Event::AccountRemoved { .. }
        | Event::Rejected(_) => return None,
        _ => return None,
    })
}

fn mask_change(change: &MaskChange) -> String {
    let MaskChange { list, mask, listed, by, reason, .. } = change;
    let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let list = list.name().replace('_', " ");
    match listed {
        true => format!("{by} added {mask} to the {list}{reason}"),
        false => format!("{by} removed {mask} from the {list}{reason}"),
    }
}

fn passive(what: &str, nickname: &Nickname, by: &Actor, reason: &Option<Text>) -> String {
    match reason {
        Some(reason) => format!("{nickname} was {what} by {by}: {reason}"),
        None => format!("{nickname} was {what} by {by}"),
    }
}
