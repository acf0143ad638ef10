//! Hashes of passwords: argon2id (RFC 9106), in the PHC string format.

use crate::passwords::Password;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use std::fmt;

/// The cost of an argon2id hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory, in KiB.
    pub(crate) memory: u32,
    /// Passes over the memory.
    pub(crate) passes: u32,
    /// Lanes, which this program fills one after the other.
    pub(crate) lanes: u32,
}

impl Cost {
    /// The greatest cost of a hash that is verified: anything above it is a damaged value, or meant
    /// to make the server run out of memory.
    const GREATEST: Self = Self { memory: 256 * 1024, passes: 64, lanes: 64 };

    /// Returns the parameters, or `None` if the cost is out of range.
    pub(crate) fn params(self) -> Option<Params> {
        let Self { memory, passes, lanes } = self;
        let greatest = Self::GREATEST;
        let bounded =
            memory <= greatest.memory && passes <= greatest.passes && lanes <= greatest.lanes;
        bounded.then(|| Params::new(memory, passes, lanes, Some(OUTPUT)).ok()).flatten()
    }
}

/// A hash with its salt and its parameters.
#[derive(Clone, PartialEq)]
pub(crate) struct Argon2id {
    salt: Salt,
    params: Params,
    output: Output,
}

impl Argon2id {
    /// Hashes a password.
    pub(crate) fn new(
        password: &Password,
        salt: Salt,
        params: Params,
        memory: &mut Memory,
    ) -> Self {
        let output = compute(password, &salt, &params, memory);
        Self { salt, params, output }
    }

    /// Returns a hash that belongs to no password, if the output is random.
    pub(crate) fn of_nobody(salt: Salt, params: Params, output: [u8; OUTPUT]) -> Self {
        let output = Output::new(&output).expect("the length is that of every output");
        Self { salt, params, output }
    }

    /// Reads a hash. Returns `None` if it is not of argon2id, version 19, or costs too much.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let cost =
            Cost { memory: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let output = hash.hash.filter(|output| output.len() == OUTPUT)?;
        let known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(VERSION);
        // Key ids and associated data are not part of the standard.
        let plain = params.keyid().is_empty() && params.data().is_empty();
        (known && plain && cost.params().is_some()).then_some(()).and(hash.salt).map(|salt| Self {
            salt,
            params,
            output,
        })
    }

    /// Returns true if this is the hash of a password. The time does not depend on the result.
    pub(crate) fn is_of(&self, password: &Password, memory: &mut Memory) -> bool {
        // The comparison takes constant time.
        compute(password, &self.salt, &self.params, memory) == self.output
    }

    pub(crate) fn params(&self) -> &Params {
        &self.params
    }
}

/// Writes the PHC string.
impl fmt::Display for Argon2id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(VERSION),
            params: ParamsString::try_from(&self.params).map_err(|_| fmt::Error)?,
            salt: Some(self.salt),
            hash: Some(self.output),
        };
        hash.fmt(f)
    }
}

/// The memory of a thread that hashes, which is used for one password after the other. It is
/// allocated at the first use.
pub(crate) struct Memory {
    blocks: Vec<Block>,
    usual: usize,
}

impl Memory {
    /// Creates a memory that is kept as large as a hash with these parameters needs it.
    pub(crate) fn new(usual: &Params) -> Self {
        Self { blocks: Vec::new(), usual: usual.block_count() }
    }

    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            self.blocks.resize(count.max(self.usual), Block::new());
        }
        &mut self.blocks[..count]
    }

    /// Frees what a hash with greater parameters than the usual ones has needed.
    fn shrink(&mut self) {
        if self.blocks.len() > self.usual {
            self.blocks.truncate(self.usual);
            self.blocks.shrink_to_fit();
        }
    }
}

fn compute(password: &Password, salt: &Salt, params: &Params, memory: &mut Memory) -> Output {
    let mut output = [0; OUTPUT];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let blocks = memory.blocks(params.block_count());
    argon2
        .hash_password_into_with_memory(password.text().as_bytes(), salt, &mut output, blocks)
        .expect("lengths and parameters have been checked, and the memory is large enough");
    memory.shrink();
    Output::new(&output).expect("the length is that of every output")
}

/// The length of a hash, in bytes: that of the tag that RFC 9106 §4 recommends.
pub(crate) const OUTPUT: usize = 32;

/// Version 1.3, the only one that RFC 9106 describes.
const VERSION: u32 = Version::V0x13 as u32;

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::Secret;

    /// From the tests of the reference implementation (phc-winner-argon2, `src/test.c`).
    const KNOWN: [(&str, &str); 2] = [
        (
            "password",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ),
        (
            "password",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ),
    ];

    fn password(text: &str) -> Password {
        Password::prepare(&Secret::new(text)).unwrap()
    }

    #[test]
    fn known_hashes_are_verified_by_their_own_parameters() {
        let usual = Cost { memory: 64, passes: 1, lanes: 1 }.params().unwrap();
        let mut memory = Memory::new(&usual);
        for (text, phc) in KNOWN {
            let hash = Argon2id::parse(phc).unwrap();
            assert!(hash.is_of(&password(text), &mut memory), "{phc}");
            assert!(!hash.is_of(&password("sassword"), &mut memory), "{phc}");
            assert_eq!(hash.to_string(), phc);
            assert_eq!(memory.blocks.len(), 64, "more memory than usual is given back");
            assert!(memory.blocks.capacity() < 128);
        }
    }

    #[test]
    fn memory_of_another_password_does_not_matter() {
        let params = Cost { memory: 64, passes: 1, lanes: 1 }.params().unwrap();
        let mut memory = Memory::new(&params);
        let salt = Salt::new(b"some salt").unwrap();
        let first = Argon2id::new(&password("one"), salt, params.clone(), &mut memory);
        let second = Argon2id::new(&password("two"), salt, params.clone(), &mut memory);
        assert!(first != second);
        assert!(first.is_of(&password("one"), &mut Memory::new(&params)));
        assert!(second.is_of(&password("two"), &mut memory));
    }

    #[test]
    fn other_hashes_are_refused() {
        let phc = KNOWN[0].1;
        for other in [
            "",
            "$",
            "password",
            &phc.replace("argon2id", "argon2i"),
            &phc.replace("v=19", "v=16"),
            &phc.replace("$v=19", ""),
            &phc.replace("m=65536", "m=0"),
            &phc.replace("m=65536", "m=4294967295"),
            &phc.replace("m=65536", "m=262145"),
            &phc.replace("t=2", "t=0"),
            &phc.replace("t=2", "t=65"),
            &phc.replace("p=1", "p=65"),
            &phc.replace("p=1", "p=1,keyid=8PDw8A"),
            &phc.replace("p=1", "p=1,data=8PDw8A"),
            &phc.replace("$c29tZXNhbHQ", ""),
            &phc[..phc.len() - 43],
            &phc[..phc.len() - 1],
            &format!("{phc}$"),
        ] {
            assert!(Argon2id::parse(other).is_none(), "{other}");
        }
    }
}
