//! Compares the states of the nodes.

use chat_core::DurableState;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The hashes of the nodes' states that are not compared yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct StateChecks {
    /// The hashes of the nodes at each position, in the order of the stream.
    hashes: BTreeMap<u64, Vec<(u32, String)>>,
}

impl StateChecks {
    /// Notes the hash of a node's state after the entry at `position`. `members` are the nodes that
    /// are there. Once all of those have reported that had joined before `position`, returns the
    /// nodes whose states differ: from that of most nodes, or of the first one if as many have
    /// another. All nodes read the same entries, so all agree.
    pub(crate) fn note(
        &mut self,
        position: u64,
        node: u32,
        hash: String,
        members: impl Iterator<Item = u32>,
    ) -> Vec<u32> {
        let hashes = self.hashes.entry(position).or_default();
        if !hashes.iter().any(|known| known.0 == node) {
            hashes.push((node, hash));
        }
        let has_reported = |member: u32| hashes.iter().any(|known| known.0 == member);
        let mut expected = members.filter(|member| u64::from(*member) < position);
        if !expected.all(has_reported) {
            return Vec::new();
        }
        // Older positions are those of nodes that have ended since.
        let later = self.hashes.split_off(&(position + 1));
        let hashes = std::mem::replace(&mut self.hashes, later).remove(&position);
        differing(&hashes.unwrap_or_default())
    }
}

/// Returns the nodes whose hashes differ from the most frequent one, or the first of those.
fn differing(hashes: &[(u32, String)]) -> Vec<u32> {
    let count = |hash: &str| hashes.iter().filter(|known| known.1 == hash).count();
    let mut best: Option<(&str, usize)> = None;
    for (_, hash) in hashes {
        let votes = count(hash);
        if best.is_none_or(|(_, most)| votes > most) {
            best = Some((hash, votes));
        }
    }
    let others = hashes.iter().filter(|known| best.is_some_and(|(hash, _)| known.1 != hash));
    others.map(|(node, _)| *node).collect()
}

/// Returns a hash of a state, which is the same for equal states.
pub(crate) fn hash(state: &DurableState) -> String {
    struct Hasher(Sha256);

    impl Write for Hasher {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut hasher = Hasher(Sha256::new());
    serde_json::to_writer(&mut hasher, state).expect("a state has only keys that are strings");
    hex(&hasher.0.finalize())
}

/// Returns bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_core::{Config, Engine, HostCommand, Input, Timestamp};

    /// Notes the hashes of nodes 1, 2, … at position 10, in this order. Returns the nodes that
    /// differ.
    fn after(hashes: &[&str]) -> Vec<u32> {
        let mut checks = StateChecks::default();
        let mut found = Vec::new();
        for (node, hash) in (1..).zip(hashes) {
            assert_eq!(found, Vec::<u32>::new(), "not before all have reported");
            found = checks.note(10, node, (*hash).to_owned(), 1..=hashes.len() as u32);
        }
        found
    }

    #[test]
    fn node_that_differs_from_most_is_found() {
        assert_eq!(after(&["x", "x", "x"]), Vec::<u32>::new());
        assert_eq!(after(&["y", "x", "x"]), [1]);
        assert_eq!(after(&["x", "y", "x"]), [2]);
        assert_eq!(after(&["x", "y"]), [2]);
        assert_eq!(after(&["x", "y", "z"]), [2, 3]);
    }

    #[test]
    fn nodes_that_joined_later_are_not_waited_for() {
        let mut checks = StateChecks::default();
        let members = || [1, 2, 11].into_iter();
        assert!(checks.note(10, 1, "x".to_owned(), members()).is_empty());
        assert_eq!(checks.note(10, 2, "y".to_owned(), members()), [2]);
        assert!(checks.hashes.is_empty());
    }

    #[test]
    fn node_that_ended_is_not_waited_for() {
        let mut checks = StateChecks::default();
        checks.note(10, 1, "x".to_owned(), [1, 2].into_iter());
        assert!(checks.note(20, 1, "x".to_owned(), [1].into_iter()).is_empty());
        assert!(checks.hashes.is_empty(), "{checks:?}");
    }

    #[test]
    fn equal_states_have_equal_hashes() {
        let at = Timestamp::from_millis;
        let engine = |text: &str| {
            let config = Config { accounts: true, ..Config::default() };
            let mut engine = Engine::new(config, at(1));
            for input in [HostCommand::create_channel("tea"), HostCommand::say("tea", text)] {
                let _ = engine.apply(at(2), Input::Host(input));
            }
            engine
        };
        let hash_of = |text| hash(engine(text).durable());
        assert_eq!(hash_of("hi"), hash_of("hi"));
        assert_ne!(hash_of("hi"), hash_of("ho"));
    }
}
