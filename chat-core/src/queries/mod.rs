//! The look-ups, one file each: required rights, and answers. They read the state and change
//! nothing.

mod answer;
mod audit_log;
mod changes;
mod channels;
mod counts;
mod history;
mod invitations;
mod list;
mod missed;
mod modes;
mod older;
mod pins;
mod playback;
mod private_history;
mod reader;
mod reports;
mod search;
mod server_bans;
mod targets;
mod topic;
mod user;
mod users;
mod was_here;

pub(crate) use answer::{answer, from_host};
pub(crate) use changes::{changes, knows_changes};
pub(crate) use missed::is_in_memory;
pub(crate) use older::{answered, ask, question};
pub(crate) use reader::Reader;
