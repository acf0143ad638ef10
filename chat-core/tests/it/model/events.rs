//! Checks that events keep to the limits.

use super::{Model, number};
use chat_core::{
    Event, Message, MessageChange, MessageChangeKind, MessageId, MessageReaction, ModeChange, Pin,
    Playback, PlaybackItem, SessionId, Target, Text, UserMask,
};

impl Model {
    /// Checks that an event keeps to the limits; removes the invitation when a channel is entered.
    pub(super) fn check_event(&mut self, reader: SessionId, event: &Event) {
        let config = &self.config;
        let short = |text: &Option<Text>, limit: usize| {
            let is_short = |text: &Text| !text.is_empty() && text.as_str().len() <= limit;
            assert!(text.as_ref().is_none_or(|text| is_short(text) && text.single_line() == *text));
        };
        let said = |message: &Message| {
            let text = &message.text;
            assert!((1..=config.message_bytes).contains(&text.as_str().len()));
            assert!(text.line_count() <= config.message_lines);
            assert!(message.data.bytes() <= config.data_bytes);
            assert!(message.sender.user().is_none_or(|user| user.data.is_empty()));
            assert_eq!(Text::clean_lines(text.as_str()), *text);
            let reactions = message.reactions_by_emoji();
            assert!(reactions.len() <= MessageReaction::MOST_EMOJI);
            assert!(message.reactions().len() <= MessageReaction::MOST);
            let parent = message.reply_to();
            assert!(parent.is_none_or(|to| to.id < message.id && to.at <= message.at));
        };
        match event {
            Event::Welcomed { user, lobby, conversations, .. } => {
                assert!(conversations.len() <= config.conversations);
                assert!(conversations.is_sorted_by(|a, b| a.newest > b.newest));
                for conversation in conversations {
                    assert!(conversation.newest <= self.last_message);
                    assert!(conversation.read.unread <= config.unread_counted);
                }
                assert!(user.nickname.shown().chars().count() <= config.nickname_length);
                if let Some(roster) = lobby {
                    self.check_event(reader, &Event::Entered(roster.clone()));
                }
            }
            Event::Entered(roster) => {
                assert!(roster.members.len() <= config.listing);
                assert!(roster.members.len() <= roster.count);
                let read = roster.read.unwrap_or_default();
                assert!(read.mentions <= read.unread && read.unread <= config.unread_counted);
                assert!(roster.count <= config.members_per_channel);
                assert!(roster.members.is_sorted_by(|a, b| a.nickname() < b.nickname()));
                self.invitations.remove(&(reader, roster.channel.clone()));
            }
            Event::EnteredMany { entered, refused } => {
                assert!(entered.len() + refused.len() <= config.channels_per_user);
                let members: usize = entered.iter().map(|roster| roster.members.len()).sum();
                assert!(members <= config.listing * 4 + entered.len());
                for roster in entered {
                    self.check_event(reader, &Event::Entered(Box::new(roster.clone())));
                }
            }
            Event::Left { reason, .. }
            | Event::Kicked { reason, .. }
            | Event::Banned { reason, .. }
            | Event::Muted { reason, .. }
            | Event::ChannelClosed { reason, .. }
            | Event::Disconnected { reason, .. }
            | Event::Goodbye { reason } => short(reason, config.reason_bytes),
            Event::MaskChanged(change) => {
                assert!(change.mask.as_str().len() <= UserMask::LONGEST);
                short(&change.reason, config.reason_bytes);
            }
            Event::Sent { message, away, repeated, offline } => {
                assert!(!offline || (away.is_none() && !repeated));
                said(message);
                short(away, config.away_bytes);
                if *repeated {
                    return;
                }
                assert_eq!(
                    (message.id, message.at),
                    (MessageId(self.last_message.0 + 1), self.now)
                );
            }
            Event::Said(message) => {
                said(message);
                assert_eq!((message.id, message.at), (self.last_message, self.now));
            }
            Event::Users { channel: _, users, count, more, is_secret: _ } => {
                assert!(
                    users.len() <= config.listing && users.len() + usize::from(*more) <= *count
                );
                assert!(users.is_sorted_by(|a, b| a.nickname() < b.nickname()));
            }
            Event::Channels { channels, count, more } => {
                assert!(channels.len() <= config.listing);
                assert!(channels.len() + usize::from(*more) <= *count);
                assert!(*count <= config.channels);
                assert!(channels.is_sorted_by(|a, b| a.name < b.name));
            }
            Event::History { messages, .. } | Event::PrivateHistory { messages, .. } => {
                if let Event::History { channel, .. } = event {
                    let here = Target::Channel(channel.clone());
                    assert!(messages.iter().all(|message| message.target == here));
                }
                assert!(messages.len() <= config.history_page);
                assert!(messages.is_sorted_by(|a, b| a.id < b.id && a.at <= b.at));
            }
            Event::Playback(playback) => self.check_playback(playback),
            Event::Missed { messages, changed, .. } => {
                assert!(messages.len().max(changed.len()) <= config.history_page);
                assert!(messages.is_sorted_by(|a, b| a.id < b.id && a.at <= b.at));
            }
            Event::MessageChanged(change) => {
                let MessageChange { message, by, kind } = &**change;
                assert!(message.id <= self.last_message);
                match kind {
                    MessageChangeKind::Deleted => {
                        let deletion = message.deletion().expect("a deletion");
                        assert!(deletion.at == self.now && deletion.by == *by);
                        assert_eq!(message.text.as_str(), Message::DELETED);
                        assert!(message.data.is_empty());
                        short(&deletion.reason, config.reason_bytes);
                    }
                    MessageChangeKind::Edited => {
                        said(message);
                        assert_eq!(message.edited_at(), Some(self.now));
                        assert!(message.deletion().is_none());
                    }
                    MessageChangeKind::Pinned => assert!(message.pin().is_some()),
                    MessageChangeKind::Unpinned => assert!(message.pin().is_none()),
                    MessageChangeKind::Reacted { emoji, removed } => {
                        let by = by.user().expect("a user");
                        let own = message.reactions().iter().filter(|known| {
                            let is_same = known.account.is_some() || known.nickname == by.nickname;
                            known.emoji == *emoji && known.account == by.account && is_same
                        });
                        assert!(*removed || own.count() == 1);
                        assert!(message.deletion().is_none());
                    }
                    _ => unreachable!("a variant that this test does not know"),
                }
            }
            Event::Signalled(signal) => {
                assert!(!signal.data.is_empty() && signal.data.bytes() <= config.data_bytes);
                assert!(signal.at == self.now);
            }
            Event::ReadMarked { id, .. } => assert!(*id <= self.last_message),
            Event::Found { messages, .. } => {
                assert!(messages.len() <= config.search_page);
                assert!(messages.is_sorted_by(|a, b| a.id > b.id && a.at >= b.at));
            }
            Event::ListShown { channel, list, entries, count, more } => {
                assert!(entries.len() <= config.listing && *count <= config.bans_per_channel);
                assert!(entries.len() + usize::from(*more) <= *count);
                let known = self.lists.get(&(channel.clone(), number(*list)));
                assert_eq!(known.map_or(0, Vec::len), *count);
            }
            Event::Targets { targets, more: _ } => {
                assert!(targets.len() <= config.listing);
                assert!(targets.is_sorted_by(|a, b| a.newest < b.newest && a.at <= b.at));
                assert!(targets.iter().all(|target| target.newest <= self.last_message));
            }
            Event::PinsShown { channel, messages } => {
                assert!(messages.len() <= Pin::MOST);
                let here = Target::Channel(channel.clone());
                assert!(messages.iter().all(|message| message.target == here));
                assert!(messages.iter().all(|message| message.pin().is_some()));
            }
            Event::Invitations { channels } => {
                assert!(channels.len() <= config.invitations_per_user);
            }
            Event::UserShown(card) => {
                assert!(card.channels.len() <= config.channels_per_user);
                assert!(card.signed_on <= self.now);
                let is_own = |text: &Text| text.as_str() != "connection lost";
                short(&card.away.clone().filter(is_own), config.away_bytes);
            }
            Event::WasHereShown { nickname, users, more: _ } => {
                assert!(users.len() <= config.listing.min(config.was_here));
                assert!(users.iter().all(|past| past.user.nickname == *nickname));
                assert!(users.is_sorted_by(|a, b| a.until >= b.until));
            }
            Event::ServerBanned(ban) => short(&ban.reason, config.reason_bytes),
            Event::Reported(report) => {
                short(&report.reason, config.reason_bytes);
                let sender = report.message.as_ref().and_then(|message| message.sender.user());
                assert!(report.message.is_none() || sender == Some(&report.user));
            }
            Event::ReportClosed { reason, .. } => short(reason, config.reason_bytes),
            Event::ReportsShown { reports, count, more } => {
                assert!(reports.len() <= config.listing && *count <= config.open_reports);
                assert!(reports.len() + usize::from(*more) <= *count);
                assert!(reports.is_sorted_by(|a, b| a.id < b.id && a.at <= b.at));
            }
            Event::AuditLogShown { entries, .. } => {
                assert!(entries.len() <= config.listing.min(config.audit_entries));
                assert!(entries.is_sorted_by(|a, b| a.id > b.id && a.at >= b.at));
            }
            Event::ServerBansShown { bans, count, more } => {
                assert!(bans.len() <= config.listing && *count <= config.server_bans);
                assert!(bans.len() + usize::from(*more) <= *count);
            }
            Event::Announced { by: _, text } => {
                assert!(text.as_str().len() <= config.message_bytes && text.line_count() == 1);
            }
            Event::WatchedShown { users } => {
                assert!(users.len() <= config.watched_nicknames);
            }
            Event::CountsShown(counts) => {
                assert!(counts.users <= counts.most_users && counts.channels <= config.channels);
                assert!(counts.invisible.max(counts.operators) <= counts.users);
            }
            Event::AwayChanged { user: _, message } => short(message, config.away_bytes),
            Event::Joined { .. }
            | Event::Quit { .. }
            | Event::Renamed { .. }
            | Event::UserInfoChanged { .. }
            | Event::UserModesChanged { .. }
            | Event::PresenceChanged { .. }
            | Event::TopicShown { .. }
            | Event::TopicChanged { .. }
            | Event::ModesShown { .. }
            | Event::ModesChanged { .. }
            | Event::RoleChanged { .. }
            | Event::Unbanned { .. }
            | Event::Unmuted { .. }
            | Event::Exempted { .. }
            | Event::Unexempted { .. }
            | Event::Invited { .. }
            | Event::ChannelCreated { .. }
            | Event::ChannelDataChanged { .. }
            | Event::ServerUnbanned { .. }
            | Event::AccountRemoved { .. }
            | Event::LoggedIn(_)
            | Event::LoggedOut
            | Event::PasswordChanged { .. }
            | Event::LoginChallenged { .. }
            | Event::SessionRevoked { .. }
            | Event::Rejected(_) => {}
            Event::Sessions { sessions } => {
                assert!(sessions.len() <= config.logins_per_account);
                assert!(sessions.is_sorted_by(|a, b| a.used >= b.used));
                assert!(sessions.iter().filter(|card| card.is_current).count() <= 1);
            }
            _ => unreachable!("a variant that this test does not know"),
        }
    }
    /// Checks the messages and events of a channel or a private conversation.
    fn check_playback(&self, Playback { target, items, more: _ }: &Playback<Event>) {
        assert!(items.len() <= self.config.history_page);
        assert!(items.is_sorted_by(|a, b| a.at() <= b.at()));
        let mut last = MessageId(0);
        let mut events = 0;
        for item in items {
            match item {
                PlaybackItem::Message(message) => {
                    assert_eq!(message.target.channel(), target.channel());
                    assert!(message.id > last && message.id <= self.last_message);
                    last = message.id;
                }
                PlaybackItem::Event(event) => {
                    assert!(event.after >= last && event.after <= self.last_message);
                    assert!(event.at <= self.now && event.event.key().is_some());
                    let channel = event.event.channel();
                    assert!(channel.is_none_or(|name| Some(name) == target.channel()));
                    last = event.after;
                    events += 1;
                    if let Event::ModesChanged { changes, modes, .. } = &event.event {
                        assert_eq!(modes.key, None);
                        let shows = |change: &ModeChange| {
                            let ModeChange::Key(Some(key)) = change else { return false };
                            key != "*"
                        };
                        assert!(!changes.iter().any(shows), "a key is kept");
                    }
                }
                _ => unreachable!("a variant that this test does not know"),
            }
        }
        assert!(events <= self.config.events_per_channel);
    }
}
