//! Encodes the frames that a server sends on a WebSocket (RFC 6455 §5). A server does not mask its
//! frames, so the bytes of a frame are the same for all recipients.

use crate::close_code::close_code;
use bytes::Bytes;
use chat_runtime::Framing;
use chat_runtime::chat_core::CloseReason;
use chat_runtime::chat_dialects::Frame as Text;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};

/// Writes dialect frames as text messages.
pub(crate) struct WsFraming;

/// Writes dialect frames as binary messages.
pub(crate) struct WsBinaryFraming;

impl Framing for WsFraming {
    fn frame(text: &Text, out: &mut Vec<u8>) {
        data(Data::Text, text, out);
    }

    fn close(reason: &CloseReason, out: &mut Vec<u8>) {
        let text = reason.told().map(|text| text.to_string()).unwrap_or_default();
        let code = CloseCode::from(close_code(reason));
        let frame = CloseFrame { code, reason: truncated(&text).into() };
        write(Frame::close(Some(frame)), out);
    }

    fn ping(out: &mut Vec<u8>) -> bool {
        write(Frame::ping(Bytes::new()), out);
        true
    }
}

impl Framing for WsBinaryFraming {
    fn frame(text: &Text, out: &mut Vec<u8>) {
        data(Data::Binary, text, out);
    }

    fn close(reason: &CloseReason, out: &mut Vec<u8>) {
        WsFraming::close(reason, out);
    }

    fn ping(out: &mut Vec<u8>) -> bool {
        WsFraming::ping(out)
    }
}

fn data(kind: Data, text: &Text, out: &mut Vec<u8>) {
    let header = FrameHeader { opcode: OpCode::Data(kind), ..FrameHeader::default() };
    header.format(text.bytes().len() as u64, out).expect(NO_ERROR);
    out.extend_from_slice(text.bytes());
}

/// Encodes a close frame with a code and an empty reason.
pub(crate) fn close_with(code: CloseCode) -> Vec<u8> {
    close(Some(CloseFrame { code, reason: "".into() }))
}

/// Encodes a close frame.
pub(crate) fn close(frame: Option<CloseFrame>) -> Vec<u8> {
    let mut out = Vec::new();
    write(Frame::close(frame), &mut out);
    out
}

/// Encodes the answer to a ping.
pub(crate) fn pong(data: Bytes) -> Vec<u8> {
    let mut out = Vec::new();
    write(Frame::pong(data), &mut out);
    out
}

fn write(frame: Frame, out: &mut Vec<u8>) {
    frame.format(out).expect(NO_ERROR);
}

/// Truncates a reason to 123 bytes, the most that fit into a close frame (RFC 6455 §5.5).
fn truncated(reason: &str) -> &str {
    let end = (0..=reason.len().min(123)).rev().find(|&end| reason.is_char_boundary(end));
    &reason[..end.unwrap_or(0)]
}

const NO_ERROR: &str = "writing to memory cannot fail";
