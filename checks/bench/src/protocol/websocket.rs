//! This server's JSON dialect over WebSocket (RFC 6455).

use super::{Frame, Json, Protocol, Step};
use memchr::memmem;

/// Messages with one object each. The client masks its frames with zeros, which is a valid mask and
/// leaves the bytes unchanged.
pub(crate) struct WebSocket;

impl Protocol for WebSocket {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        let mut steps = vec![Step::new(HANDSHAKE, "HTTP/1.1 101 ")];
        steps.extend(Json.enter(nickname).into_iter().map(masked));
        steps
    }

    fn join(&self, room: &str, nickname: &str) -> Step {
        masked(Json.join(room, nickname))
    }

    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>) {
        let mut payload = Vec::with_capacity(text.len() + 64);
        Json.say(room, text, &mut payload);
        mask(TEXT, &payload, out);
    }

    fn leave(&self, room: &str) -> Step {
        masked(Json.leave(room))
    }

    fn echoes(&self) -> bool {
        Json.echoes()
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        if bytes.starts_with(b"HTTP/") {
            return memmem::find(bytes, b"\r\n\r\n").map(|end| end + 4);
        }
        let (header, length) = header(bytes)?;
        (bytes.len() >= header + length).then_some(header + length)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        if frame.starts_with(b"HTTP/1.1 101 ") {
            return Frame::Other;
        }
        let Some((header, _)) = header(frame) else { return Frame::server_error(frame) };
        let payload = &frame[header..];
        match frame[0] {
            TEXT => match Json.other(payload) {
                Frame::Ping(answer) => {
                    let mut out = Vec::new();
                    mask(TEXT, &answer, &mut out);
                    Frame::Ping(out)
                }
                other @ (Frame::Message(_) | Frame::Other | Frame::ServerError(_)) => other,
            },
            PING => {
                let mut out = Vec::new();
                mask(PONG, payload, &mut out);
                Frame::Ping(out)
            }
            PONG => Frame::Other,
            _ => Frame::server_error(payload),
        }
    }
}

fn masked(step: Step) -> Step {
    let mut send = Vec::new();
    mask(TEXT, &step.send, &mut send);
    Step { send, ..step }
}

/// Writes a masked frame.
fn mask(kind: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => out.push(0x80 | length as u8),
        Ok(length) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// Returns the lengths of the header and of the payload of a server's frame.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            Some((4, usize::from(u16::from_be_bytes(length))))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            Some((10, usize::try_from(u64::from_be_bytes(length)).ok()?))
        }
        length => Some((2, usize::from(length & 0x7f))),
    }
}

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat.json\r\n\r\n";
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_ends_where_its_header_says() {
        let frame =
            |length: &[u8], payload: usize| [&[TEXT], length, &vec![b'x'; payload]].concat();
        for (header, payload) in
            [(vec![5], 5), (vec![126, 1, 0], 256), (vec![127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536)]
        {
            let frame = frame(&header, payload);
            assert_eq!(WebSocket.frame(&[&frame[..], b"more"].concat()), Some(frame.len()));
            assert_eq!(WebSocket.frame(&frame[..frame.len() - 1]), None);
            assert_eq!(WebSocket.frame(&frame[..1]), None);
        }
    }

    #[test]
    fn ping_is_answered_with_its_payload() {
        let answer = vec![PONG, 0x80 | 2, 0, 0, 0, 0, b'h', b'i'];
        assert_eq!(WebSocket.read(&[PING, 2, b'h', b'i']), Frame::Ping(answer));
    }

    #[test]
    fn close_frame_is_a_server_error() {
        assert_eq!(WebSocket.read(b"\x88\x02no"), Frame::ServerError("no".into()));
    }
}
