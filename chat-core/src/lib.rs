#![no_std]
//! A chat engine as a pure state machine: users, channels, commands and events, and nothing else.
//!
//! The engine does no I/O. It has no clock, no threads, no randomness and no async code, and it
//! does not need `std`: a host hands it [`Input`]s with the time at which they happen, and gets
//! back [`Effect`]s: replies and events for sessions. The same inputs give the same effects, byte
//! for byte, on every machine. That is what makes it easy to test (see [`script`]), to replay, to
//! simulate, and to put under any kind of server.
//!
//! ```
//! use chat_core::{Command, Config, Effect, Engine, Event, Input, Peer, SessionId, Timestamp};
//!
//! let mut now = Timestamp::from_millis(1_767_225_600_000);
//! let mut engine = Engine::new(Config::default(), now);
//! let (alice, late) = (SessionId(1), SessionId(2));
//! for session in [alice, late] {
//!     engine.apply(now, Input::Open { session, peer: Peer::default() }).for_each(drop);
//! }
//!
//! let command = Command::identify("Alice");
//! let effects = engine.apply(now, Input::Command { session: alice, request: None, command });
//! for effect in effects {
//!     match effect {
//!         Effect::Reply { event: Event::Welcomed { user, .. }, .. } => {
//!             assert_eq!(user.nickname.shown(), "Alice");
//!         }
//!         other => panic!("there is no other user for {other:?}"),
//!     }
//! }
//!
//! // Without input, the host waits for the deadline, and then tells the engine the time.
//! now = engine.next_deadline().expect("the other session has to take a nickname by then");
//! let closed = engine.apply(now, Input::Tick).any(|effect| {
//!     matches!(effect, Effect::Close { session, .. } if session == late)
//! });
//! assert!(closed);
//! ```
//!
//! Invariants: [`Engine::apply`] never panics and never fails; a refused command changes nothing
//! and causes exactly one [`Event::Rejected`]; every collection that a client can grow has a limit
//! in [`Config`]; time never goes back; no session gets the same event twice.

extern crate alloc;

mod account;
mod account_command;
mod address_range;
mod app_data;
mod audit;
mod command;
mod command_words;
mod commands;
mod config;
mod counts;
mod credential;
mod data_change;
mod durable;
mod effect;
mod engine;
mod event;
mod event_channel;
mod event_key;
mod host_command;
mod id;
mod input;
mod list;
mod listing;
mod logged_in;
mod login_exchange;
mod mask;
mod mention;
mod message;
mod message_change;
mod message_command;
mod message_details;
mod message_reaction;
mod modes;
mod name;
mod nonce;
mod operator_command;
mod playback;
mod policy;
mod presence_change;
mod profile;
mod queries;
mod query;
mod question;
mod recipient;
mod record;
mod refusal;
mod refusal_code;
mod report;
mod role;
mod roster;
pub mod script;
pub mod search;
mod secret;
mod session_token;
mod signal;
#[cfg(feature = "serde")]
mod snapshot;
mod stamped_record;
mod state;
mod text;
mod time;
mod unknown_name;
mod user_card;
mod user_command;
mod user_info;
mod user_modes;
#[cfg(feature = "serde")]
mod versioned_record;
mod view;
mod words;

pub use account::AccountName;
pub use account_command::AccountCommand;
pub use address_range::{AddressRange, AddressRangeError};
pub use app_data::{AppData, AppDataError};
pub use audit::{AuditAction, AuditEntry, AuditId};
pub use command::{Command, JoinTarget, ResumePoint};
pub use config::{Config, OperatorLogin, SettingError};
pub use counts::Counts;
pub use credential::{Credential, PasswordLogin};
pub use data_change::DataChange;
pub use durable::{Counters, DurableState};
pub use effect::{Effect, Effects};
pub use engine::Engine;
pub use event::{Event, QueryResult};
pub use host_command::{BanTarget, HostCommand, ServerBan, UserChange};
pub use id::{ChannelId, EventKey, MessageId, RequestId, SessionId, UserId};
pub use input::{CloseReason, Input, Peer};
pub use list::{List, ListEntry, ListSubject, MaskChange};
pub use listing::{ChannelEntry, Topic, UserEntry};
pub use logged_in::LoggedIn;
pub use login_exchange::LoginExchange;
pub use mask::{MaskError, UserMask, matches_glob};
pub use message::{ActiveTarget, Message, MessageKind, Target};
pub use message_change::{MessageChange, MessageChangeKind};
pub use message_command::{MessageAction, MessageCommand};
pub use message_details::{Deletion, MessageDetails, Pin, ReplyTo};
pub use message_reaction::MessageReaction;
pub use modes::{ModeChange, Modes};
pub use name::{ChannelName, ChannelNameError, Nickname, NicknameError};
pub use nonce::{Nonce, NonceError};
pub use operator_command::OperatorCommand;
pub use playback::{Playback, PlaybackEvent, PlaybackItem};
pub use policy::{AllowAll, Policy};
pub use presence_change::{PresenceChange, Watched};
pub use profile::{Profile, ProfileChange};
pub use query::{HistoryRange, Query, SearchQuery};
pub use question::{
    Answer, Identity, MessageRequest, MissedChannel, MissedRequest, PasswordRefusal, Question,
    QuestionId,
};
pub use recipient::Recipient;
pub use record::Record;
pub use refusal::Refusal;
pub use report::{Report, ReportId, ReportTarget};
pub use role::{Role, Status, StatusChange, StatusSet};
pub use roster::{Conversation, JoinRefusal, ReadState, Roster, RosterEntry};
pub use secret::Secret;
pub use session_token::{SessionCard, TokenDigest, TokenDigestError, TokenId};
pub use signal::Signal;
#[cfg(feature = "serde")]
pub use snapshot::{EngineSnapshot, SavedEngine};
pub use stamped_record::StampedRecord;
pub use text::Text;
pub use time::Timestamp;
pub use unknown_name::UnknownName;
pub use user_card::{UserCard, WasHere};
pub use user_command::UserCommand;
pub use user_info::{Actor, UserInfo};
pub use user_modes::{UserModeChange, UserModes};
#[cfg(feature = "serde")]
pub use versioned_record::VersionedRecord;
pub use view::{ChannelView, MemberView, UserView, View};
pub use words::{Checked, Unchecked, Words};
