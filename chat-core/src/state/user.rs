//! Who a session speaks for.

use crate::{ChannelName, Nickname, Peer, SessionId, Text, Timestamp, UserId};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) nickname: Nickname,
    /// The connections that speak for this user, sorted; never none.
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) host: Option<Arc<str>>,
    pub(crate) real_name: Option<Arc<str>>,
    pub(crate) away: Option<Text>,
    pub(crate) signed_on: Timestamp,
    pub(crate) last_spoke: Option<Timestamp>,
    pub(crate) channels: BTreeSet<ChannelName>,
    pub(crate) invitations: BTreeSet<ChannelName>,
}

impl User {
    pub(super) fn new(
        id: UserId,
        session: SessionId,
        nickname: Nickname,
        peer: &Peer,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            nickname,
            sessions: vec![session],
            account: peer.account.clone(),
            host: peer.host.clone(),
            real_name: peer.real_name.clone(),
            away: None,
            signed_on: now,
            last_spoke: None,
            channels: BTreeSet::new(),
            invitations: BTreeSet::new(),
        }
    }
}
