//! Why a connection is not let in.

/// Why a connection is closed before anything has been said on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TurnedAway {
    /// There are as many connections as there may be.
    #[error("the server is full: it has {limit} connections; try again later")]
    Full {
        /// Most connections.
        limit: usize,
    },
    /// There are as many connections from one address as there may be.
    #[error("there are {limit} connections from your address already; close one of them first")]
    TooManyFromAddress {
        /// Most connections of one address.
        limit: usize,
    },
    /// One address opens connections too fast.
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
