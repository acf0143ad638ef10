//! Sessions: connections of any transport, and sessions in the same process.

#[cfg(not(target_os = "linux"))]
mod busy_connection;
mod close_on_drop;
mod connection;
#[cfg(target_os = "linux")]
mod idle_connection;
mod in_process;
mod spawn;

pub use connection::Connection;
pub use in_process::{CommandSender, InProcessSession};
