//! The client protocol of NATS. A room is a subject.

use super::{Frame, Protocol, Step, line};

/// Lines, and messages with a length prefix. The clients turn echoes off.
pub(crate) struct Nats;

impl Protocol for Nats {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        let connect = format!(
            "CONNECT {{\"verbose\":false,\"pedantic\":false,\"echo\":false,\
             \"name\":\"{nickname}\"}}\r\nPING\r\n"
        );
        vec![Step::new("", "INFO "), Step::new(connect, "PONG")]
    }

    fn join(&self, room: &str, _: &str) -> Step {
        Step::new(format!("SUB {room} 1\r\nPING\r\n"), "PONG")
    }

    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("PUB {room} {}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    fn leave(&self, _: &str) -> Step {
        Step::new("UNSUB 1\r\nPING\r\n", "PONG")
    }

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        let header = line(bytes)?;
        if !bytes.starts_with(b"MSG ") {
            return Some(header);
        }
        let words = bytes[..header].trim_ascii_end();
        let length = words.rsplit(|&byte| byte == b' ').next()?;
        let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
        let end = header + length + 2;
        (bytes.len() >= end).then_some(end)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        match frame.trim_ascii_end() {
            b"PING" => Frame::Ping(b"PONG\r\n".to_vec()),
            b"PONG" | b"+OK" => Frame::Other,
            other if other.starts_with(b"INFO ") => Frame::Other,
            _ => Frame::server_error(frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ends_where_its_length_says() {
        let frame = b"MSG r00000 1 5\r\nhe\r\no\r\nPING\r\n";
        assert_eq!(Nats.frame(frame), Some(23));
        assert_eq!(Nats.frame(&frame[..22]), None);
        assert_eq!(Nats.frame(&frame[..10]), None);
        assert_eq!(Nats.frame(&frame[23..]), Some(6));
    }

    #[test]
    fn error_is_a_server_error() {
        let slow = b"-ERR 'Slow Consumer'\r\n";
        assert_eq!(Nats.read(slow), Frame::ServerError("-ERR 'Slow Consumer'".into()));
        assert_eq!(Nats.read(b"PING\r\n"), Frame::Ping(b"PONG\r\n".to_vec()));
    }
}
