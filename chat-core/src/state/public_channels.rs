//! The index of the channels that are not secret.

use crate::durable::DurableState;
use crate::{ChannelName, Record};
use alloc::collections::BTreeSet;
use core::ops::Bound;

/// The names of the channels that are not secret, sorted, so that a page of them needs no search
/// among secret ones.
#[derive(Debug, Default)]
pub(crate) struct PublicChannels(BTreeSet<ChannelName>);

impl PublicChannels {
    pub(super) fn of(durable: &DurableState) -> Self {
        let public = durable.channels.iter().filter(|(_, channel)| !channel.modes.secret);
        Self(public.map(|(name, _)| name.clone()).collect())
    }

    /// Updates the index after a record.
    pub(super) fn note(&mut self, record: &Record) {
        match record {
            Record::ChannelCreated { channel, modes, .. }
            | Record::ModesChanged { channel, modes } => {
                if modes.secret {
                    self.0.remove(channel);
                } else if !self.0.contains(channel) {
                    self.0.insert(channel.clone());
                }
            }
            Record::ChannelForgotten { channel, .. } => {
                self.0.remove(channel);
            }
            Record::Said { .. }
            | Record::MessageChanged { .. }
            | Record::ChannelJoined { .. }
            | Record::ChannelLeft { .. }
            | Record::ReadMarked { .. }
            | Record::TopicChanged { .. }
            | Record::ChannelDataChanged { .. }
            | Record::AccountDataChanged { .. }
            | Record::RoleChanged { .. }
            | Record::Listed { .. }
            | Record::Unlisted { .. }
            | Record::MaskUnlisted { .. }
            | Record::Invited { .. }
            | Record::InvitationUsed { .. }
            | Record::AccountSeen { .. }
            | Record::AccountRegistered { .. }
            | Record::CredentialsChanged { .. }
            | Record::TokenIssued { .. }
            | Record::TokenUsed { .. }
            | Record::TokenRevoked { .. }
            | Record::AccountRemoved { .. }
            | Record::ServerBanned(_)
            | Record::ServerUnbanned { .. }
            | Record::Audited { .. }
            | Record::Reported(_)
            | Record::ReportClosed { .. }
            | Record::UserIdsReserved { .. }
            | Record::GuestNumbersReserved { .. } => {}
        }
    }

    /// Returns the names after another one, or all of them.
    pub(crate) fn after(&self, after: Option<&ChannelName>) -> impl Iterator<Item = &ChannelName> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range::<ChannelName, _>((start, Bound::Unbounded))
    }

    pub(crate) fn contains(&self, name: &ChannelName) -> bool {
        self.0.contains(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
