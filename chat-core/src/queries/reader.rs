//! A user who looks something up.

use crate::durable::{Channel, History, Stored};
use crate::state::{State, User};
use crate::{ChannelName, HistoryRange, Message, Refusal, Role, Timestamp, UserId};
use alloc::sync::Arc;
use alloc::vec::Vec;

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
        self.state.visible_channel(name, Some(self.user.nickname()))
    }

    /// Refuses a user who is no server operator.
    pub(super) fn check_server_operator(&self) -> Result<(), Refusal> {
        if self.state.is_operator(self.id) { Ok(()) } else { Err(Refusal::NotServerOperator) }
    }

    pub(super) fn is_in(&self, channel: &Channel) -> bool {
        channel.presence.members.contains_key(self.user.nickname())
    }

    /// Does the same as [`channel`](Self::channel), for members only.
    pub(super) fn joined_channel(
        &self,
        name: &ChannelName,
    ) -> Result<(ChannelName, &'a Channel, Role), Refusal> {
        self.state.joined_channel(name, self.user.nickname())
    }

    /// Returns the size of a page of messages.
    pub(super) fn history_limit(&self, limit: usize) -> usize {
        limit.min(self.state.config.history_page)
    }

    /// Returns a page of a history, as far as it is not earlier than `oldest`, with the messages of
    /// the host's store if it was asked for them.
    pub(super) fn page(
        &self,
        history: &History,
        oldest: Timestamp,
        range: HistoryRange,
        limit: usize,
        stored: Option<Stored>,
    ) -> (Vec<Arc<Message>>, bool) {
        let limit = self.history_limit(limit);
        let readable = history.since(oldest);
        match stored {
            Some(stored) => {
                let stored = stored.since(oldest, range);
                readable.page_with(stored, range, limit)
            }
            None => {
                let (messages, more) = readable.page(range, limit);
                // Only the store knows whether it has still older messages.
                let is_open = self.state.config.older_history
                    && readable.may_have_older()
                    && !range.is_forwards();
                (messages, more || is_open)
            }
        }
    }
}
