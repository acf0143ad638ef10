//! The limits that a client is told.

use crate::SendLimits;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct LimitsObject {
    frame_bytes: usize,
    message_bytes: usize,
    message_lines: usize,
}

impl From<SendLimits> for LimitsObject {
    fn from(limits: SendLimits) -> Self {
        let SendLimits { frame_bytes, message_bytes, message_lines } = limits;
        Self { frame_bytes, message_bytes, message_lines }
    }
}
