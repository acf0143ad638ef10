//! Waits for the first bytes of a connection before a session begins.
//!
//! Health checks connect and leave without sending a byte, many times a minute. A client that
//! leaves within this time gets no session, so other users see no join and no quit.

use crate::foreign::{ForeignProtocol, Verdict, inspect};
use bytes::BytesMut;
use chat_runtime::read_some;
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::time::{Instant, timeout_at};

/// The result of waiting for a client's first bytes.
pub(crate) enum Detected {
    /// The client has disconnected without sending a byte.
    Gone,
    /// The client speaks another protocol.
    Foreign(ForeignProtocol),
    /// The client is to be served. It has sent these bytes, or none.
    Client(BytesMut),
}

/// Waits until the first line has arrived, `is_decided` returns true for the bytes so far, or
/// `patience` has passed. Reads little more than `line_limit` bytes.
pub(crate) async fn detect(
    reader: &mut (impl AsyncRead + Unpin),
    line_limit: usize,
    patience: Duration,
    is_decided: impl Fn(&[u8]) -> bool,
) -> Detected {
    let until = Instant::now() + patience;
    let mut early = BytesMut::new();
    loop {
        match inspect(&early, line_limit) {
            Verdict::Foreign(protocol) => return Detected::Foreign(protocol),
            Verdict::Lines => return Detected::Client(early),
            Verdict::Undecided if is_decided(&early) => return Detected::Client(early),
            Verdict::Undecided => {}
        }
        match timeout_at(until, read_some(reader, &mut early)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) if early.is_empty() => return Detected::Gone,
            Ok(Ok(0) | Err(_)) | Err(_) => return Detected::Client(early),
        }
    }
}
