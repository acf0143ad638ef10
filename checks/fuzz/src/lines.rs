//! Fuzzes the decoder that splits a stream of bytes into lines.

use crate::line_decoder::LineDecoder;
use bytes::BytesMut;
use chat_runtime::Received;
use chat_runtime::chat_dialects::Fault;
use tokio_util::codec::Decoder;

/// Checks that the lines are as expected, and the same however the stream is split.
///
/// The first byte is the limit, the second the number of following bytes that are lengths of
/// pieces.
pub fn lines(data: &[u8]) {
    let [limit, count, rest @ ..] = data else { return };
    let limit = usize::from(*limit);
    let (lengths, stream) = rest.split_at(rest.len().min(usize::from(*count)));

    let expected = expected(limit, stream);
    assert_eq!(decode(limit, stream, &[]), expected, "in one piece");
    assert_eq!(decode(limit, stream, &[1]), expected, "byte by byte");
    assert_eq!(decode(limit, stream, lengths), expected, "in pieces of {lengths:?}");
}

/// Decodes a stream that arrives in pieces of these lengths, repeated in a cycle.
fn decode(limit: usize, mut stream: &[u8], lengths: &[u8]) -> Vec<Received> {
    let mut decoder = LineDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut lines = Vec::new();
    let mut lengths = lengths.iter().map(|&length| usize::from(length)).cycle();
    while !stream.is_empty() {
        let length = lengths.next().unwrap_or(stream.len()).clamp(1, stream.len());
        let (piece, rest) = stream.split_at(length);
        buffer.extend_from_slice(piece);
        while let Some(line) = decoder.decode(&mut buffer).expect("lines never fail") {
            lines.push(line);
        }
        assert!(buffer.len() <= limit + 1, "{} bytes are buffered", buffer.len());
        stream = rest;
    }
    lines
}

fn expected(limit: usize, stream: &[u8]) -> Vec<Received> {
    let mut pieces: Vec<&[u8]> = stream.split(|&byte| byte == b'\n').collect();
    let cut_off = pieces.pop().unwrap_or_default();
    let too_long = || Received::from(Fault::TooLong { limit });
    let mut lines: Vec<Received> = pieces
        .into_iter()
        .map(|piece| match piece.strip_suffix(b"\r").unwrap_or(piece) {
            line if line.len() > limit => too_long(),
            line => Received::frame(bytes::Bytes::copy_from_slice(line)),
        })
        .collect();
    // An incomplete line is not decoded, but it may be too long already.
    lines.extend((cut_off.len() > limit + 1).then(too_long));
    lines
}
