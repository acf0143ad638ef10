//! Limits and time-outs: every collection that a client can grow has a bound here.

mod error;
mod longest;
mod operator_login;
mod setting;
mod smallest;

pub use error::SettingError;
pub use operator_login::OperatorLogin;
pub(crate) use setting::parse_duration;

use crate::{AccountName, Modes, Status};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// The limits and rules of an engine. Start from [`Config::default`] and change what you need.
///
/// Lengths are checked for new names and texts only; existing ones are never cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Longest nickname, in characters; at most [`Nickname::LONGEST`](crate::Nickname::LONGEST).
    /// 32.
    pub nickname_length: usize,
    /// Longest name of a channel, in characters; at most
    /// [`ChannelName::LONGEST`](crate::ChannelName::LONGEST). 64.
    pub channel_name_length: usize,
    /// Longest message, in bytes after cleaning, all lines together. 4,096: a long paragraph.
    pub message_bytes: usize,
    /// Most lines of a message. 64, about a screenful; 1 allows messages of a single line only.
    pub message_lines: usize,
    /// Longest topic, in bytes. 512.
    pub topic_bytes: usize,
    /// Longest reason for leaving, quitting, kicking or banning, in bytes. 256.
    pub reason_bytes: usize,
    /// Longest away text, in bytes. 256.
    pub away_bytes: usize,
    /// Longest [user name](crate::Profile::username), in bytes. 32.
    pub username_bytes: usize,
    /// Longest [real name](crate::Profile::real_name), in bytes. 128.
    pub real_name_bytes: usize,
    /// Longest key of a channel, in bytes. 64.
    pub key_bytes: usize,
    /// Most bytes of the [application data](crate::AppData) of one message, channel or user, keys
    /// and texts together. 1,024; 0: none.
    pub data_bytes: usize,
    /// The keys of application data that users [may set](crate::Command::SetData) of themselves,
    /// and operators of their channels: `avatar`, `color`, `display-name`, `homepage`, `pronouns`,
    /// `status` and `url`. Other keys are the host's.
    pub public_data_keys: Vec<String>,
    /// Most channels at once, the lobby included. 10,000.
    pub channels: usize,
    /// Most channels that one account owns. They are kept while no member is online. 50.
    pub channels_per_owner: usize,
    /// Most channels that one user is in. 50.
    pub channels_per_user: usize,
    /// Most members of one channel, whatever its own limit says. 100,000.
    pub members_per_channel: usize,
    /// Messages in the history of a channel; the oldest is dropped first. 200.
    pub history_per_channel: usize,
    /// The last events of a channel, such as joins and changes of the topic, that can be
    /// [read](crate::Query::Playback) with its messages; the oldest is forgotten first. 100; 0: no
    /// event is kept. They are forgotten with a restart.
    pub events_per_channel: usize,
    /// Private messages that are kept for an account; the oldest is dropped first. 200.
    pub mailbox_per_account: usize,
    /// The time for which clients can read a message, from when it was said. `None`: as long as
    /// memory, or the store of the host, has it.
    ///
    /// Older messages are in no page of a history, and no search finds them, whether memory or a
    /// store has them. A host with a store deletes them there.
    pub message_age: Option<Duration>,
    /// The shortest time for which an owner may have the messages of a channel
    /// [kept](crate::Modes::keep). One hour. The longest one is
    /// [`message_age`](Self::message_age), or ten years; if this is longer, no owner can set a
    /// time. A time that was set earlier stays.
    pub shortest_keep: Duration,
    /// The time for which the [nonce](crate::Command::Say::nonce) of a message is remembered. 10
    /// minutes: longer than a client needs to reconnect.
    ///
    /// The nonces of an account are remembered after its user has quit, those of a user without an
    /// account until it quits.
    pub nonce_window: Duration,
    /// Most nonces that are remembered for one account, or for one user without an account; the
    /// oldest is forgotten first. 1,000; 0: none, so that messages sent again are delivered again.
    /// Each keeps its message in memory, whatever the length of the histories.
    pub nonces_per_user: usize,
    /// Most messages in one reply to a request for history. 100.
    pub history_page: usize,
    /// Longest text of a search, in bytes. 256.
    pub search_bytes: usize,
    /// Most messages in one reply to a search. 50.
    pub search_page: usize,
    /// Most bans of one channel; mutes and exceptions have the same limit each. 100.
    pub bans_per_channel: usize,
    /// Most bans from the whole server by the host. 1,000.
    pub server_bans: usize,
    /// Most pending invitations of the invited user, so that many inviters cannot flood a user. 20.
    pub invitations_per_user: usize,
    /// Most nicknames that one session [watches](crate::UserCommand::Watch). 100.
    pub watched_nicknames: usize,
    /// The accounts of the server operators, who may
    /// [moderate](crate::OperatorCommand) the whole server. None. Names are compared exactly, as
    /// those of all accounts. Clients cannot register an account with such a name: the host makes
    /// it.
    pub server_operators: Vec<AccountName>,
    /// The logins with which any user can [become](crate::UserCommand::BecomeOperator) a server
    /// operator until it quits. None.
    pub operator_logins: Vec<OperatorLogin>,
    /// Most entries of the [audit log](crate::AuditEntry); the oldest are forgotten first. 10,000;
    /// 0: there is no audit log.
    pub audit_entries: usize,
    /// The age above which entries of the audit log are not shown; they are deleted with the next
    /// new entry. One year; `None`: no limit.
    pub audit_age: Option<Duration>,
    /// Most [reports](crate::Report) that are open at once. 1,000.
    pub open_reports: usize,
    /// Reports from one network before their rate is limited. An IPv6 network has 64 bits. 5; 0
    /// switches the limit off.
    pub report_burst: u32,
    /// The time after which another report is allowed then. 60 seconds.
    pub report_interval: Duration,
    /// Users who have quit or renamed themselves and can still be
    /// [looked up](crate::Query::WasHere), all nicknames together; the oldest is forgotten first.
    /// 1,000. They are forgotten with a restart.
    pub was_here: usize,
    /// Most sessions that a user has at once. 10. Only users with an account have several, and
    /// users whose client reconnects with its [reconnect key](Self::reconnect_period) before the
    /// server has noticed that the old connection is lost.
    pub sessions_per_user: usize,
    /// Most entries of a roster, a list of users or a list of channels; the reply contains the
    /// total number. 500.
    pub listing: usize,
    /// Above this number of members, joins, leaves, quits, away texts and renames of a channel's
    /// members are not announced to the other members. A user who also shares a smaller channel is
    /// told. 1,000.
    pub announce_up_to: usize,
    /// The time within which a message can be edited. One day; zero: messages cannot be edited;
    /// `None`: no limit.
    pub edit_window: Option<Duration>,
    /// Above this number of members, signals that a user is [typing](crate::AppData::TYPING) are
    /// not passed on in a channel. 200.
    pub typing_up_to: usize,
    /// The time within which at most one signal that a user is typing is passed on for each channel
    /// or user, and one that it no longer is. 3 seconds.
    pub typing_interval: Duration,
    /// Commands that a session may give at once, before the rate counts. 20.
    pub command_burst: u32,
    /// Commands a second that a session may give in the long run; 0 switches the limit off. 10.
    pub commands_per_second: u32,
    /// True if the host is [asked](crate::Effect::Ask) to authenticate a client before it gets a
    /// nickname. False: any client may take any nickname.
    pub authenticate: bool,
    /// True if the engine keeps accounts with passwords, which the host
    /// [checks](crate::Question::CheckPassword). False.
    pub accounts: bool,
    /// True if clients can [register](crate::AccountCommand::Register) accounts. False.
    pub registration: bool,
    /// Most registered accounts. Beyond it, clients cannot register; accounts that the
    /// host authenticates do not count. 100,000, because each takes memory.
    pub registered_accounts: usize,
    /// True if only a user of the account may have the name of a registered account as nickname, or
    /// one that looks the same. True.
    pub reserve_nicknames: bool,
    /// Most logins of one account that are remembered; the one that was not used for the longest
    /// time is forgotten first. 20.
    pub logins_per_account: usize,
    /// The time for which a session token that is not used stays valid. 90 days; `None`: for ever.
    pub token_age: Option<Duration>,
    /// Attempts at a password from one network before their rate is limited, and a tenth of those
    /// for one account from all networks. New accounts count as well; a right password does not. An
    /// IPv6 network has 64 bits. 10; 0 switches the limit off.
    pub login_burst: u32,
    /// The time after which another attempt is allowed then. 6 seconds.
    pub login_interval: Duration,
    /// Most messages that are counted as unread in a channel or in a private conversation: a count
    /// of this size means at least so many. 200, because each unread message is searched for the
    /// name of its reader.
    pub unread_counted: usize,
    /// Most private conversations of an account that its clients are told of when they connect:
    /// those with the newest messages. 50.
    pub conversations: usize,
    /// True if the host has a store with older messages than the histories in memory, and is
    /// [asked](crate::Effect::Ask) for them, and for every search. False: clients read and search
    /// as much as memory has.
    pub older_history: bool,
    /// The time in which the host has to answer a question. After that the client is told to try
    /// again. 10 seconds.
    pub answer_timeout: Duration,
    /// The time that a program may stay without a nickname, counted from its last command, such as
    /// an attempt to take one. 15 seconds, because a program knows its nickname. `None`: for ever.
    pub naming_timeout: Option<Duration>,
    /// The time that a [person](crate::Peer::person) may stay without a nickname. 120 seconds;
    /// `None`: for ever.
    pub person_naming_timeout: Option<Duration>,
    /// The time that a user without an account stays, or one whose account has no other session,
    /// after the connection was lost, if the client has given a reconnect key when it
    /// [identified](crate::Command::Identify) itself. 10 seconds; `None`: they quit at once.
    ///
    /// The others do not learn of it, and the user keeps their name, channels, roles and
    /// invitations. A session that identifies itself with the same nickname and key, or the same
    /// account, speaks for the user from then on. If none does, the user quits.
    pub reconnect_period: Option<Duration>,
    /// The time that a user with an account stays after its last connection was lost, with or
    /// without a reconnect key. 2 minutes; ten years, the longest time, means until the engine is
    /// restarted. `None`: it quits at once, unless it may come back within the [reconnect
    /// period](Self::reconnect_period).
    ///
    /// The user keeps its nickname, channels and roles. Private messages to it are stored, and
    /// their senders are told that it reads them later.
    pub linger: Option<Duration>,
    /// The time after which users whose last connection was lost are shown as away. 30 seconds.
    pub linger_away: Duration,
    /// Most users at once whose connection was lost and who may come back. 10,000. They hold no
    /// connection, so that no limit of connections bounds them; beyond this they quit at once.
    pub disconnected_users: usize,
    /// The time that a user may stay without any command. `None`: for ever, because people may only
    /// read.
    pub idle_timeout: Option<Duration>,
    /// The prefix of the nicknames that the engine gives: `user1`, `user2`, … `user`.
    pub guest_prefix: String,
    /// The status of the user who creates a channel. Owner.
    pub creator_status: Status,
    /// Nicknames that no client may choose, because users could take their owner for a service or
    /// for the server; names that look like one of them (UTS #39) are refused as well. The names of
    /// the services of IRC networks, `server` and `services`.
    ///
    /// Names that the host decides may be reserved ones: [`Peer::nickname`](crate::Peer::nickname),
    /// [`Identity::nicknames`](crate::Identity::nicknames), and a name that a
    /// [`Policy`](crate::Policy) puts into a command. Generated names are never reserved ones.
    pub reserved_names: Vec<String>,
    /// True if every channel is kept after its last member has left. False: only channels that an
    /// account owns are kept.
    pub keep_empty_channels: bool,
    /// The modes of a new channel. Members only.
    pub new_channel_modes: Modes,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            nickname_length: 32,
            channel_name_length: 64,
            message_bytes: 4_096,
            message_lines: 64,
            topic_bytes: 512,
            reason_bytes: 256,
            away_bytes: 256,
            username_bytes: 32,
            real_name_bytes: 128,
            key_bytes: 64,
            data_bytes: 4_096,
            public_data_keys: PUBLIC_DATA_KEYS.iter().map(|&key| key.into()).collect(),
            channels: 10_000,
            channels_per_owner: 50,
            channels_per_user: 50,
            members_per_channel: 100_000,
            history_per_channel: 200,
            events_per_channel: 100,
            mailbox_per_account: 200,
            message_age: None,
            shortest_keep: Duration::from_secs(3_600),
            nonce_window: Duration::from_secs(600),
            nonces_per_user: 1_000,
            history_page: 100,
            search_bytes: 256,
            search_page: 50,
            bans_per_channel: 100,
            server_bans: 1_000,
            watched_nicknames: 100,
            server_operators: Vec::new(),
            operator_logins: Vec::new(),
            open_reports: 1_000,
            report_burst: 5,
            report_interval: Duration::from_secs(60),
            audit_entries: 10_000,
            audit_age: Some(Duration::from_secs(365 * 24 * 60 * 60)),
            invitations_per_user: 20,
            was_here: 1_000,
            sessions_per_user: 10,
            listing: 500,
            announce_up_to: 1_000,
            edit_window: Some(Duration::from_secs(24 * 60 * 60)),
            typing_up_to: 200,
            typing_interval: Duration::from_secs(3),
            command_burst: 20,
            commands_per_second: 10,
            authenticate: false,
            accounts: false,
            registration: false,
            registered_accounts: 100_000,
            reserve_nicknames: true,
            logins_per_account: 20,
            token_age: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            login_burst: 10,
            login_interval: Duration::from_secs(6),
            older_history: false,
            answer_timeout: Duration::from_secs(10),
            naming_timeout: Some(Duration::from_secs(15)),
            person_naming_timeout: Some(Duration::from_secs(120)),
            reconnect_period: Some(Duration::from_secs(10)),
            linger: Some(Duration::from_secs(120)),
            linger_away: Duration::from_secs(30),
            unread_counted: 200,
            conversations: 50,
            disconnected_users: 10_000,
            idle_timeout: None,
            guest_prefix: "user".into(),
            creator_status: Status::Owner,
            keep_empty_channels: false,
            reserved_names: RESERVED_NAMES.iter().map(|&name| name.into()).collect(),
            new_channel_modes: Modes::default(),
        }
    }
}

/// Keys that are known from IRC (`draft/metadata`).
const PUBLIC_DATA_KEYS: [&str; 7] =
    ["avatar", "color", "display-name", "homepage", "pronouns", "status", "url"];

/// The names of the services of Anope and Atheme, which most IRC networks run, and of the server.
const RESERVED_NAMES: [&str; 12] = [
    "NickServ", "ChanServ", "MemoServ", "OperServ", "HostServ", "BotServ", "HelpServ", "StatServ",
    "SaslServ", "Global", "server", "services",
];
