//! The reasons for which a server refuses connections.

/// The reason for which the server refuses a connection before a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TurnedAway {
    /// The server has as many connections as it may have.
    #[error("the server is full: it has {limit} connections; try again later")]
    Full {
        /// The largest number of connections.
        limit: usize,
    },
    /// The address has as many connections as it may have.
    #[error("there are {limit} connections from your address already; close one of them first")]
    TooManyFromAddress {
        /// The largest number of connections of one address.
        limit: usize,
    },
    /// The address opens connections too fast.
    #[error("too many connections from your address in too short a time; wait a second")]
    TooFast,
}

impl TurnedAway {
    /// A name for programs: `snake_case`, and stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::Full { .. } => "server_full",
            Self::TooManyFromAddress { .. } => "too_many_connections",
            Self::TooFast => "connecting_too_fast",
        }
    }
}
