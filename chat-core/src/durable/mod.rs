//! The state that outlasts a restart, and the records that change it.
//!
//! [`DurableState`] changes only through [`DurableState::apply`], and the engine emits every record
//! that it applies. So a store that keeps the records, or applies them to its own copy, has the
//! same state as the engine after every input.

mod account;
mod apply;
mod audit_log;
mod changes;
mod channel;
mod history;
mod list;
mod mailboxes;
mod nonces;
mod pins;
mod presence;
mod recent_events;
mod reports;
mod resume;
mod server_bans;
mod state;

pub(crate) use account::{Membership, Registration};
pub(crate) use changes::Changes;
pub(crate) use channel::Channel;
pub(crate) use history::{History, Readable, Stored};
pub(crate) use nonces::{Acknowledgement, NonceLimits, Nonces};
pub(crate) use presence::Member;
#[cfg(feature = "serde")]
pub(crate) use presence::Presence;
pub(crate) use recent_events::RecentEvents;
pub use resume::Counters;
pub use state::DurableState;
pub(crate) use state::{GUEST_NUMBERS, USER_IDS};
