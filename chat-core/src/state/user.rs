//! Who a session speaks for.

use crate::{ChannelName, Nickname, Peer, SessionId, Text, Timestamp};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) nickname: Nickname,
    pub(crate) session: SessionId,
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
    pub(super) fn new(session: SessionId, nickname: Nickname, peer: &Peer, now: Timestamp) -> Self {
        Self {
            nickname,
            session,
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
