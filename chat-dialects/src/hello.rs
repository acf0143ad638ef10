//! Recognition of a JSON client by its first line.

use crate::frame::BYTE_ORDER_MARK;
use memchr::memmem;

/// Returns true if a frame is a `hello` in JSON, which may contain a token: an object with
/// `"type":"hello"`, or something that is only almost JSON and has that text in it.
///
/// Connections that speak something else at first use this to recognise a program, so that its
/// secrets are never said aloud. Without the feature `json`, the text alone decides.
pub fn is_json_hello(frame: &[u8]) -> bool {
    let frame = frame.strip_prefix(BYTE_ORDER_MARK).unwrap_or(frame).trim_ascii();
    frame.first() == Some(&b'{') && has_type_hello(frame)
}

#[cfg(feature = "json")]
fn has_type_hello(frame: &[u8]) -> bool {
    match serde_json::from_slice::<serde_json::Value>(frame) {
        Ok(object) => object["type"] == "hello",
        Err(_) => names_hello(frame),
    }
}

#[cfg(not(feature = "json"))]
use names_hello as has_type_hello;

fn names_hello(frame: &[u8]) -> bool {
    memmem::find(frame, b"\"hello\"").is_some()
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;

    #[test]
    fn hello_is_recognised_in_every_notation() {
        for hello in [
            r#"{"type":"hello","nickname":"bot"}"#,
            "\u{feff} \t{ \"version\" : 2, \"type\" : \"hello\" }\r",
            r#"{"type":"h\u0065llo"}"#,
            // A lone surrogate, and a comma too many: not JSON, and yet it may have a token.
            r#"{"type":"hello","nickname":"\ud83d","token":"secret"}"#,
            r#"{"type":"hello","token":"secret",}"#,
        ] {
            assert!(is_json_hello(hello.as_bytes()), "{hello}");
        }
        for other in ["hello", "", "{", r#"{"type":"chat","text":"hello"}"#, r#"["hello"]"#] {
            assert!(!is_json_hello(other.as_bytes()), "{other}");
        }
    }
}
