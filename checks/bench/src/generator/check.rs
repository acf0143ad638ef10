//! Checks that every member receives every message once, and in order.
//!
//! In a room with one sender all members receive the same bytes: a message is parsed when its first
//! recipient gets it, and then only compared with the bytes that the others get. In a room with
//! several senders each message is parsed.

use super::Mark;
use crate::protocol::{Frame, Protocol};

/// A wrong delivery to a member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("messages {from} to {} of member {sender} were lost", to - 1)]
    Lost { sender: u32, from: u64, to: u64 },
    #[error(
        "message {number} of member {sender} was repeated or out of order: message {expected} was \
         next"
    )]
    Repeated { sender: u32, number: u64, expected: u64 },
    #[error("message {number} differs from the copies of others")]
    Changed { number: u64 },
    #[error("message {number} was echoed to its sender")]
    Echoed { number: u64 },
    #[error("there is a message of member {sender}, who is not a sender in this room")]
    UnexpectedSender { sender: u32 },
    #[error("the server says: {0}")]
    ServerError(String),
}

/// Messages of one sender that a member has just received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// The sender's index among the senders of the room.
    pub(crate) sender: usize,
    /// The first of the messages.
    pub(crate) first: u64,
    pub(crate) count: u64,
}

/// The progress of parsing received bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The number of bytes that were parsed; the rest is the beginning of a frame.
    pub(crate) bytes: usize,
    /// Answers to send to the server.
    pub(crate) answer: Vec<u8>,
}

/// The check of a room.
pub(crate) enum Check {
    Shared(Shared),
    Each(Each),
}

impl Check {
    /// Creates the check for a room, whose first members are the senders. They receive their own
    /// messages if the protocol echoes.
    pub(crate) fn new(members: usize, senders: &[u32], echoes: bool) -> Self {
        match *senders {
            [sender] => Self::Shared(Shared::new(members, sender, echoes)),
            _ => Self::each(members, senders),
        }
    }

    /// Creates the check for a room with these senders, which have consecutive numbers. The
    /// messages of different senders may arrive in any order.
    pub(crate) fn each(members: usize, senders: &[u32]) -> Self {
        Self::Each(Each::new(members, senders))
    }

    /// Takes bytes that a member has received; `member` is its index in the room.
    pub(crate) fn take(
        &mut self,
        member: usize,
        bytes: &[u8],
        protocol: &dyn Protocol,
        delivered: impl FnMut(Delivered),
    ) -> Result<Progress, Fault> {
        match self {
            Self::Shared(shared) => shared.take(member, bytes, protocol, delivered),
            Self::Each(each) => each.take(member, bytes, protocol, delivered),
        }
    }
}

/// The check of a room with one sender.
pub(crate) struct Shared {
    sender: u32,
    /// True if the sender, which is the first member, receives its own messages.
    echoes: bool,
    /// The messages as their first recipients got them, concatenated.
    log: Vec<u8>,
    /// The end of each message in the log.
    ends: Vec<usize>,
    /// The number of the first message in the log.
    first: u64,
    /// The number of the message that each member expects next.
    next: Vec<u64>,
}

impl Shared {
    fn new(members: usize, sender: u32, echoes: bool) -> Self {
        let next = vec![0; members];
        Self { sender, echoes, log: Vec::new(), ends: Vec::new(), first: 0, next }
    }

    fn take(
        &mut self,
        member: usize,
        bytes: &[u8],
        protocol: &dyn Protocol,
        mut delivered: impl FnMut(Delivered),
    ) -> Result<Progress, Fault> {
        let begin = self.next[member];
        let mut progress = Progress::default();
        while progress.bytes < bytes.len() {
            let rest = &bytes[progress.bytes..];
            let matched = self.compare(member, rest);
            progress.bytes += matched;
            let rest = &rest[matched..];
            if self.awaits_more(member, rest) {
                break;
            }
            let Some(length) = protocol.frame(rest) else { break };
            let frame = &rest[..length];
            match protocol.read(frame) {
                Frame::Message(mark) => self.append(member, mark, frame)?,
                Frame::Other => {}
                Frame::Ping(answer) => progress.answer.extend(answer),
                Frame::ServerError(words) => return Err(Fault::ServerError(words)),
            }
            progress.bytes += length;
        }
        let count = self.next[member] - begin;
        if count > 0 {
            if member == 0 && !self.echoes {
                return Err(Fault::Echoed { number: begin });
            }
            delivered(Delivered { sender: 0, first: begin, count });
        }
        Ok(progress)
    }

    /// Skips messages that equal the log, and returns how many bytes these are.
    fn compare(&mut self, member: usize, bytes: &[u8]) -> usize {
        let next = &mut self.next[member];
        let mut index = (*next - self.first) as usize;
        let start = self.start(index);
        let common = bytes.len().min(self.log.len() - start);
        let mut end = start;
        if bytes[..common] == self.log[start..start + common] {
            while let Some(&one) = self.ends.get(index).filter(|&&one| one <= start + common) {
                (end, index) = (one, index + 1);
            }
        } else {
            while let Some(&one) = self.ends.get(index) {
                let Some(frame) = bytes.get(end - start..one - start) else { break };
                if frame != &self.log[end..one] {
                    break;
                }
                (end, index) = (one, index + 1);
            }
        }
        self.next[member] = self.first + index as u64;
        end - start
    }

    /// Returns true if these bytes are the beginning of the next message in the log.
    fn awaits_more(&self, member: usize, bytes: &[u8]) -> bool {
        let start = self.start((self.next[member] - self.first) as usize);
        self.log[start..].starts_with(bytes)
    }

    /// Adds a message to the log; this member is its first recipient.
    fn append(&mut self, member: usize, mark: Mark, frame: &[u8]) -> Result<(), Fault> {
        let Mark { sender, number } = mark;
        if sender != self.sender {
            return Err(Fault::UnexpectedSender { sender });
        }
        follows(mark, self.next[member])?;
        if number < self.first + self.ends.len() as u64 {
            return Err(Fault::Changed { number });
        }
        if self.log.len() + frame.len() > LOG_BYTES {
            self.forget();
        }
        self.log.extend_from_slice(frame);
        self.ends.push(self.log.len());
        self.next[member] += 1;
        Ok(())
    }

    /// Removes messages from the log that all members have received.
    fn forget(&mut self) {
        let (sender, others) = self.next.split_at_mut(usize::from(!self.echoes));
        let Some(&first) = others.iter().min() else { return };
        sender.fill(first);
        let count = (first - self.first) as usize;
        let end = self.start(count);
        self.log.drain(..end);
        self.ends.drain(..count);
        self.ends.iter_mut().for_each(|one| *one -= end);
        self.first = first;
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

/// The check of a room with several senders, whose order may differ from member to member.
pub(crate) struct Each {
    senders: Vec<u32>,
    /// For each member, the number of the next expected message of each sender.
    next: Vec<Vec<u64>>,
}

impl Each {
    fn new(members: usize, senders: &[u32]) -> Self {
        Self { senders: senders.to_vec(), next: vec![vec![0; senders.len()]; members] }
    }

    fn take(
        &mut self,
        member: usize,
        bytes: &[u8],
        protocol: &dyn Protocol,
        mut delivered: impl FnMut(Delivered),
    ) -> Result<Progress, Fault> {
        let next = &mut self.next[member];
        let mut progress = Progress::default();
        while let Some(length) = protocol.frame(&bytes[progress.bytes..]) {
            match protocol.read(&bytes[progress.bytes..progress.bytes + length]) {
                Frame::Message(mark) => {
                    let first = self.senders.first().copied().unwrap_or_default();
                    let place = mark.sender.wrapping_sub(first) as usize;
                    let unexpected = Fault::UnexpectedSender { sender: mark.sender };
                    let expected = next.get_mut(place).ok_or(unexpected)?;
                    follows(mark, *expected)?;
                    *expected += 1;
                    delivered(Delivered { sender: place, first: mark.number, count: 1 });
                }
                Frame::Other => {}
                Frame::Ping(answer) => progress.answer.extend(answer),
                Frame::ServerError(words) => return Err(Fault::ServerError(words)),
            }
            progress.bytes += length;
        }
        Ok(progress)
    }
}

fn follows(mark: Mark, expected: u64) -> Result<(), Fault> {
    let Mark { sender, number } = mark;
    if number < expected {
        return Err(Fault::Repeated { sender, number, expected });
    }
    if number > expected {
        return Err(Fault::Lost { sender, from: expected, to: number });
    }
    Ok(())
}

/// Above this size, messages are removed from the log that all members have received.
const LOG_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Plain;

    /// Returns the line of a message.
    fn line(sender: u32, number: u64) -> Vec<u8> {
        let mut line = Vec::new();
        Mark { sender, number }.write(30, &mut line);
        line.push(b'\n');
        line
    }

    fn lines(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
        numbers.into_iter().flat_map(|number| line(0, number)).collect()
    }

    /// Feeds bytes to a check in pieces of this size, and returns the number of messages.
    fn feed(check: &mut Check, member: usize, bytes: &[u8], piece: usize) -> Result<u64, Fault> {
        let (mut count, mut carry) = (0, Vec::new());
        for piece in bytes.chunks(piece) {
            carry.extend_from_slice(piece);
            let progress = check.take(member, &carry, &Plain::BARE, |one| count += one.count)?;
            carry.drain(..progress.bytes);
        }
        assert_eq!(carry, b"", "nothing was left");
        Ok(count)
    }

    /// A room of three with one sender; the second member has received ten messages.
    fn one_sender() -> Check {
        let mut check = Check::new(3, &[0], false);
        assert_eq!(feed(&mut check, 1, &lines(0..10), usize::MAX), Ok(10));
        check
    }

    /// A room of three with two senders.
    fn two_senders() -> Check {
        Check::new(3, &[0, 1], false)
    }

    /// Expects a fault in each kind of room, for the first recipient of the messages and a later
    /// one, however the bytes are split.
    #[track_caller]
    fn assert_found(fault: &Fault, bytes: &[u8]) {
        for piece in [1, 5, usize::MAX] {
            let first_recipient = Check::new(3, &[0], false);
            for mut check in [first_recipient, one_sender(), two_senders()] {
                assert_eq!(feed(&mut check, 2, bytes, piece).as_ref(), Err(fault), "{piece}");
            }
        }
    }

    #[test]
    fn messages_are_counted_however_the_bytes_are_split() {
        for piece in [1, 7, 31, 32, 100, usize::MAX] {
            let mut check = Check::new(3, &[0], false);
            assert_eq!(feed(&mut check, 1, &lines(0..10), piece), Ok(10), "in pieces of {piece}");
            assert_eq!(feed(&mut check, 2, &lines(0..20), piece), Ok(20), "in pieces of {piece}");
            assert_eq!(feed(&mut check, 1, &lines(10..20), piece), Ok(10), "in pieces of {piece}");
            let mut check = two_senders();
            assert_eq!(feed(&mut check, 2, &lines(0..10), piece), Ok(10), "in pieces of {piece}");
        }
    }

    #[test]
    fn lost_message_is_found() {
        let lost = Fault::Lost { sender: 0, from: 3, to: 4 };
        assert_found(&lost, &lines((0..3).chain(4..10)));
    }

    #[test]
    fn repeated_message_is_found() {
        let twice = Fault::Repeated { sender: 0, number: 3, expected: 4 };
        assert_found(&twice, &lines((0..4).chain(3..10)));
    }

    #[test]
    fn swapped_messages_are_found() {
        let swapped = Fault::Lost { sender: 0, from: 3, to: 4 };
        assert_found(&swapped, &lines((0..3).chain([4, 3]).chain(5..10)));
    }

    #[test]
    fn message_that_differs_between_members_is_found() {
        let mut bytes = lines(0..10);
        bytes[5 * 31 + 25] = b'y';
        let changed = Err(Fault::Changed { number: 5 });
        assert_eq!(feed(&mut one_sender(), 2, &bytes, usize::MAX), changed);
    }

    #[test]
    fn message_of_unexpected_sender_is_found() {
        let unexpected = Err(Fault::UnexpectedSender { sender: 7 });
        assert_eq!(feed(&mut one_sender(), 2, &line(7, 0), usize::MAX), unexpected);
        assert_eq!(feed(&mut two_senders(), 2, &line(7, 0), usize::MAX), unexpected);
        assert_eq!(
            feed(&mut one_sender(), 0, &lines(0..1), usize::MAX),
            Err(Fault::Echoed { number: 0 })
        );
    }

    #[test]
    fn other_frames_are_ignored_and_server_errors_are_found() {
        let bytes = [lines(0..2), b"ok\n".to_vec(), lines(2..10)].concat();
        assert_eq!(feed(&mut one_sender(), 2, &bytes, usize::MAX), Ok(10));
        assert_eq!(feed(&mut one_sender(), 2, &bytes, 1), Ok(10));
        let bytes = [lines(0..2), b"[missed 5 messages]\n".to_vec()].concat();
        let server_error = Err(Fault::ServerError("[missed 5 messages]".into()));
        assert_eq!(feed(&mut one_sender(), 2, &bytes, usize::MAX), server_error);
        assert_eq!(feed(&mut two_senders(), 2, &bytes, usize::MAX), server_error);
    }

    #[test]
    fn order_of_several_senders_may_differ_between_members() {
        let (a, b) = (line(0, 0), line(1, 0));
        let mut check = two_senders();
        assert_eq!(feed(&mut check, 2, &[a.clone(), b.clone()].concat(), usize::MAX), Ok(2));
        assert_eq!(feed(&mut check, 0, &b, usize::MAX), Ok(1));
        assert_eq!(feed(&mut check, 1, &a, usize::MAX), Ok(1));
    }

    #[test]
    fn log_drops_messages_that_all_members_have_received() {
        let mut check = Check::new(3, &[0], false);
        for begin in (0..100_000).step_by(100) {
            for member in [1, 2] {
                assert_eq!(feed(&mut check, member, &lines(begin..begin + 100), 1_000), Ok(100));
            }
        }
        let Check::Shared(shared) = check else { panic!("one talks") };
        assert!(shared.log.len() <= LOG_BYTES);
    }
}
