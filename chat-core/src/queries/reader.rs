//! A user who looks something up.

use crate::durable::Channel;
use crate::state::{State, User};
use crate::{ChannelName, Refusal, UserId};

/// A user who looks something up, and the state.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(super) state: &'a State,
    pub(super) id: UserId,
    pub(super) user: &'a User,
}

impl<'a> Reader<'a> {
    /// Returns the reader for a user; `None` if there is no such user.
    pub(crate) fn of(state: &'a State, id: UserId) -> Option<Self> {
        state.user(id).map(|user| Self { state, id, user })
    }

    /// Returns the channel of this name, with its name as it was first written, if the user may
    /// know that it exists.
    pub(super) fn channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &'a Channel), Refusal> {
        self.state.visible_channel(name, self.user.nickname())
    }

    pub(super) fn is_in(&self, channel: &Channel) -> bool {
        channel.presence.members.contains_key(self.user.nickname())
    }
}
