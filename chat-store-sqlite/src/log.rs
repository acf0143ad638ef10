//! Checks SQLite's log before SQLite opens it.
//!
//! SQLite takes the first frame that is not valid for the end of the log. That is right after a
//! loss of power in the middle of a commit, and loses everything behind a damaged frame otherwise.
//! The two can be told apart, except for the last commit: each frame's checksum includes the one of
//! the frame before it, so a frame behind a damaged one can still be verified.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The state of a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// There is none, or it is empty, or it has only the zeros of its preallocation.
    Missing,
    /// There is damage before the last commit.
    Damaged,
    /// The pages of the database that its commits contain.
    Sound(HashSet<u32>),
}

/// The running checksum of a log.
type Checksum = [u32; 2];

/// The header of a log.
struct Header {
    is_big_endian: bool,
    page_size: usize,
    salts: [u8; 8],
    checksum: Checksum,
}

impl Log {
    /// Reads the log in a file. The format is described in <https://sqlite.org/fileformat2.html>,
    /// section 4.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut file = match File::open(path) {
            Ok(file) => BufReader::with_capacity(1 << 20, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Missing),
            Err(error) => return Err(error),
        };
        let mut header = [0; 32];
        if !fill(&mut file, &mut header)? || header == [0; 32] {
            return Ok(Self::Missing);
        }
        let Some(header) = Header::parse(&header) else { return Ok(Self::Damaged) };
        header.check(&mut file)
    }
}

impl Header {
    fn parse(bytes: &[u8; 32]) -> Option<Self> {
        let magic = word(&bytes[0..]);
        let is_big_endian = magic & 1 == 1;
        let page_size = word(&bytes[8..]) as usize;
        let checksum = sum([0; 2], &bytes[..24], is_big_endian);
        let is_valid = magic & !1 == 0x377f_0682
            && (512..=65_536).contains(&page_size)
            && page_size.is_power_of_two()
            && checksum == [word(&bytes[24..]), word(&bytes[28..])];
        let salts = bytes[16..24].try_into().ok()?;
        is_valid.then_some(Self { is_big_endian, page_size, salts, checksum })
    }

    /// Reads the frames behind the header.
    fn check(&self, file: &mut impl Read) -> io::Result<Log> {
        let mut frame = vec![0; FRAME_HEADER + self.page_size];
        let mut checksum = self.checksum;
        let mut is_broken = false;
        // True if the frame before ends a commit.
        let mut has_ended = false;
        let (mut committed, mut open) = (HashSet::new(), Vec::new());
        while fill(file, &mut frame)? {
            let expected = sum(checksum, &frame[..8], self.is_big_endian);
            let expected = sum(expected, &frame[FRAME_HEADER..], self.is_big_endian);
            // The next frame continues the checksum that is stored, even if it is not right.
            checksum = [word(&frame[16..]), word(&frame[20..])];
            let is_valid = frame[8..16] == self.salts && checksum == expected;
            if is_broken && is_valid && has_ended {
                // A later commit began, so the one with the invalid frame had been completed.
                return Ok(Log::Damaged);
            }
            is_broken |= !is_valid;
            has_ended = word(&frame[4..]) != 0;
            if !is_broken {
                open.push(word(&frame[0..]));
                if has_ended {
                    committed.extend(open.drain(..));
                }
            }
        }
        Ok(Log::Sound(committed))
    }
}

/// Fills a buffer; `false` if the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Continues a checksum. The length of the bytes is a multiple of eight.
fn sum([mut first, mut second]: Checksum, bytes: &[u8], is_big_endian: bool) -> Checksum {
    let read = |bytes: &[u8]| match bytes {
        [a, b, c, d, ..] if is_big_endian => u32::from_be_bytes([*a, *b, *c, *d]),
        [a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    };
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(read(pair)).wrapping_add(second);
        second = second.wrapping_add(read(&pair[4..])).wrapping_add(first);
    }
    [first, second]
}

/// Reads a number, of which there are at least four bytes.
fn word(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// The bytes before the page of a frame.
const FRAME_HEADER: usize = 24;
