//! Records: changes of the durable state, for a store or a replica.

use crate::{
    AccountName, Actor, AppData, AuditEntry, AuditId, BanTarget, ChannelId, ChannelName, List,
    ListEntry, Message, MessageId, Modes, Nickname, Nonce, Report, ReportId, Secret, ServerBan,
    StatusSet, Target, Text, TokenDigest, TokenId, Topic, UserId, UserMask,
};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A change of the [durable state](crate::DurableState). The records of an engine, applied in order
/// to a new state, yield the engine's own. They contain the keys of channels
/// and what the host needs to check passwords: keep them secret.
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
        /// The account to which the host has given the channel.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        owner: Option<AccountName>,
        /// The statuses of the creator, or of the owner. They are kept if it has an account.
        statuses: StatusSet,
        /// Its modes.
        modes: Modes,
        /// True if the channel stays without members until the host closes it.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
        kept: bool,
    },
    /// A channel was forgotten, because it has no members and is not kept, or because the host has
    /// closed it.
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
    /// A message was changed, such as deleted.
    MessageChanged {
        /// The message now.
        message: Arc<Message>,
        /// The accounts in whose mailboxes a private message is, as far as the engine knows them.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
        accounts: Vec<AccountName>,
    },
    /// A channel's topic was set or removed.
    TopicChanged {
        /// The channel.
        channel: ChannelName,
        /// The topic now.
        topic: Option<Topic>,
    },
    /// A channel's application data was replaced.
    ChannelDataChanged {
        /// The channel.
        channel: ChannelName,
        /// The data now.
        data: AppData,
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
    /// A mask was removed from one of a channel's lists.
    MaskUnlisted {
        /// The channel.
        channel: ChannelName,
        /// The list.
        list: List,
        /// The mask.
        mask: UserMask,
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
    /// The user of an account joined a channel. The account stays in it while the user is offline.
    ChannelJoined {
        /// The channel.
        channel: ChannelName,
        /// Its id.
        id: ChannelId,
        /// The account.
        account: AccountName,
        /// The newest message at that moment.
        since: MessageId,
    },
    /// An account is no longer in a channel, because its user left or was removed.
    ChannelLeft {
        /// The channel.
        channel: ChannelName,
        /// The account.
        account: AccountName,
    },
    /// An account has read the messages of a channel, or its private messages with a user, up to
    /// this one.
    ReadMarked {
        /// The account.
        account: AccountName,
        /// The channel, or the other user.
        target: Target,
        /// The message.
        id: MessageId,
    },
    /// The user of an account came or went.
    AccountSeen {
        /// The account.
        account: AccountName,
    },
    /// The application data of the user of an account was replaced.
    AccountDataChanged {
        /// The account.
        account: AccountName,
        /// The data now.
        data: AppData,
    },
    /// A client has registered an account.
    AccountRegistered {
        /// The account. Its name is a valid nickname.
        account: AccountName,
        /// The host's own text for checking the password.
        credentials: Secret,
    },
    /// The password of an account was changed, or hashed anew.
    CredentialsChanged {
        /// The account.
        account: AccountName,
        /// The host's own text for checking the password.
        credentials: Secret,
    },
    /// A client has logged in, and has got a session token. It replaces one with the same
    /// [id](crate::TokenId).
    TokenIssued {
        /// The account.
        account: AccountName,
        /// The digest of the token.
        digest: TokenDigest,
        /// The client's description of the device.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        device: Option<Text>,
    },
    /// A client has logged in with a session token. Recorded once an hour at most.
    TokenUsed {
        /// The account.
        account: AccountName,
        /// The token.
        token: TokenId,
    },
    /// A session token was revoked, or has expired, or had to make room for another.
    TokenRevoked {
        /// The account.
        account: AccountName,
        /// The token.
        token: TokenId,
    },
    /// An account was deleted. In each channel that it was the only owner of, the account
    /// that has been an operator for the longest time becomes owner.
    AccountRemoved {
        /// The account.
        account: AccountName,
    },
    /// An account, a nickname or a range of addresses was banned from the whole server. Bans that
    /// have expired are removed.
    ServerBanned(ServerBan),
    /// A ban from the whole server was lifted.
    ServerUnbanned {
        /// The account, the nickname or the addresses.
        target: BanTarget,
    },
    /// A server operator or the host has done something that is in the audit log from now on.
    Audited {
        /// The entry.
        entry: Arc<AuditEntry>,
        /// The entries below this number are forgotten.
        oldest: AuditId,
    },
    /// A user has reported a message or a user.
    Reported(Arc<Report>),
    /// A report was closed, and is forgotten.
    ReportClosed {
        /// The report.
        report: ReportId,
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
