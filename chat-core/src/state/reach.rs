//! The sizes of histories in memory.

use crate::Config;
use crate::durable::DurableState;

/// The sizes that histories in memory need to have before they lose messages. They are those of the
/// engine, or of the earlier one if that had smaller ones.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reach {
    pub(crate) channel: usize,
    pub(crate) mailbox: usize,
}

impl Reach {
    pub(super) fn of(durable: &DurableState, config: &Config) -> Self {
        let (channel, mailbox) = durable.memory();
        Self {
            channel: channel.min(config.history_per_channel),
            mailbox: mailbox.min(config.mailbox_per_account),
        }
    }
}
