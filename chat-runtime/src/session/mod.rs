//! Sessions: connections of any transport, and sessions in the same process.

mod close_on_drop;
mod connection;
mod in_process;

pub use connection::Connection;
pub use in_process::{CommandSender, InProcessSession};
