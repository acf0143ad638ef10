//! Describes the close frames of servers in words.

use chat_server::engine::Text;
use chat_server::ws::FINAL_CLOSE_CODES;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Returns the reason of a close frame, with its code and the code's meaning.
pub(super) fn describe(frame: &CloseFrame) -> String {
    let code = u16::from(frame.code);
    let meaning = meaning(code);
    let reason = Text::clean(&frame.reason);
    if reason.is_empty() || reason.as_str() == meaning {
        return format!("{meaning} (code {code})");
    }
    format!("{reason} (code {code}: {meaning})")
}

/// Returns true if a new connection would end in the same way.
pub(super) fn is_final(frame: &CloseFrame) -> bool {
    FINAL_CLOSE_CODES.contains(&u16::from(frame.code))
}

/// Returns the meaning of a close code: of RFC 6455 §7.4.1, of IANA's registry of WebSocket close
/// codes, or of this project's server, whose codes `docs/operating.md` lists.
fn meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1007 => "invalid data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        3000 => "unauthorized",
        3003 => "forbidden",
        3008 => "timeout",
        4400 => "too many faults",
        4401 => "login expired",
        4403 => "refused",
        4410 => "removed",
        4500 => "not named in time",
        4501 => "silent for too long",
        4502 => "too slow",
        _ => match code / 1000 {
            3 => "defined by a library or framework",
            4 => "defined by this server",
            _ => "unknown reason",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(code: u16, reason: &str) -> String {
        describe(&CloseFrame { code: code.into(), reason: reason.to_owned().into() })
    }

    #[test]
    fn codes_are_shown_with_their_meaning() {
        assert_eq!(described(1009, ""), "message too big (code 1009)");
        assert_eq!(described(1008, "too slow"), "too slow (code 1008: policy violation)");
        assert_eq!(described(4401, ""), "login expired (code 4401)");
        assert_eq!(described(4123, ""), "defined by this server (code 4123)");
        assert_eq!(described(999, ""), "unknown reason (code 999)");
    }

    #[test]
    fn codes_from_4400_to_4499_are_final() {
        let is_final = |code: u16| is_final(&CloseFrame { code: code.into(), reason: "".into() });
        assert!([4400, 4403, 4499].into_iter().all(is_final));
        assert!(![1000, 1001, 1009, 4399, 4500, 4502].into_iter().any(is_final));
    }

    #[test]
    fn control_characters_are_removed_from_a_reason() {
        let shown = described(4000, "\u{1b}[2J\u{202e}bye\r\nforged");
        assert_eq!(shown, "[2Jbye forged (code 4000: defined by this server)");
    }
}
