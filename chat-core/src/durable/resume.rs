//! The state of a store that keeps its contents in another form, and the counters of ids.

use super::nonces::Acknowledgement;
use super::state::DurableState;
use crate::{AccountName, ChannelId, Config, Message, MessageId, Nonce, ReportId, Text, Timestamp};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The largest ids that an engine has used, so that it uses none again after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Counters {
    /// The [epoch](DurableState::epoch), if it is not the time of the creation.
    pub epoch: Option<Timestamp>,
    /// The id of the last channel that was created.
    pub last_channel: ChannelId,
    /// The id of the last message.
    pub last_message: MessageId,
    /// No id of a user is above this one.
    pub user_ids: u64,
    /// No number of a guest name is above this one.
    pub guest_numbers: u64,
}

/// The counters of an empty store. Nothing is reserved yet, so that its first guest is number 1.
impl Default for Counters {
    fn default() -> Self {
        Self {
            epoch: None,
            last_channel: ChannelId(1),
            last_message: MessageId(0),
            user_ids: 0,
            guest_numbers: 0,
        }
    }
}

impl DurableState {
    /// Makes a state for a store that has its contents elsewhere, such as in tables. It has one
    /// channel, the lobby.
    ///
    /// The store then [applies](Self::apply) one record for each thing that it has kept: a channel,
    /// a topic, the statuses of an account, a message. Each has the time at which it happened; the
    /// order of times does not matter, but that of messages and of the entries of a list does.
    pub fn resume(config: &Config, created: Timestamp, counters: Counters) -> Self {
        let mut state = Self::new(config, created);
        state.epoch = counters.epoch.unwrap_or(created);
        state.last_channel = counters.last_channel.0.max(state.last_channel);
        state.last_message = counters.last_message.0;
        state.user_ids = counters.user_ids;
        state.guest_numbers = counters.guest_numbers;
        state
    }

    /// Adds a message to the mailbox of one account alone, after all earlier ones. For a store that
    /// [resumes](Self::resume).
    pub fn resume_mailbox(&mut self, account: &AccountName, message: Arc<Message>) {
        self.at = self.at.max(message.at);
        self.add_to_mailbox(account, message);
    }

    /// Adds the nonce that an account has sent a message with, and the away text that it was
    /// answered with, after those of all earlier messages. For a store that
    /// [resumes](Self::resume).
    pub fn resume_nonce(
        &mut self,
        account: &AccountName,
        nonce: Nonce,
        message: Arc<Message>,
        away: Option<Text>,
    ) {
        let known = Acknowledgement { message, away };
        self.nonces.insert(account.clone(), nonce, known, self.limits.nonces);
    }

    /// Adds a message that was changed when another one was the newest, after all earlier changes.
    /// `accounts` are those in whose mailboxes a private message is. For a store that
    /// [resumes](Self::resume): it keeps the newest [`CHANGES`](Self::CHANGES), and tells of the
    /// one before them with [`resume_lost_change`](Self::resume_lost_change).
    pub fn resume_change(
        &mut self,
        newest: MessageId,
        message: Arc<Message>,
        accounts: Vec<AccountName>,
    ) {
        self.changes.push(newest, message, accounts);
    }

    /// Adds a message that is pinned in its channel. For a store that [resumes](Self::resume): it
    /// adds the newest [`Pin::MOST`](crate::Pin::MOST) of each channel.
    pub fn resume_pin(&mut self, message: &Arc<Message>) {
        let channel = message.target.channel().and_then(|name| self.channels.get_mut(name));
        if let Some(channel) = channel {
            channel.pins.note(message);
        }
    }

    /// Notes the newest message at the time of the last change that is not kept. For a store that
    /// [resumes](Self::resume).
    pub fn resume_lost_change(&mut self, newest: MessageId) {
        self.changes.lose(newest);
    }

    /// Notes the number of the last report, open or closed. For a store that
    /// [resumes](Self::resume).
    pub fn resume_reports(&mut self, last: ReportId) {
        self.reports.use_up(last);
    }

    /// Returns the counters of ids.
    pub fn counters(&self) -> Counters {
        Counters {
            epoch: Some(self.epoch),
            last_channel: ChannelId(self.last_channel),
            last_message: MessageId(self.last_message),
            user_ids: self.user_ids,
            guest_numbers: self.guest_numbers,
        }
    }
}
