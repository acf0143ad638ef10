//! Clients that read too slowly.

/// The treatment of a session whose client does not read fast enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// Replies and events that do not fit are dropped and counted. The client is told the number
    /// once there is room.
    #[default]
    Lag,
    /// The session is closed.
    Disconnect,
}
