//! The origins of connections: listeners, the acceptor, and front ends.

mod acceptor;
mod front_end;
mod listener;
#[cfg(unix)]
mod unix_socket;

pub use acceptor::Acceptor;
pub use front_end::{FrontEnd, FrontEndError};
pub use listener::{Incoming, Listener, Plain, RefusedConnection, bind};
#[cfg(unix)]
pub use unix_socket::{UnixSocket, bind_unix};
