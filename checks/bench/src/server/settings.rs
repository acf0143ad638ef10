//! The settings of this server.

/// How this server is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Whether members of a room are told who comes and goes.
    pub(crate) announces: bool,
    /// On how many threads it serves connections; as it comes if it is not said.
    pub(crate) shards: Option<usize>,
}
