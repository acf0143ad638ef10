//! What a telnet client says to its server between the lines (RFC 854, RFC 855).

use std::borrow::Cow;

/// Skips telnet commands, also those that end in a later frame.
#[derive(Debug, Default)]
pub(super) struct Telnet {
    state: State,
    /// How long the subnegotiation is that has not ended yet.
    length: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Data,
    /// After IAC.
    Command,
    /// After IAC WILL, WONT, DO or DONT: an option follows.
    Option,
    /// After IAC SB, until IAC SE.
    Subnegotiation,
    /// After IAC within a subnegotiation.
    SubnegotiationCommand,
}

impl Telnet {
    /// The frame without telnet commands.
    pub(super) fn strip<'a>(&mut self, frame: &'a [u8]) -> Cow<'a, [u8]> {
        if self.state == State::Data && !frame.contains(&IAC) {
            return Cow::Borrowed(frame);
        }
        let mut data: Vec<u8> = frame.iter().copied().filter(|&byte| self.is_data(byte)).collect();
        match self.state {
            State::Data => {}
            // A command that the end of the line cuts off is none: it is left in, and reported as no UTF-8.
            State::Command | State::Option => {
                self.state = State::Data;
                data.push(IAC);
            }
            // The line end that the transport has taken away is a byte of it like any other: it may be a number, such as the
            // height of a window. But nothing that a client means is so long that it takes away one line after another.
            State::Subnegotiation | State::SubnegotiationCommand => {
                let length = u16::try_from(frame.len() + 1).unwrap_or(u16::MAX);
                self.length = self.length.saturating_add(length);
                if usize::from(self.length) > LONGEST {
                    self.state = State::Data;
                    data.push(IAC);
                } else {
                    self.is_data(b'\n');
                }
            }
        }
        if self.state == State::Data {
            self.length = 0;
        }
        Cow::Owned(data)
    }

    fn is_data(&mut self, byte: u8) -> bool {
        let (state, is_data) = match (self.state, byte) {
            (State::Data, IAC) => (State::Command, false),
            (State::Data, _) => (State::Data, true),
            // A doubled IAC is the byte 255 itself, which is no UTF-8 and will be reported as such.
            (State::Command, IAC) => (State::Data, true),
            (State::Command, WILL..=DONT) => (State::Option, false),
            (State::Command, SB) => (State::Subnegotiation, false),
            (State::Command | State::Option, _) => (State::Data, false),
            (State::Subnegotiation, IAC) => (State::SubnegotiationCommand, false),
            (State::Subnegotiation, _) => (State::Subnegotiation, false),
            (State::SubnegotiationCommand, SE) => (State::Data, false),
            (State::SubnegotiationCommand, _) => (State::Subnegotiation, false),
        };
        self.state = state;
        is_data
    }
}

/// Most bytes of a subnegotiation that goes on in the next line.
pub(super) const LONGEST: usize = 256;
/// Interpret as command.
const IAC: u8 = 255;
/// The first of WILL, WONT, DO, DONT.
const WILL: u8 = 251;
/// The last of them.
const DONT: u8 = 254;
/// A subnegotiation begins.
const SB: u8 = 250;
/// A subnegotiation ends.
const SE: u8 = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiation_is_skipped() {
        let mut telnet = Telnet::default();
        let frame = b"\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0hello\xff\xf1!";
        assert_eq!(telnet.strip(frame).as_ref(), b"hello!");
    }

    #[test]
    fn a_command_may_be_cut_by_a_line_end() {
        let mut telnet = Telnet::default();
        // A window of 80 × 10, and 10 is a line end.
        assert_eq!(telnet.strip(b"one\xff\xfa\x1f\x00\x50\x00").as_ref(), b"one");
        assert_eq!(telnet.strip(b"\xff\xf0two").as_ref(), b"two");
    }

    #[test]
    fn a_command_that_a_line_end_cuts_off_is_no_utf_8() {
        let mut telnet = Telnet::default();
        assert_eq!(telnet.strip(b"one\xff").as_ref(), b"one\xff");
        assert_eq!(telnet.strip(b"two\xff\xfd").as_ref(), b"two\xff");
        assert_eq!(telnet.strip(b"three").as_ref(), b"three");
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut telnet = Telnet::default();
        assert_eq!(telnet.strip(b"one\xff\xfa").as_ref(), b"one");
        let lost = (0..LONGEST).take_while(|_| telnet.strip(b"two").is_empty()).count();
        assert!((1..LONGEST / 3).contains(&lost), "{lost} lines are lost");
        assert_eq!(telnet.strip(b"three").as_ref(), b"three");
    }

    #[test]
    fn a_doubled_command_byte_is_itself() {
        assert_eq!(Telnet::default().strip(b"a\xff\xffb").as_ref(), b"a\xffb");
    }
}
