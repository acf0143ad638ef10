//! Whole servers in this process, and clients that talk to them over sockets.
//!
//! All of these tests are one program, which is linked once. A test that changes its process, or
//! measures it, is a program of its own: `hostile`.

mod accounts;
mod addresses;
mod auto;
mod bad_input;
mod certificates;
mod coverage;
mod crowd;
mod failures;
mod first_bytes;
mod framing;
mod full_store;
mod host;
mod http;
mod idle;
mod in_process;
mod irc;
mod limits;
mod metrics;
mod older_history;
mod older_systems;
mod passwords;
mod permissions;
mod privacy;
mod rooms;
mod slow_reader;
mod stopping;
mod store;
mod telnet;
mod tls;
#[cfg(unix)]
mod unix_sockets;
mod web;
