//! The index of sessions by network address.

use crate::{AddressRange, SessionId};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::net::Ipv6Addr;

/// The network addresses of the open sessions, so that a ban of a range needs no search among all
/// sessions. IPv4 addresses are mapped into IPv6.
#[derive(Debug, Default)]
pub(super) struct Addresses(BTreeSet<(Ipv6Addr, SessionId)>);

impl Addresses {
    pub(super) fn insert(&mut self, address: Option<Ipv6Addr>, session: SessionId) {
        self.0.extend(address.map(|address| (address, session)));
    }

    pub(super) fn remove(&mut self, address: Option<Ipv6Addr>, session: SessionId) {
        if let Some(address) = address {
            self.0.remove(&(address, session));
        }
    }

    /// Returns the sessions with an address in a range.
    pub(super) fn within(&self, range: AddressRange) -> Vec<SessionId> {
        let (first, last) = range.ends();
        let found = self.0.range((first, SessionId(0))..=(last, SessionId(u64::MAX)));
        found.map(|(_, session)| *session).collect()
    }
}
