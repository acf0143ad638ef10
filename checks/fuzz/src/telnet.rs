//! Fuzzes a stream with telnet commands in it.

use bytes::BytesMut;
use chat_dialects::Telnet;

/// Checks that data and answers are as in RFC 854, and do not depend on where the stream is split.
pub fn telnet(data: &[u8]) {
    let whole = receive([data]);
    assert_eq!(receive(data.chunks(1)), whole, "byte by byte");
    let size = data.first().map_or(1, |first| usize::from(*first) % 16 + 1);
    assert_eq!(receive(data.chunks(size)), whole, "in pieces of {size} bytes");

    let (bytes, answers) = whole;
    assert_eq!(bytes, expected(data));
    assert!(answers.len() <= data.len(), "an answer of three bytes for a request of three bytes");
}

/// Returns the data and the answers without those to Are You There, which depend on how the stream
/// is split.
fn receive<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Vec<u8>) {
    let mut telnet = Telnet::default();
    let (mut buffer, mut answers) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        let from = buffer.len();
        buffer.extend_from_slice(piece);
        telnet.receive(&mut buffer, from, &mut answers);
    }
    (buffer.to_vec(), without_lines(&answers))
}

/// Keeps only the answers to negotiation: each is three bytes that begin with IAC.
fn without_lines(answers: &[u8]) -> Vec<u8> {
    let mut rest = answers;
    let mut kept = Vec::new();
    while let [first, ..] = rest {
        let length = match first {
            255 => 3,
            _ => rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |end| end + 1),
        };
        if *first == 255 {
            kept.extend_from_slice(&rest[..length]);
        }
        rest = &rest[length..];
    }
    kept
}

/// Returns the data of the stream: a reference implementation that matches commands from the front.
fn expected(stream: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut rest = stream;
    loop {
        let length = match rest {
            [] | [255] | [255, 251..=254] => return data,
            [255, 255, ..] => {
                data.push(255);
                2
            }
            [255, 251..=254, _, ..] => 3,
            [255, 250, parameters @ ..] => 2 + subnegotiation(parameters),
            [255, 247, ..] => {
                data.push(8);
                2
            }
            [255, 244 | 248, ..] => {
                data.push(21);
                2
            }
            [255, 236..=255, ..] => 2,
            [255, byte, ..] => {
                data.extend_from_slice(&[255, *byte]);
                2
            }
            [13, 0, ..] => {
                data.extend_from_slice(&[13, 10]);
                2
            }
            [byte, ..] => {
                data.push(*byte);
                1
            }
        };
        rest = &rest[length..];
    }
}

/// Returns the length of a subnegotiation, up to IAC SE. A byte after an IAC is not an IAC itself.
fn subnegotiation(parameters: &[u8]) -> usize {
    const MAX_LENGTH: usize = 256;
    let mut is_command = false;
    for (index, &byte) in parameters.iter().enumerate() {
        match (is_command, byte) {
            (true, 240) => return index + 1,
            // The first byte after the maximum length is skipped, and ends it.
            _ if index >= MAX_LENGTH => return index + 1,
            (false, 255) => is_command = true,
            _ => is_command = false,
        }
    }
    parameters.len()
}
