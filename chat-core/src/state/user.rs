//! Who a session speaks for.

use super::sorted_set::SortedSet;
use crate::{ChannelName, Nickname, Peer, Secret, SessionId, Text, Timestamp, UserId};
use alloc::boxed::Box;
use alloc::sync::Arc;

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) nickname: Nickname,
    /// The connections that speak for this user; none while the user is
    /// [disconnected](User::is_disconnected).
    pub(crate) sessions: SortedSet<SessionId>,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) host: Option<Arc<str>>,
    pub(crate) signed_on: Timestamp,
    pub(crate) last_spoke: Option<Timestamp>,
    pub(crate) channels: SortedSet<ChannelName>,
    rare: Option<Box<Rare>>,
}

/// What most users have nothing of.
#[derive(Debug, Default)]
struct Rare {
    real_name: Option<Arc<str>>,
    away: Option<Text>,
    invitations: SortedSet<ChannelName>,
    reconnect_key: Option<Secret>,
    /// When the user quits, having lost the last connection.
    quits_at: Option<Timestamp>,
}

impl User {
    pub(super) fn new(
        id: UserId,
        session: SessionId,
        nickname: Nickname,
        peer: Peer,
        now: Timestamp,
    ) -> Self {
        let mut user = Self {
            id,
            nickname,
            sessions: SortedSet::default(),
            account: peer.account,
            host: peer.host,
            signed_on: now,
            last_spoke: None,
            channels: SortedSet::default(),
            rare: None,
        };
        user.sessions.insert(session);
        if peer.real_name.is_some() {
            user.rare_mut().real_name = peer.real_name;
        }
        user
    }

    /// Whether the last connection was lost, and the user may come back with another.
    pub(crate) fn is_disconnected(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The key with which a client proves that it has been this user.
    pub(crate) fn reconnect_key(&self) -> Option<&Secret> {
        self.rare.as_ref()?.reconnect_key.as_ref()
    }

    /// The newest client's key counts.
    pub(crate) fn set_reconnect_key(&mut self, key: Secret) {
        self.rare_mut().reconnect_key = Some(key);
    }

    /// Sets when the user quits, or that they do not. Returns what was set before.
    pub(super) fn set_quits_at(&mut self, at: Option<Timestamp>) -> Option<Timestamp> {
        match (&mut self.rare, at) {
            (None, None) => None,
            _ => core::mem::replace(&mut self.rare_mut().quits_at, at),
        }
    }

    pub(crate) fn set_away(&mut self, message: Option<Text>) {
        self.rare_mut().away = message;
    }

    /// Notes that the user may come into a channel.
    pub(super) fn invite(&mut self, channel: ChannelName) {
        self.rare_mut().invitations.insert(channel);
    }

    /// Forgets an invitation, if there is one.
    pub(super) fn forget_invitation(&mut self, channel: &ChannelName) {
        if let Some(rare) = &mut self.rare {
            rare.invitations.remove(channel);
        }
    }

    /// The person's name.
    pub(crate) fn real_name(&self) -> Option<&str> {
        self.rare.as_ref()?.real_name.as_deref()
    }

    /// What the user says about being away, if they are.
    pub(crate) fn away(&self) -> Option<&Text> {
        self.rare.as_ref()?.away.as_ref()
    }

    /// The channels that the user has been asked into, and has not entered.
    pub(crate) fn invitations(&self) -> &[ChannelName] {
        self.rare.as_ref().map_or(&[], |rare| &rare.invitations)
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}
