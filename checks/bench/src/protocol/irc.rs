//! IRC (RFC 1459), restricted to what all servers support, and capabilities of IRCv3.

use super::{Frame, Protocol, Step, line};
use memchr::memchr;

/// Lines with a prefix, a command and parameters. Messages are not echoed.
pub(crate) struct Irc {
    /// The capabilities that a client asks for, separated by spaces.
    capabilities: &'static str,
}

impl Irc {
    /// A client that asks for no capabilities.
    pub(crate) const PLAIN: Self = Self { capabilities: "" };

    /// A client whose messages have their time.
    pub(crate) const TIMES: Self = Self { capabilities: "server-time" };

    /// A client whose messages have all tags.
    pub(crate) const TAGS: Self = Self { capabilities: "server-time message-tags account-tag" };
}

impl Protocol for Irc {
    fn enter(&self, nickname: &str) -> Vec<Step> {
        // Some servers register clients only once a second. All of them answer this PING at once,
        // though perhaps with an error because it comes before the registration.
        let mut register =
            format!("PING :here\r\nNICK {nickname}\r\nUSER {nickname} 0 * :{nickname}\r\n");
        if !self.capabilities.is_empty() {
            register.insert_str(0, &format!("CAP REQ :{}\r\n", self.capabilities));
            register.push_str("CAP END\r\n");
        }
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
        let line = frame.trim_ascii_end();
        let (_, line) = if line.starts_with(b"@") { split(line) } else { (&b""[..], line) };
        let (_, line) = if line.starts_with(b":") { split(line) } else { (&b""[..], line) };
        let (command, rest) = split(line);
        match command {
            b"PING" => Frame::Ping([b"PONG ", rest, b"\r\n"].concat()),
            b"ERROR" | b"KILL" | b"KICK" => Frame::server_error(frame),
            // ERR_NOMOTD and ERR_NOTREGISTERED are expected.
            b"422" | b"451" => Frame::Other,
            [b'4' | b'5', _, _] => Frame::server_error(frame),
            _ => Frame::Other,
        }
    }
}

/// Splits a line at the first space.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b' ', line) {
        Some(space) => (&line[..space], &line[space + 1..]),
        None => (line, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_is_answered_with_its_payload() {
        assert_eq!(Irc::PLAIN.read(b"PING :a b\r\n"), Frame::Ping(b"PONG :a b\r\n".to_vec()));
        assert_eq!(Irc::TAGS.read(b"@time=1 PING :a\r\n"), Frame::Ping(b"PONG :a\r\n".to_vec()));
        assert_eq!(
            Irc::PLAIN.read(b":server PING :a b\r\n"),
            Frame::Ping(b"PONG :a b\r\n".to_vec())
        );
    }

    #[test]
    fn error_replies_are_server_errors_and_announcements_are_not() {
        let refused = b":server 404 n00001 #r00000 :Cannot send to channel\r\n";
        assert!(matches!(Irc::PLAIN.read(refused), Frame::ServerError(_)));
        assert!(matches!(Irc::PLAIN.read(b"ERROR :Excess Flood\r\n"), Frame::ServerError(_)));
        assert_eq!(Irc::PLAIN.read(b":server 422 n00001 :no message of the day\r\n"), Frame::Other);
        assert_eq!(Irc::PLAIN.read(b":n00002!n@host JOIN :#r00000\r\n"), Frame::Other);
        assert_eq!(Irc::TAGS.read(b"@a=1;b :n00002!n@host JOIN :#r00000\r\n"), Frame::Other);
        assert_eq!(Irc::PLAIN.read(b"\r\n"), Frame::Other);
    }
}
