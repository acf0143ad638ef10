//! HTTP on the wire: exact bytes in, status and headers out.

mod login;
mod origins;
mod semantics;
pub(crate) mod wire;
