//! The frames of version 2.

use super::chat::{write_ack, write_chat};
use super::event::{HistoryPlace, Object, further_statuses};
use super::read;
use super::reference::{Echo, Reference};
use super::session_object::AccountsObject;
use super::{account, mask, message, operator, signal, user, watch};
use crate::{Features, Frames, SendLimits};
use chat_core::{
    AccountName, Actor, ChannelName, Event, Modes, Nickname, Refusal, Roster, Secret, SessionId,
    Text,
};
use std::sync::Arc;

/// Writes an event about others.
pub(super) fn write_event(event: &Event, out: &mut Frames) {
    match event {
        Event::Joined { channel, user, away } => out.write_json(&Object::UserJoined {
            channel: channel.shown(),
            user: (&**user).into(),
            away: away.as_ref().map(Text::as_str),
            data: (&user.data).into(),
        }),
        // Another session of the reader's user has joined.
        Event::Entered(entered) => roster(None, entered, out),
        Event::Left { channel, user, reason } => left(channel, &user.nickname, reason, out),
        Event::Quit { user, reason, channels } => {
            channels.iter().for_each(|channel| left(channel, &user.nickname, reason, out));
        }
        Event::Said(message) => out.write(|out| write_chat(message, out)),
        Event::Renamed { from, to } => {
            let (from, to) = (from.nickname.shown(), to.nickname.shown());
            out.write_json(&Object::Renamed { from, to });
        }
        Event::UserInfoChanged { before: _, after } => out.write_json(&Object::UserChanged {
            user: (&**after).into(),
            real_name: after.real_name.as_ref().map(Text::as_str),
            data: (&after.data).into(),
        }),
        Event::TopicChanged { channel, topic, by } => {
            let mut object = Object::topic(None, channel.shown(), topic.as_ref());
            if let Object::Topic { by: changed_by, .. } = &mut object {
                // A removed topic has no author, so this is the user who removed it.
                *changed_by = Some(by.name());
            }
            out.write_json(&object);
        }
        Event::ModesChanged { channel, changes: _, modes, by } => {
            write_modes(None, channel, modes, Some(by), out)
        }
        Event::RoleChanged { channel, user, before: _, after, by } => {
            out.write_json(&Object::Role {
                channel: channel.shown(),
                nickname: user.nickname.shown(),
                role: after.role().name(),
                statuses: further_statuses(*after),
                by: by.name(),
            });
        }
        Event::ChannelDataChanged { channel, before: _, data, by } => {
            out.write_json(&Object::ChannelData {
                channel: channel.shown(),
                data: data.into(),
                by: by.name(),
            })
        }
        Event::ChannelClosed { channel, by, reason } => out.write_json(&Object::ChannelClosed {
            channel: channel.shown(),
            by: by.name(),
            reason: reason.as_ref().map(Text::as_str),
        }),
        Event::Kicked { channel, user, by, reason, banned } => out.write_json(&Object::Kicked {
            channel: channel.shown(),
            nickname: user.nickname.shown(),
            by: by.name(),
            reason: reason.as_ref().map(Text::as_str),
            banned: *banned,
        }),
        Event::Muted { channel, nickname, user: _, by, reason } => out.write_json(&Object::Muted {
            channel: channel.shown(),
            nickname: nickname.shown(),
            by: by.name(),
            reason: reason.as_ref().map(Text::as_str),
        }),
        Event::Unmuted { channel, nickname, by } => out.write_json(&Object::Unmuted {
            channel: channel.shown(),
            nickname: nickname.shown(),
            by: by.name(),
        }),
        Event::Banned { channel, nickname, by, reason, .. } => {
            mask::write_user("banned", (channel, nickname), by, reason.as_ref(), out);
        }
        Event::Unbanned { channel, nickname, by } => {
            mask::write_user("unbanned", (channel, nickname), by, None, out);
        }
        Event::Exempted { channel, nickname, user: _, by } => {
            mask::write_user("exempted", (channel, nickname), by, None, out);
        }
        Event::Unexempted { channel, nickname, by } => {
            mask::write_user("unexempted", (channel, nickname), by, None, out);
        }
        Event::MaskChanged(change) => mask::write(change, out),
        Event::Invited { channel, user: _, by } => {
            out.write_json(&Object::Invited { channel: channel.shown(), by: by.name() });
        }
        Event::Missed { messages, more, changed } => {
            read::write_missed(None, (messages, *more), changed, out);
        }
        Event::ReadMarked { target, id } => read::write_read(target, *id, out),
        Event::Signalled(signal) => signal::write(signal, out),
        Event::MessageChanged(change) => message::write_change(change, out),
        Event::Reported(report) => operator::write_reported(report, out),
        Event::UserModesChanged { user: _, before: _, after } => {
            user::write_modes(None, *after, out)
        }
        Event::Announced { by, text } => user::write_announced(by, text, out),
        Event::PresenceChanged { user, change } => watch::write_presence(user, change, out),
        Event::AwayChanged { user, message } => out.write_json(&Object::Away {
            nickname: user.nickname.shown(),
            message: message.as_ref().map(Text::as_str),
        }),
        Event::Welcomed { .. }
        | Event::EnteredMany { .. }
        | Event::CountsShown(_)
        | Event::WatchedShown { .. }
        | Event::ChannelCreated { .. }
        | Event::ServerBanned(_)
        | Event::ServerUnbanned { .. }
        | Event::ServerBansShown { .. }
        | Event::AuditLogShown { .. }
        | Event::ReportClosed { .. }
        | Event::ReportsShown { .. }
        | Event::Disconnected { .. }
        | Event::AccountRemoved { .. }
        | Event::LoggedIn(_)
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Sessions { .. }
        | Event::Goodbye { .. }
        | Event::Sent { .. }
        | Event::TopicShown { .. }
        | Event::ModesShown { .. }
        | Event::Users { .. }
        | Event::Channels { .. }
        | Event::History { .. }
        | Event::Playback(_)
        | Event::PrivateHistory { .. }
        | Event::Found { .. }
        | Event::ListShown { .. }
        | Event::PinsShown { .. }
        | Event::Invitations { .. }
        | Event::Targets { .. }
        | Event::UserShown(_)
        | Event::WasHereShown { .. }
        | Event::Rejected(_) => {}
        _ => {}
    }
}

/// Writes the reply to a request: one object with the request's `ref`, and further objects that
/// belong to it.
pub(super) fn write_reply(
    session: SessionId,
    server: &Arc<str>,
    (limits, features): (SendLimits, Features),
    reference: Option<&str>,
    event: &Event,
    out: &mut Frames,
) {
    match event {
        Event::Welcomed {
            user,
            lobby,
            boot,
            epoch,
            reconnected,
            token,
            resumed,
            conversations,
        } => {
            out.write_json(&Object::Welcome {
                reference,
                nickname: user.nickname.shown(),
                account: user.account.as_ref().map(AccountName::as_str),
                session: session.0,
                server,
                version: 2,
                boot: &boot.as_millis().to_string(),
                epoch: &epoch.as_millis().to_string(),
                token: token.as_ref().map(Secret::expose),
                limits: limits.into(),
                accounts: features
                    .accounts
                    .then_some(AccountsObject { register: features.registration }),
                reconnected: reconnected.is_some(),
                resumed: *resumed,
                conversations: conversations.iter().map(Into::into).collect(),
                channels: reconnected
                    .as_ref()
                    .map(|channels| channels.iter().map(ChannelName::shown).collect()),
                data: (&user.data).into(),
            });
            if let Some(lobby) = lobby {
                roster(None, lobby, out);
            }
        }
        Event::Entered(entered) => roster(reference, entered, out),
        // The rosters come first, so that the object with the `ref` is the last one.
        Event::EnteredMany { entered, refused } => {
            entered.iter().for_each(|one| roster(None, one, out));
            out.write_json(&Object::Joined {
                reference,
                channels: entered.iter().map(|roster| roster.channel.shown()).collect(),
                refused: refused.iter().map(Into::into).collect(),
            });
        }
        Event::Sent { message, away, repeated, offline } => {
            let away = away.as_ref().map(Text::as_str);
            out.write(|out| write_ack(reference, message, (away, *offline), out));
            // A message that the client has sent again is not delivered again.
            if !repeated {
                out.write(|out| write_chat(message, out));
            }
        }
        Event::LoggedIn(login) => account::write_logged_in(reference, login, out),
        Event::Sessions { sessions } => account::write_sessions(reference, sessions, out),
        Event::Goodbye { .. } => out.write_json(&Object::Goodbye { reference }),
        Event::TopicShown { channel, topic } => {
            out.write_json(&Object::topic(reference, channel.shown(), topic.as_ref()));
        }
        Event::ModesShown { channel, modes, .. } => {
            write_modes(reference, channel, modes, None, out)
        }
        Event::Users { channel, users, count, more, .. } => out.write_json(&Object::Users {
            reference,
            channel: channel.as_ref().map(ChannelName::shown),
            count: *count,
            users: users.iter().map(Into::into).collect(),
            more: *more,
        }),
        Event::Channels { channels, count, more } => out.write_json(&Object::Channels {
            reference,
            count: *count,
            channels: channels.iter().map(Into::into).collect(),
            more: *more,
        }),
        Event::History { channel, messages, more } => out.write_json(&Object::History {
            reference,
            place: HistoryPlace::Channel(channel.shown()),
            messages: messages.iter().map(|message| message.as_ref().into()).collect(),
            more: *more,
        }),
        Event::PrivateHistory { nickname, messages, more } => out.write_json(&Object::History {
            reference,
            place: HistoryPlace::To(nickname.shown()),
            messages: messages.iter().map(|message| message.as_ref().into()).collect(),
            more: *more,
        }),
        Event::Missed { messages, more, changed } => {
            read::write_missed(reference, (messages, *more), changed, out);
        }
        Event::Found { messages, next } => out.write_json(&Object::Found {
            reference,
            messages: messages.iter().map(|message| message.as_ref().into()).collect(),
            more: next.is_some(),
            older_than: next.map(|next| next.0),
        }),
        Event::ListShown { channel, list, entries, count, more } => {
            out.write_json(&Object::List {
                reference,
                channel: channel.shown(),
                list: list.name(),
                count: *count,
                entries: entries.iter().map(Into::into).collect(),
                more: *more,
            });
        }
        Event::ServerBansShown { bans, count, more } => {
            operator::write_server_bans(reference, (bans, *count, *more), out);
        }
        Event::ReportsShown { reports, count, more } => {
            operator::write_reports(reference, (reports, *count, *more), out);
        }
        Event::AuditLogShown { entries, more } => {
            operator::write_audit_log(reference, (entries, *more), out);
        }
        Event::Targets { targets, more } => read::write_targets(reference, targets, *more, out),
        Event::UserModesChanged { user: _, before: _, after } => {
            user::write_modes(reference, *after, out);
        }
        Event::CountsShown(counts) => user::write_counts(reference, counts, out),
        Event::WatchedShown { users } => watch::write_watched(reference, users, out),
        Event::PinsShown { channel, messages } => {
            message::write_pins(reference, channel, messages, out);
        }
        Event::Invitations { channels } => out.write_json(&Object::Invitations {
            reference,
            channels: channels.iter().map(ChannelName::shown).collect(),
        }),
        Event::UserShown(card) => out.write_json(&Object::User {
            reference,
            user: (&*card.user).into(),
            away: card.away.as_ref().map(Text::as_str),
            signed_on: card.signed_on.into(),
            idle_seconds: card.idle.as_secs(),
            channels: card.channels.iter().map(Into::into).collect(),
            operator: card.operator,
            data: (&card.user.data).into(),
        }),
        Event::WasHereShown { nickname, users, more } => out.write_json(&Object::Whowas {
            reference,
            nickname: nickname.shown(),
            users: users.iter().map(Into::into).collect(),
            more: *more,
        }),
        Event::Rejected(refusal) => {
            let retry_after_ms = if let Refusal::RateLimited { retry_after }
            | Refusal::TooManyLogins { retry_after }
            | Refusal::ReportsLimited { retry_after } = refusal
            {
                u64::try_from(retry_after.as_millis()).ok()
            } else {
                None
            };
            let (code, message) = (refusal.code(), refusal.to_string());
            let reference = reference.map(Echo::Text);
            out.write_json(&Object::Error { reference, code, message, retry_after_ms });
        }
        Event::Left { .. }
        | Event::Renamed { .. }
        | Event::Announced { .. }
        | Event::PresenceChanged { .. }
        | Event::UserInfoChanged { .. }
        | Event::TopicChanged { .. }
        | Event::ModesChanged { .. }
        | Event::RoleChanged { .. }
        | Event::Kicked { .. }
        | Event::Banned { .. }
        | Event::Unbanned { .. }
        | Event::Muted { .. }
        | Event::Unmuted { .. }
        | Event::Exempted { .. }
        | Event::Unexempted { .. }
        | Event::MaskChanged(_)
        | Event::Invited { .. }
        | Event::AwayChanged { .. }
        | Event::ReadMarked { .. }
        | Event::Signalled(_)
        | Event::MessageChanged(_)
        | Event::ChannelClosed { .. }
        | Event::ChannelDataChanged { .. }
        | Event::ChannelCreated { .. }
        | Event::ServerBanned(_)
        | Event::ServerUnbanned { .. }
        | Event::Disconnected { .. }
        | Event::Reported(_)
        | Event::ReportClosed { .. }
        | Event::LoggedOut
        | Event::PasswordChanged { .. }
        | Event::LoginChallenged { .. }
        | Event::SessionRevoked { .. }
        | Event::Playback(_)
        | Event::AccountRemoved { .. } => out.write_json(&Object::Ok { reference }),
        Event::Joined { .. } | Event::Quit { .. } | Event::Said(_) => {}
        // A request has exactly one answer, also from a newer engine.
        _ => out.write_json(&Object::Ok { reference }),
    }
}

/// Writes an error that does not come from a refusal of the engine.
pub(super) fn error(reference: Option<&Reference>, code: &str, message: &str, out: &mut Frames) {
    let message = message.to_owned();
    let reference = reference.map(Reference::echo);
    out.write_json(&Object::Error { reference, code, message, retry_after_ms: None });
}

fn roster(reference: Option<&str>, roster: &Roster, out: &mut Frames) {
    let object = Object::Roster {
        reference,
        channel: roster.channel.shown(),
        topic: roster.topic.as_ref().map(|topic| topic.text.as_str()),
        count: roster.count,
        members: roster.members.iter().map(Into::into).collect(),
        was_member: roster.was_member && reference.is_some(),
        read: roster.read.map(Into::into),
        data: (&roster.data).into(),
    };
    out.write_json(&object);
}

fn left(channel: &ChannelName, nickname: &Nickname, reason: &Option<Text>, out: &mut Frames) {
    let object = Object::UserLeft {
        channel: channel.shown(),
        nickname: nickname.shown(),
        reason: reason.as_ref().map(Text::as_str),
    };
    out.write_json(&object);
}

fn write_modes(
    reference: Option<&str>,
    channel: &ChannelName,
    modes: &Modes,
    by: Option<&Actor>,
    out: &mut Frames,
) {
    let object = Object::Modes {
        reference,
        channel: channel.shown(),
        modes: modes.into(),
        by: by.map(Actor::name),
    };
    out.write_json(&object);
}
