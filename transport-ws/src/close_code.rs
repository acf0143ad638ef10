//! Why a WebSocket is closed, as its close code says (RFC 6455 §7.4).

use chat_runtime::core::CloseReason;
use std::ops::RangeInclusive;

/// Codes of the server's own after which a client should not connect again by itself: the same would happen.
///
/// After the server's other codes, [`ABNORMAL`](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1) ends and the rest of
/// RFC 6455's codes but 1000 it may.
pub const FINAL_CLOSE_CODES: RangeInclusive<u16> = 4400..=4499;

/// The code with which a connection is closed for this reason. 1000 only follows a `quit`.
pub fn close_code(reason: &CloseReason) -> u16 {
    match reason {
        CloseReason::Quit(_) => 1000,
        CloseReason::ShuttingDown => 1001,
        // The client has ended the stream without a close frame (RFC 6455 §7.1.5).
        CloseReason::Disconnected => 1002,
        CloseReason::TooManyFaults => 4400,
        CloseReason::Expired => 4401,
        CloseReason::Refused => 4403,
        CloseReason::NotNamed => 4500,
        CloseReason::Idle => 4501,
        CloseReason::TooSlow => 4502,
    }
}
