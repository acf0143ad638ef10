//! The reasons for which a node cannot join.

/// The reason for which a node cannot join its cluster, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No server can be reached, or none accepts the credentials.
    #[error("cannot connect to NATS: {0}")]
    Connect(String),
    /// The file with the credentials cannot be read.
    #[error("cannot read the credentials for NATS: {0}")]
    Credentials(String),
    /// The server is older than the stream needs.
    #[error("NATS {0} is too old; the cluster needs 2.10.26 or newer")]
    TooOld(String),
    /// The stream cannot be made, read or appended to.
    #[error("cannot use the stream {stream} of JetStream: {reason}")]
    Stream {
        /// The stream.
        stream: String,
        /// The reason of the server.
        reason: String,
    },
    /// Entries were deleted, and no state can be rebuilt without them.
    #[error(
        "the stream {0} no longer has its first entries, and there is no snapshot that could \
         replace them; the realm cannot be rebuilt from it"
    )]
    Incomplete(String),
    /// The stream is older than the snapshots of the realm, or another one.
    #[error(
        "the stream {0} has lost entries, or was made again: it ends before the snapshot at entry \
         {1}; restore it, or delete the bucket {0} as well to begin a new realm"
    )]
    Shorter(String, u64),
    /// The realm has begun with another version or configuration.
    #[error(
        "this node has another version or configuration than the one with which the realm of the \
         stream {0} began"
    )]
    Differs(String),
    /// The bucket of the snapshots cannot be made or read.
    #[error("cannot use the bucket {bucket} of JetStream: {reason}")]
    Bucket {
        /// The bucket.
        bucket: String,
        /// The reason of the server.
        reason: String,
    },
    /// The stream could lose entries that a node needs, or cannot take those of this node.
    #[error("the stream {0} is not safe for a cluster: it needs {1}")]
    Unsafe(String, String),
    /// The stream has had too many entries.
    #[error("the stream {0} has too many entries; begin a new realm")]
    TooLong(String),
}

/// Returns an error with its sources, in one line and without repetitions.
pub(crate) fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
