//! Waiting for the first bytes of a connection before a session begins.
//!
//! Health checks connect and leave without a byte, many times a minute. Nobody is told of a client
//! that leaves in this time.

use crate::foreign::{ForeignProtocol, Verdict, inspect};
use bytes::BytesMut;
use chat_runtime::read_some;
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::time::{Instant, timeout_at};

/// What a client has shown of itself.
pub(crate) enum Detected {
    /// It has left without a byte.
    Gone,
    /// It speaks something else.
    Foreign(ForeignProtocol),
    /// It has sent these bytes, which may be none.
    Client(BytesMut),
}

/// Waits until the first line has come, `is_decided` returns true for the bytes so far, or
/// `patience` is over. Reads little more than `line_limit` bytes.
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
