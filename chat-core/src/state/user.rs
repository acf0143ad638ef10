//! The state of a user, who may have several sessions.

use super::held_names::HeldNames;
use super::sorted_set::SortedSet;
use crate::durable::RecentEvents;
use crate::{
    AccountName, AppData, ChannelName, Event, MessageId, Nickname, Peer, PlaybackEvent, Profile,
    Secret, SessionId, Text, Timestamp, UserId, UserInfo,
};
use alloc::boxed::Box;
use alloc::sync::Arc;

#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct User {
    pub(crate) id: UserId,
    /// The public identity, which the members of channels share.
    pub(crate) info: Arc<UserInfo>,
    /// The sessions of this user; none while the user is [disconnected](User::is_disconnected).
    pub(crate) sessions: SortedSet<SessionId>,
    pub(crate) address: Option<Arc<str>>,
    pub(crate) signed_on: Timestamp,
    pub(crate) last_spoke: Option<Timestamp>,
    pub(crate) channels: SortedSet<ChannelName>,
    pub(super) held_names: HeldNames,
    rare: Option<Box<Rare>>,
}

/// Properties that most users do not have. They are boxed to save memory.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Rare {
    away: Option<Text>,
    invitations: SortedSet<ChannelName>,
    reconnect_key: Option<Secret>,
    /// The time at which the user quits, after having lost the last connection.
    quits_at: Option<Timestamp>,
    /// The time at which the user lost the last connection, if it has none.
    lost_at: Option<Timestamp>,
    /// The last private signals that are kept.
    signals: RecentEvents,
}

impl User {
    pub(super) fn new(
        id: UserId,
        session: SessionId,
        nickname: Nickname,
        (peer, profile): (Peer, Profile<Text>),
        (now, newest): (Timestamp, MessageId),
    ) -> Self {
        let text = |raw: Option<Arc<str>>| {
            raw.map(|raw| Text::clean(&raw)).filter(|text| !text.is_empty())
        };
        let info = UserInfo {
            nickname,
            account: peer.account,
            username: text(peer.username).or(profile.username),
            host: text(peer.host),
            real_name: text(peer.real_name).or(profile.real_name),
            bot: peer.bot || profile.bot,
            data: AppData::default(),
        };
        let mut user = Self {
            id,
            info: Arc::new(info),
            sessions: SortedSet::default(),
            address: peer.address,
            signed_on: now,
            last_spoke: None,
            channels: SortedSet::default(),
            held_names: HeldNames::since(newest),
            rare: None,
        };
        user.sessions.insert(session);
        user
    }

    pub(crate) fn nickname(&self) -> &Nickname {
        &self.info.nickname
    }

    pub(crate) fn account(&self) -> Option<&AccountName> {
        self.info.account.as_ref()
    }

    /// Returns true if the last connection was lost and the user may reconnect.
    pub(crate) fn is_disconnected(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Returns the key with which a client proves that it has been this user.
    pub(crate) fn reconnect_key(&self) -> Option<&Secret> {
        self.rare.as_ref()?.reconnect_key.as_ref()
    }

    /// Sets the key; it replaces that of an earlier client.
    pub(crate) fn set_reconnect_key(&mut self, key: Secret) {
        self.rare_mut().reconnect_key = Some(key);
    }

    /// Sets or clears the time at which the user quits. Returns the previous value.
    pub(super) fn set_quits_at(&mut self, at: Option<Timestamp>) -> Option<Timestamp> {
        match (&mut self.rare, at) {
            (None, None) => None,
            _ => core::mem::replace(&mut self.rare_mut().quits_at, at),
        }
    }

    /// Sets or clears the time at which the user lost its last connection.
    pub(super) fn set_lost_at(&mut self, at: Option<Timestamp>) {
        if at.is_some() || self.rare.is_some() {
            self.rare_mut().lost_at = at;
        }
    }

    /// Returns the time at which the user lost its last connection, if it has none.
    pub(super) fn lost_at(&self) -> Option<Timestamp> {
        self.rare.as_ref()?.lost_at
    }

    pub(crate) fn set_away(&mut self, message: Option<Text>) {
        self.rare_mut().away = message;
    }

    /// Stores an invitation into a channel.
    pub(super) fn invite(&mut self, channel: ChannelName) {
        self.rare_mut().invitations.insert(channel);
    }

    /// Removes an invitation, if there is one.
    pub(super) fn forget_invitation(&mut self, channel: &ChannelName) {
        if let Some(rare) = &mut self.rare {
            rare.invitations.remove(channel);
        }
    }

    /// Returns the away message that the user has set.
    pub(crate) fn away(&self) -> Option<&Text> {
        self.rare.as_ref()?.away.as_ref()
    }

    /// Keeps a private signal of or to the user, and forgets the oldest ones above `limit`.
    pub(super) fn keep_signal(&mut self, signal: Arc<PlaybackEvent<Event>>, limit: usize) {
        self.rare_mut().signals.push(signal, limit);
    }

    /// Returns the last private signals that are kept.
    pub(crate) fn signals(&self) -> &RecentEvents {
        self.rare.as_ref().map_or(&NO_EVENTS, |rare| &rare.signals)
    }

    /// Returns the channels of pending invitations.
    pub(crate) fn invitations(&self) -> &[ChannelName] {
        self.rare.as_ref().map_or(&[], |rare| &rare.invitations)
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

static NO_EVENTS: RecentEvents = RecentEvents::NONE;
