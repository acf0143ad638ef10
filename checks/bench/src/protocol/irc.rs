//! IRC (RFC 1459), restricted to what all servers support.

use super::{Frame, Protocol, Step, line};

/// Lines with a prefix, a command and parameters. Messages are not echoed.
pub(crate) struct Irc;

impl Protocol for Irc {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        // Some servers register clients only once a second. All of them answer this PING at once,
        // though perhaps with an error because it comes before the registration.
        let register =
            format!("PING :here\r\nNICK {nickname}\r\nUSER {nickname} 0 * :{nickname}\r\n");
        vec![Step::new(register, " 001 ")]
    }

    fn join(&self, room: &str, _: &str) -> Step {
        Step::new(format!("JOIN #{room}\r\n"), " 366 ")
    }

    fn say(&self, room: &str, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"PRIVMSG #");
        out.extend_from_slice(room.as_bytes());
        out.extend_from_slice(b" :");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    fn leave(&self, room: &str) -> Step {
        // The PARTs of other members look alike, so that the answer to a PING is awaited instead.
        Step::new(format!("PART #{room}\r\nPING :left\r\n"), ":left")
    }

    fn echoes(&self) -> bool {
        false
    }

    fn frame(&self, bytes: &[u8]) -> Option<usize> {
        line(bytes)
    }

    fn other(&self, frame: &[u8]) -> Frame {
        let mut words = frame.trim_ascii_end().splitn(3, |&byte| byte == b' ');
        let mut command = words.next().unwrap_or_default();
        let rest = if command.starts_with(b":") {
            command = words.next().unwrap_or_default();
            words.next()
        } else {
            frame.trim_ascii_end().get(command.len() + 1..)
        };
        match command {
            b"PING" => Frame::Ping([b"PONG ", rest.unwrap_or_default(), b"\r\n"].concat()),
            b"ERROR" | b"KILL" | b"KICK" => Frame::server_error(frame),
            // ERR_NOMOTD and ERR_NOTREGISTERED are expected.
            b"422" | b"451" => Frame::Other,
            [b'4' | b'5', _, _] => Frame::server_error(frame),
            _ => Frame::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_is_answered_with_its_payload() {
        assert_eq!(Irc.read(b"PING :a b\r\n"), Frame::Ping(b"PONG :a b\r\n".to_vec()));
        assert_eq!(Irc.read(b":server PING :a b\r\n"), Frame::Ping(b"PONG :a b\r\n".to_vec()));
    }

    #[test]
    fn error_replies_are_server_errors_and_announcements_are_not() {
        let refused = b":server 404 n00001 #r00000 :Cannot send to channel\r\n";
        assert!(matches!(Irc.read(refused), Frame::ServerError(_)));
        assert!(matches!(Irc.read(b"ERROR :Excess Flood\r\n"), Frame::ServerError(_)));
        assert_eq!(Irc.read(b":server 422 n00001 :no message of the day\r\n"), Frame::Other);
        assert_eq!(Irc.read(b":n00002!n@host JOIN :#r00000\r\n"), Frame::Other);
        assert_eq!(Irc.read(b"\r\n"), Frame::Other);
    }
}
