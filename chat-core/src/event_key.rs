//! Keys of events, by which clients name them.

use crate::{Actor, ChannelName, Event, EventKey, ModeChange, Signal, Text, UserInfo};
use core::hash::{Hash, Hasher};

impl Event {
    /// Returns the key of an event that can be [kept](crate::Config::events_per_channel) with
    /// messages: a hash of its content, the same when it happens and when it is read
    /// later. `None` for other events.
    pub fn key(&self) -> Option<EventKey> {
        let mut hash = Fnv::default();
        if let Self::Joined { channel, user, away: _ } = self {
            hash.add("join", channel, user);
        } else if let Self::Left { channel, user, reason } = self {
            hash.add("leave", channel, user);
            hash.text(reason.as_ref());
        } else if let Self::Quit { user, reason, channels: _ } = self {
            ("quit", user.nickname.shown()).hash(&mut hash);
            hash.text(reason.as_ref());
        } else if let Self::Renamed { from, to } = self {
            ("rename", from.nickname.shown(), to.nickname.shown()).hash(&mut hash);
        } else if let Self::Kicked { channel, user, by, reason, banned: _ } = self {
            hash.add("kick", channel, user);
            hash.by(by);
            hash.text(reason.as_ref());
        } else if let Self::TopicChanged { channel, topic, by } = self {
            ("topic", channel.shown()).hash(&mut hash);
            hash.by(by);
            hash.text(topic.as_ref().map(|topic| &topic.text));
        } else if let Self::ModesChanged { channel, changes, modes: _, by } = self {
            ("modes", channel.shown()).hash(&mut hash);
            hash.by(by);
            changes.iter().for_each(|change| hash.mode(change));
        } else if let Self::RoleChanged { channel, user, before, after, by } = self {
            hash.add("role", channel, user);
            hash.by(by);
            (before, after).hash(&mut hash);
        } else if let Self::Signalled(signal) = self {
            return Some(signal.key());
        } else {
            return None;
        }
        Some(EventKey(hash.finish()))
    }
}

impl Signal {
    /// Returns the key of the signal as an [event](Event::key).
    pub fn key(&self) -> EventKey {
        let mut hash = Fnv::default();
        ("signal", self.number).hash(&mut hash);
        EventKey(hash.finish())
    }
}

/// The hash FNV-1a, which is the same in every process.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Fnv {
    fn add(&mut self, kind: &str, channel: &ChannelName, user: &UserInfo) {
        (kind, channel.shown(), user.nickname.shown()).hash(self);
    }

    fn by(&mut self, by: &Actor) {
        by.name().hash(self);
    }

    fn text(&mut self, text: Option<&Text>) {
        text.map(Text::as_str).hash(self);
    }

    /// Adds a change of a mode, without the key of the channel, which is not kept.
    fn mode(&mut self, change: &ModeChange) {
        match change {
            ModeChange::Secret(on) => ("secret", on).hash(self),
            ModeChange::InviteOnly(on) => ("invite_only", on).hash(self),
            ModeChange::Moderated(on) => ("moderated", on).hash(self),
            ModeChange::MembersOnly(on) => ("members_only", on).hash(self),
            ModeChange::OperatorTopic(on) => ("operator_topic", on).hash(self),
            ModeChange::NoCtcp(on) => ("no_ctcp", on).hash(self),
            ModeChange::Key(key) => ("key", key.is_some()).hash(self),
            ModeChange::MemberLimit(limit) => ("member_limit", limit).hash(self),
            ModeChange::Keep(keep) => ("keep", keep).hash(self),
        }
    }
}
