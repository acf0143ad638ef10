//! Close codes of WebSocket connections (RFC 6455 §7.4).

use chat_runtime::chat_core::CloseReason;
use std::ops::RangeInclusive;

/// The server's own close codes after which a client should not reconnect automatically, because
/// the same would happen again. Of the codes of RFC 6455, 1000, 1003, 1007 and 1009 are final too.
pub const FINAL_CLOSE_CODES: RangeInclusive<u16> = 4400..=4499;

/// Returns the code with which a connection is closed for this reason. Only a `quit` results in
/// 1000.
pub fn close_code(reason: &CloseReason) -> u16 {
    match reason {
        CloseReason::Quit(_) => 1000,
        CloseReason::ShuttingDown => 1001,
        // The client ended the stream without a close frame (RFC 6455 §7.1.5).
        CloseReason::Disconnected => 1002,
        CloseReason::TooManyFaults => 4400,
        CloseReason::Expired => 4401,
        CloseReason::Refused => 4403,
        CloseReason::Removed(_) => 4410,
        CloseReason::NotNamed => 4500,
        CloseReason::Idle => 4501,
        CloseReason::TooSlow => 4502,
        _ => 1000,
    }
}
