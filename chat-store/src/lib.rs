//! The interface of durable stores for the chat engine.
//!
//! The engine forgets nothing while it runs, and everything when it stops. A [`Store`] keeps the
//! [records](chat_core::Record) that it emits, and returns them as a
//! [`DurableState`](chat_core::DurableState) at the next start. The server commits the records of a
//! round before it sends a byte of that round, so nobody has seen anything that a restart forgets.
//!
//! All functions block. They need no runtime: the server calls them on threads of their own.
//!
//! [`MemoryStore`] keeps everything in memory, for tests. `chat-store-sqlite` keeps it in a file.
//! With the feature `conformance`, the function `conformance::check` tests any store.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
mod store;

pub use chat_core;
pub use error::StoreError;
pub use memory::MemoryStore;
pub use store::{Found, Opened, Page, Reader, Store, StoreLevels, other_party};
