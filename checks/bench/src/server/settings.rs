//! The settings of this server.

/// Settings of this server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// True if joins and leaves are announced to the members of a room.
    pub(crate) announces: bool,
    /// The number of threads that serve connections; the server's default if `None`.
    pub(crate) shards: Option<usize>,
}
