//! Records: changes of the durable state, for a store or a replica.

use crate::{
    AccountName, Actor, ChannelId, ChannelName, List, ListEntry, Message, Modes, Nickname, Nonce,
    StatusSet, Text, Topic, UserId,
};
use alloc::sync::Arc;

/// A change of the [durable state](crate::DurableState). The records of an engine, applied in order
/// to a new state, yield the engine's own. They contain the keys of channels: keep them secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Record {
    /// A channel was created.
    ChannelCreated {
        /// The channel.
        channel: ChannelName,
        /// Its id.
        id: ChannelId,
        /// Its creator.
        by: Actor,
        /// The statuses of the creator. They are kept if it has an account.
        statuses: StatusSet,
        /// Its modes.
        modes: Modes,
    },
    /// A channel was forgotten, because it has no members and is not kept.
    ChannelForgotten {
        /// The channel.
        channel: ChannelName,
        /// Its id.
        id: ChannelId,
    },
    /// A user said something, in a channel or privately.
    Said {
        /// The message.
        message: Arc<Message>,
        /// The account of the recipient of a private message.
        recipient: Option<AccountName>,
        /// The client's own name for the message, with which it may send it again.
        nonce: Option<Nonce>,
        /// The away text in the acknowledgement of the message, which the client gets again then.
        /// It is recorded with a nonce only.
        away: Option<Text>,
    },
    /// A channel's topic was set or removed.
    TopicChanged {
        /// The channel.
        channel: ChannelName,
        /// The topic now.
        topic: Option<Topic>,
    },
    /// A channel's modes were changed.
    ModesChanged {
        /// The channel.
        channel: ChannelName,
        /// The modes now.
        modes: Modes,
    },
    /// A member's statuses were changed.
    RoleChanged {
        /// The channel.
        channel: ChannelName,
        /// The member.
        nickname: Nickname,
        /// The member's account.
        account: Option<AccountName>,
        /// All statuses now.
        statuses: StatusSet,
    },
    /// An entry was added to one of a channel's lists.
    Listed {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The entry.
        entry: ListEntry,
    },
    /// An entry was removed from one of a channel's lists.
    Unlisted {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The nickname that the entry was about.
        nickname: Nickname,
        /// The user who has the nickname now. Entries for this user are removed too.
        user: Option<UserId>,
    },
    /// An account was invited into a channel.
    Invited {
        /// The channel.
        channel: ChannelName,
        /// The account.
        account: AccountName,
    },
    /// An invited account joined the channel, which uses the invitation up.
    InvitationUsed {
        /// The channel.
        channel: ChannelName,
        /// The account.
        account: AccountName,
    },
    /// The user of an account came or went.
    AccountSeen {
        /// The account.
        account: AccountName,
    },
    /// The host has deleted an account. In each channel that it was the only owner of, the account
    /// that has been an operator for the longest time becomes owner.
    AccountRemoved {
        /// The account.
        account: AccountName,
    },
    /// The engine may use ids of users up to this one. After a restart it continues above.
    UserIdsReserved {
        /// The largest id.
        up_to: u64,
    },
    /// The engine may use numbers of guest names up to this one. After a restart it continues
    /// above.
    GuestNumbersReserved {
        /// The largest number.
        up_to: u64,
    },
}
