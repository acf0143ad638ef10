//! MQTT 3.1.1, quality of service 0. A room is a topic.

use super::{Frame, Protocol, Step};

/// Packets with a length prefix. A sender that is subscribed to the topic receives its own
/// messages.
pub(crate) struct Mqtt;

impl Protocol for Mqtt {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        // A clean session without keep-alive.
        let mut connect = b"\x00\x04MQTT\x04\x02\x00\x00".to_vec();
        string(nickname, &mut connect);
        let mut send = Vec::new();
        packet(0x10, &connect, &mut send);
        vec![Step::new(send, b"\x20\x02\x00\x00")]
    }

    fn join(&self, room: &str, _: &str) -> Step {
        let mut subscribe = vec![0, 1];
        string(room, &mut subscribe);
        subscribe.push(0);
        let mut send = Vec::new();
        packet(0x82, &subscribe, &mut send);
        Step::new(send, b"\x90\x03\x00\x01\x00")
    }

    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>) {
        let mut publish = Vec::with_capacity(room.len() + text.len() + 2);
        string(room, &mut publish);
        publish.extend_from_slice(text);
        packet(0x30, &publish, out);
    }

    fn leave(&self, room: &str) -> Step {
        let mut unsubscribe = vec![0, 2];
        string(room, &mut unsubscribe);
        let mut send = Vec::new();
        packet(0xa2, &unsubscribe, &mut send);
        Step::new(send, b"\xb0\x02\x00\x02")
    }

    fn echoes(&self) -> bool {
        true
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        let mut length = 0;
        for (at, &byte) in bytes.iter().enumerate().skip(1).take(4) {
            length |= usize::from(byte & 0x7f) << (7 * (at - 1));
            if byte & 0x80 == 0 {
                let end = at + 1 + length;
                return (bytes.len() >= end).then_some(end);
            }
        }
        None
    }

    fn other(&self, frame: &[u8]) -> Frame {
        match frame {
            // CONNACK, SUBACK, UNSUBACK and PINGRESP.
            [0x20, 2, _, 0] | [0x90, 3, _, _, 0] | [0xb0, ..] | [0xd0, ..] => Frame::Other,
            _ => Frame::ServerError(format!(
                "an unexpected MQTT packet that begins with {:02x?}",
                &frame[..frame.len().min(8)]
            )),
        }
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    let length = u16::try_from(text.len()).expect("names are short");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn packet(kind: u8, rest: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    let mut length = rest.len();
    while length > 0x7f {
        out.push(length as u8 & 0x7f | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packet_ends_where_its_length_says() {
        for length in [0, 5, 127, 128, 20_000] {
            let mut bytes = Vec::new();
            packet(0x30, &vec![b'x'; length], &mut bytes);
            let whole = bytes.len();
            assert_eq!(Mqtt.frame(&bytes[..whole - 1]), None);
            bytes.extend_from_slice(b"more");
            assert_eq!(Mqtt.frame(&bytes), Some(whole));
        }
    }

    #[test]
    fn refusals_are_server_errors() {
        assert_eq!(Mqtt.read(b"\x20\x02\x00\x00"), Frame::Other);
        assert!(matches!(Mqtt.read(b"\x20\x02\x00\x05"), Frame::ServerError(_)));
        assert!(matches!(Mqtt.read(b"\x90\x03\x00\x01\x80"), Frame::ServerError(_)));
    }
}
