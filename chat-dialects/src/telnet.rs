//! The telnet protocol below the text dialect (RFC 854, RFC 855).

use bytes::{BufMut, BytesMut};

/// One client's telnet layer: removes commands from what the client sends, and answers those that
/// require an answer.
///
/// `telnet` and MUD clients negotiate options, and discard all output after Ctrl+C until a
/// TIMING-MARK is answered (RFC 860). This server uses no options, so it refuses each one that is
/// offered or requested. `CR NUL`, which is how telnet writes a carriage return alone, becomes
/// `CR LF`. Erase Character, Erase Line and Interrupt Process become the control characters that
/// the text dialect understands.
///
/// A client that sends no telnet commands is not affected: IAC (255) is never part of UTF-8.
///
/// ```
/// use bytes::BytesMut;
/// use chat_dialects::Telnet;
///
/// let mut telnet = Telnet::default();
/// let mut buffer = BytesMut::from(&b"\xff\xfd\x01hello\r\0"[..]); // IAC DO ECHO
/// let mut answers = Vec::new();
/// telnet.receive(&mut buffer, 0, &mut answers);
/// assert_eq!(buffer, &b"hello\r\n"[..]);
/// assert_eq!(answers, b"\xff\xfc\x01"); // IAC WONT ECHO
/// ```
#[derive(Debug, Default)]
pub struct Telnet {
    state: State,
    /// The length of the current subnegotiation.
    length: u16,
    /// The options that have been refused. Most clients negotiate none.
    refused: Option<Box<Refused>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Data,
    /// After CR.
    CarriageReturn,
    /// After IAC.
    Command,
    /// After IAC and WILL, WONT, DO or DONT: an option follows.
    Option(u8),
    /// After IAC SB, until IAC SE.
    Subnegotiation,
    /// After IAC in a subnegotiation.
    SubnegotiationCommand,
}

/// The options for which a refusal has been sent, a bit each. A second refusal could begin a loop
/// of answers to answers (RFC 854, "Default NVT settings").
#[derive(Debug, Default)]
struct Refused {
    dos: [u64; 4],
    wills: [u64; 4],
}

impl Telnet {
    /// Removes telnet commands from `buffer[from..]`, which are the next bytes of the stream.
    /// Appends what the client has to be sent to `answers`.
    pub fn receive(&mut self, buffer: &mut BytesMut, from: usize, answers: &mut Vec<u8>) {
        let new = &buffer[from..];
        let is_plain = matches!(self.state, State::Data | State::CarriageReturn)
            && !new.contains(&IAC)
            && !new.contains(&NUL);
        if is_plain {
            if let Some(last) = new.last() {
                self.state = if *last == CR { State::CarriageReturn } else { State::Data };
            }
            return;
        }
        let new = new.to_vec();
        buffer.truncate(from);
        let mut is_presence_requested = false;
        for byte in new {
            match self.step(byte, answers) {
                Step::Skip => {}
                Step::Data(byte) => buffer.put_u8(byte),
                Step::Stray(byte) => buffer.put_slice(&[IAC, byte]),
                Step::AreYouThere => is_presence_requested = true,
            }
        }
        if is_presence_requested {
            answers.extend_from_slice(PRESENT);
        }
    }

    fn step(&mut self, byte: u8, answers: &mut Vec<u8>) -> Step {
        match (self.state, byte) {
            (State::Data | State::CarriageReturn, IAC) => self.go(State::Command),
            (State::CarriageReturn, NUL) => self.data(LF),
            (State::Data | State::CarriageReturn, CR) => {
                self.state = State::CarriageReturn;
                Step::Data(CR)
            }
            (State::Data | State::CarriageReturn, _) => self.data(byte),
            // A doubled IAC is the byte 255 itself, which is not UTF-8, and is reported as such.
            (State::Command, IAC) => self.data(IAC),
            (State::Command, WILL..=DONT) => self.go(State::Option(byte)),
            (State::Command, SB) => {
                self.length = 0;
                self.go(State::Subnegotiation)
            }
            (State::Command, ERASE_CHARACTER) => self.data(BACKSPACE),
            // Interrupt Process discards the typed line, as in a shell.
            (State::Command, ERASE_LINE | INTERRUPT) => self.data(KILL_LINE),
            (State::Command, ARE_YOU_THERE) => {
                self.state = State::Data;
                Step::AreYouThere
            }
            (State::Command, FIRST_COMMAND..) => self.go(State::Data),
            // This is no command, and both bytes stay: the second may be a line end, which must not
            // be lost, and the first is not UTF-8, which the dialect reports.
            (State::Command, _) => {
                self.state = State::Data;
                Step::Stray(byte)
            }
            (State::Option(request), option) => {
                self.negotiate(request, option, answers);
                self.go(State::Data)
            }
            (State::Subnegotiation, IAC) => self.skip_subnegotiation(State::SubnegotiationCommand),
            (State::SubnegotiationCommand, SE) => self.go(State::Data),
            (State::Subnegotiation | State::SubnegotiationCommand, _) => {
                self.skip_subnegotiation(State::Subnegotiation)
            }
        }
    }

    fn go(&mut self, state: State) -> Step {
        self.state = state;
        Step::Skip
    }

    fn data(&mut self, byte: u8) -> Step {
        self.state = State::Data;
        Step::Data(byte)
    }

    /// Skips a byte of a subnegotiation. Real ones are short. After [`MAX_SUBNEGOTIATION`] bytes
    /// the rest is data again, so that a subnegotiation without an end does not swallow all later
    /// input.
    fn skip_subnegotiation(&mut self, state: State) -> Step {
        self.length += 1;
        self.go(if usize::from(self.length) > MAX_SUBNEGOTIATION { State::Data } else { state })
    }

    /// Refuses what the client offers (WILL) or requests (DO). Its own refusals need no answer.
    fn negotiate(&mut self, request: u8, option: u8, answers: &mut Vec<u8>) {
        let (answer, is_do) = match request {
            WILL => (DONT, false),
            DO => (WONT, true),
            _ => return,
        };
        let refused = self.refused.get_or_insert_default();
        let bits = if is_do { &mut refused.dos } else { &mut refused.wills };
        let (word, bit) = (usize::from(option / 64), 1 << (option % 64));
        let is_first = bits[word] & bit == 0;
        bits[word] |= bit;
        // Each TIMING-MARK needs an answer, because the client waits for it.
        if is_first || (is_do && option == TIMING_MARK) {
            answers.extend_from_slice(&[IAC, answer, option]);
        }
    }
}

/// The meaning of one byte of the stream.
enum Step {
    Skip,
    Data(u8),
    /// IAC and a byte that is no command.
    Stray(u8),
    AreYouThere,
}

/// Maximum length of a subnegotiation in bytes. Terminal types and window sizes need a few dozen.
const MAX_SUBNEGOTIATION: usize = 256;
/// The answer to Are You There, which RFC 854 requires to be visible.
const PRESENT: &[u8] = b"[yes, the server is here]\n";

const NUL: u8 = 0;
/// Erases the character before it, in the text dialect.
const BACKSPACE: u8 = 8;
const LF: u8 = 10;
const CR: u8 = 13;
/// Erases the line so far, in the text dialect (Ctrl+U).
const KILL_LINE: u8 = 21;

/// End of file, the command with the smallest number (RFC 1184).
const FIRST_COMMAND: u8 = 236;
/// A subnegotiation ends.
const SE: u8 = 240;
const INTERRUPT: u8 = 244;
const ARE_YOU_THERE: u8 = 246;
const ERASE_CHARACTER: u8 = 247;
const ERASE_LINE: u8 = 248;
/// A subnegotiation begins.
const SB: u8 = 250;
/// The client wants to use an option.
const WILL: u8 = 251;
/// The client will not use an option, or refuses to.
const WONT: u8 = 252;
/// The client wants the server to use an option.
const DO: u8 = 253;
/// The client does not want the server to use an option.
const DONT: u8 = 254;
/// Interpret as command.
const IAC: u8 = 255;
/// An option that asks for an answer once everything before it has been processed (RFC 860).
const TIMING_MARK: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the data and the answers of a stream that arrives in these pieces.
    fn receive(pieces: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
        let mut telnet = Telnet::default();
        let (mut buffer, mut answers) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            let from = buffer.len();
            buffer.extend_from_slice(piece);
            telnet.receive(&mut buffer, from, &mut answers);
        }
        (buffer.to_vec(), answers)
    }

    #[test]
    fn negotiation_is_removed_and_refused() {
        let stream = b"\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0hello\xff\xf1!\n";
        let expected = (b"hello!\n".to_vec(), b"\xff\xfc\x03\xff\xfe\x18".to_vec());
        assert_eq!(receive(&[stream]), expected);
        let pieces: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(receive(&pieces), expected);
    }

    #[test]
    fn option_is_refused_once_in_each_direction() {
        let (data, answers) = receive(&[b"\xff\xfd\x01\xff\xfd\x01\xff\xfb\x01\xff\xfb\x01x"]);
        assert_eq!((&data[..], &answers[..]), (&b"x"[..], &b"\xff\xfc\x01\xff\xfe\x01"[..]));
    }

    #[test]
    fn refusals_of_the_client_are_not_answered() {
        assert_eq!(receive(&[b"\xff\xfc\x01\xff\xfe\x03"]).1, b"");
    }

    #[test]
    fn every_timing_mark_is_answered() {
        let ctrl_c = b"\xff\xf4\xff\xfd\x06";
        let (data, answers) = receive(&[ctrl_c, ctrl_c]);
        let expected = (&b"\x15\x15"[..], &b"\xff\xfc\x06\xff\xfc\x06"[..]);
        assert_eq!((&data[..], &answers[..]), expected);
    }

    #[test]
    fn are_you_there_is_answered_with_a_line() {
        assert_eq!(receive(&[b"\xff\xf6"]).1, PRESENT);
        assert_eq!(
            receive(&[b"\xff\xf6\xff\xf6"]).1,
            PRESENT,
            "one answer for each piece of input"
        );
    }

    #[test]
    fn carriage_return_and_nul_become_a_line_end() {
        assert_eq!(receive(&[b"one\r\0two\r", b"\0three\r\n"]).0, b"one\r\ntwo\r\nthree\r\n");
        assert_eq!(
            receive(&[b"a\0b\rc"]).0,
            b"a\0b\rc",
            "CR and NUL stay if they are not adjacent"
        );
    }

    #[test]
    fn erase_commands_become_control_characters() {
        assert_eq!(receive(&[b"ab\xff\xf7c\xff\xf8d"]).0, b"ab\x08c\x15d");
    }

    #[test]
    fn stray_command_byte_and_line_end_stay() {
        assert_eq!(receive(&[b"one\xff\ntwo\n"]).0, b"one\xff\ntwo\n");
        assert_eq!(receive(&[b"Lou\xff", b"s\n"]).0, b"Lou\xffs\n");
    }

    #[test]
    fn unterminated_subnegotiation_is_limited() {
        let (data, _) = receive(&[b"\xff\xfa", &[b'x'; MAX_SUBNEGOTIATION + 1], b"one\n"]);
        assert_eq!(data, b"one\n");
    }

    #[test]
    fn doubled_command_byte_is_data() {
        assert_eq!(receive(&[b"a\xff\xffb"]).0, b"a\xffb");
    }
}
