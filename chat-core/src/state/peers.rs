//! The peers of a user, who share channels with it and are told of its renames and quits.

use super::State;
use crate::{ChannelName, SessionId, UserId};
use alloc::vec::Vec;
use core::ops::Range;

/// A set of channels, and the sessions that share exactly these with a user.
pub(crate) struct PeerGroup {
    pub(crate) channels: Vec<ChannelName>,
    pub(crate) audience: Vec<SessionId>,
}

impl State {
    /// Returns the audiences of a user's channels that have at most `largest` members.
    pub(crate) fn audiences(
        &self,
        id: UserId,
        largest: usize,
    ) -> impl Iterator<Item = &[SessionId]> {
        self.channels_of(id, largest).map(|(_, audience)| audience)
    }

    /// Returns the sessions that share a channel of at most `largest` members with a user, grouped
    /// by the shared channels. Each session is in one group; the user's own are in none.
    pub(crate) fn peer_groups(&self, id: UserId, largest: usize) -> Vec<PeerGroup> {
        let Some(user) = self.users.get(&id) else {
            return Vec::new();
        };
        let channels: Vec<_> = self.channels_of(id, largest).collect();
        let is_other = |session: &&SessionId| !user.sessions.contains(session);
        let mut shared: Vec<(SessionId, usize)> = Vec::new();
        for (index, (_, audience)) in channels.iter().enumerate() {
            shared.extend(audience.iter().filter(is_other).map(|&s| (s, index)));
        }
        shared.sort_unstable();

        // Each run of `shared` is a session with the indices of its channels, ascending.
        let mut runs: Vec<Range<usize>> = Vec::new();
        for at in 0..shared.len() {
            match runs.last_mut() {
                Some(run) if shared[run.start].0 == shared[at].0 => run.end = at + 1,
                Some(_) | None => runs.push(at..at + 1),
            }
        }
        let indices = |run: &Range<usize>| shared[run.clone()].iter().map(|&(_, index)| index);
        runs.sort_by(|a, b| indices(a).cmp(indices(b)).then(a.start.cmp(&b.start)));

        runs.chunk_by(|a, b| indices(a).eq(indices(b)))
            .map(|group| PeerGroup {
                channels: indices(&group[0]).map(|index| channels[index].0.clone()).collect(),
                audience: group.iter().map(|run| shared[run.start].0).collect(),
            })
            .collect()
    }

    fn channels_of(
        &self,
        id: UserId,
        largest: usize,
    ) -> impl Iterator<Item = (&ChannelName, &[SessionId])> {
        let names = self.users.get(&id).into_iter().flat_map(|user| user.channels.iter());
        names.filter_map(move |name| {
            let channel = self.durable.channels.get(name)?;
            let presence = &channel.presence;
            (presence.members.len() <= largest).then_some((name, presence.audience.as_slice()))
        })
    }
}
