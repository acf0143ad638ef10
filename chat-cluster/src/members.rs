//! The nodes of a cluster, as the entries of the stream tell. All nodes agree about them.

use crate::entry::{Body, NodeCard};
use chat_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The nodes that are there at a position of the stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Members {
    nodes: BTreeMap<u32, Member>,
    /// The behaviour of the realm: that of the first node. State that was built with one behaviour
    /// is not rebuilt with another.
    behaviour: Option<String>,
    /// The time of the last entry.
    last: Option<Timestamp>,
    /// The time that has passed while the stream took entries.
    clock: Duration,
    /// The newest snapshot: its position, and the time at which it was complete.
    snapshot: Option<(u64, Timestamp)>,
}

/// A node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The position of the node's last entry.
    last: u64,
    /// The clock at that entry.
    seen: Duration,
    /// The time of that entry.
    pub(crate) seen_at: Timestamp,
    /// The position up to which the node has read the stream, as it has told.
    read: u64,
    /// The entries that it had not read yet, as it has told.
    pub(crate) lag: u64,
    pub(crate) card: NodeCard,
}

/// The meaning of an entry for the nodes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The sessions of these nodes end.
    Ends(Vec<u32>),
    /// The inputs are applied.
    Apply,
    /// The entry has no effect on the engine.
    Nothing,
    /// A node with another behaviour tried to join.
    Differs(u32),
}

impl Members {
    /// Notes an entry, and returns its meaning.
    pub(crate) fn note(&mut self, position: u64, at: Timestamp, body: &Body) -> Meaning {
        let passed = self.last.map_or(Duration::ZERO, |last| at.since(last));
        // While the stream takes entries, there are beats. In a longer gap nobody could append, and
        // no node was silent.
        self.clock += passed.min(LONGEST_GAP);
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        match body {
            Body::Joined { name, behaviour, from, card } => {
                let number = position as u32;
                if self.behaviour.get_or_insert_with(|| behaviour.clone()) != behaviour {
                    return Meaning::Differs(number);
                }
                let same_name = |node: &(&u32, &Member)| node.1.name == *name;
                let ended: Vec<u32> = self.nodes.iter().filter(same_name).map(|n| *n.0).collect();
                for node in &ended {
                    self.nodes.remove(node);
                }
                let (name, card, seen) = (name.clone(), card.clone(), self.clock);
                let lag = position.saturating_sub(from + 1);
                let (last, read) = (position, *from);
                let member = Member { name, last, seen, seen_at: at, read, lag, card };
                self.nodes.insert(number, member);
                Meaning::Ends(ended)
            }
            Body::Round { node, read, .. } if self.saw(*node, (position, at), *read) => {
                Meaning::Apply
            }
            Body::Beat { node, read } => {
                self.saw(*node, (position, at), *read);
                Meaning::Nothing
            }
            Body::State { node, .. } => {
                self.saw(*node, (position, at), 0);
                Meaning::Nothing
            }
            Body::Snapshot { node, position: state } => {
                if self.saw(*node, (position, at), 0) {
                    let newest = self.snapshot.map_or(0, |snapshot| snapshot.0);
                    self.snapshot = Some((newest.max(*state), at));
                }
                Meaning::Nothing
            }
            Body::Left { node } | Body::Removed { node } if self.nodes.remove(node).is_some() => {
                Meaning::Ends(vec![*node])
            }
            Body::Failed { node, last }
                if self.nodes.get(node).is_some_and(|member| member.last == *last) =>
            {
                self.nodes.remove(node);
                Meaning::Ends(vec![*node])
            }
            Body::Round { .. }
            | Body::LeaveOut { .. }
            | Body::SnapshotWanted
            | Body::Left { .. }
            | Body::Removed { .. }
            | Body::Failed { .. } => Meaning::Nothing,
        }
    }

    pub(crate) fn has(&self, node: u32) -> bool {
        self.nodes.contains_key(&node)
    }

    /// Returns the nodes that are there.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = u32> {
        self.nodes.keys().copied()
    }

    /// Returns the nodes that are there, with what is known of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Member)> {
        self.nodes.iter().map(|(node, member)| (*node, member))
    }

    /// Returns the position of the first entry that a node needs: one that it has not read, or its
    /// last own one, with which the server compares its next.
    pub(crate) fn first_needed(&self) -> u64 {
        self.nodes.values().map(|member| member.read.min(member.last)).min().unwrap_or(0)
    }

    /// Returns the node that writes a snapshot at `position`, if one is due. `entries` is the
    /// number of entries between two snapshots. The nodes take turns, so that one that cannot write
    /// only skips its own.
    pub(crate) fn writer(&self, position: u64, entries: u64) -> Option<u32> {
        let is_soon = |(_, done): (u64, Timestamp)| {
            self.last.is_some_and(|last| last.since(done) < SHORTEST_PAUSE)
        };
        if !position.is_multiple_of(entries) || self.snapshot.is_some_and(is_soon) {
            return None;
        }
        self.turn(position / entries)
    }

    /// Returns the node whose turn it is.
    pub(crate) fn turn(&self, count: u64) -> Option<u32> {
        let place = count.checked_rem(self.nodes.len() as u64)?;
        self.nodes.keys().nth(place as usize).copied()
    }

    /// Returns the nodes that have been silent for too long, and the positions of their last
    /// entries.
    pub(crate) fn silent(&self) -> impl Iterator<Item = (u32, u64)> {
        let is_silent = |node: &(&u32, &Member)| node.1.seen + SILENCE < self.clock;
        self.nodes.iter().filter(is_silent).map(|(node, member)| (*node, member.last))
    }

    /// Notes an entry of a node, which has read the stream up to `read`. Returns false if the node
    /// is not there.
    fn saw(&mut self, node: u32, (position, at): (u64, Timestamp), read: u64) -> bool {
        let Some(member) = self.nodes.get_mut(&node) else { return false };
        (member.last, member.seen, member.seen_at) = (position, self.clock, at);
        if read > 0 {
            member.read = member.read.max(read);
            member.lag = position - 1 - read.min(position - 1);
        }
        true
    }
}

/// The shortest time between two snapshots of a busy realm: writing one stops the engine of a node
/// for a moment.
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);
/// The time without an entry after which a node has failed.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);
/// The longest time between two entries that counts: longer than one between two beats.
const LONGEST_GAP: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(name: &str, behaviour: &str) -> Body {
        let (name, behaviour) = (name.to_owned(), behaviour.to_owned());
        Body::Joined { name, behaviour, from: 0, card: NodeCard::default() }
    }

    fn round(node: u32) -> Body {
        Body::Round { node, read: 0, inputs: Vec::new() }
    }

    const AT: Timestamp = Timestamp::from_millis(1_000);

    fn later(seconds: u64) -> Timestamp {
        AT + Duration::from_secs(seconds)
    }

    /// Two nodes, of which only the second one appends beats, until `seconds` after their start.
    /// Returns the next position.
    fn with_silent_node(members: &mut Members, seconds: u64) -> u64 {
        members.note(1, AT, &joined("a", "x"));
        members.note(2, AT, &joined("b", "x"));
        let mut position = 3;
        for second in 1..=seconds {
            members.note(position, later(second), &Body::Beat { node: 2, read: 0 });
            position += 1;
        }
        position
    }

    #[test]
    fn node_that_failed_says_nothing_more() {
        let mut members = Members::default();
        let next = with_silent_node(&mut members, 11);
        assert_eq!(members.silent().collect::<Vec<_>>(), [(1, 1)]);
        // The node speaks before it is said to have failed.
        assert_eq!(members.note(next, later(11), &round(1)), Meaning::Apply);
        assert_eq!(members.silent().count(), 0);
        let failed = Body::Failed { node: 1, last: 1 };
        assert_eq!(members.note(next + 1, later(11), &failed), Meaning::Nothing);
        let failed = Body::Failed { node: 1, last: next };
        assert_eq!(members.note(next + 2, later(11), &failed), Meaning::Ends(vec![1]));
        assert_eq!(members.note(next + 3, later(11), &failed), Meaning::Nothing);
        assert_eq!(members.note(next + 4, later(11), &round(1)), Meaning::Nothing);
    }

    #[test]
    fn node_is_not_silent_while_the_stream_takes_nothing() {
        let mut members = Members::default();
        let next = with_silent_node(&mut members, 1);
        members.note(next, later(3_600), &Body::Beat { node: 2, read: 0 });
        assert_eq!(members.silent().count(), 0);
    }

    #[test]
    fn nodes_take_turns_to_write_snapshots() {
        let mut members = Members::default();
        members.note(1, AT, &joined("a", "x"));
        members.note(2, AT, &joined("b", "x"));
        assert_eq!(members.writer(9, 10), None);
        assert_eq!(members.writer(10, 10), Some(2));
        assert_eq!(members.writer(20, 10), Some(1));
        members.note(21, later(1), &Body::Snapshot { node: 1, position: 20 });
        assert_eq!(members.writer(30, 10), None);
        // A snapshot that was wanted is not due.
        assert_eq!(members.turn(30), Some(1));
        members.note(31, later(61), &round(2));
        assert_eq!(members.writer(40, 10), Some(1));
        assert_eq!(Members::default().writer(10, 10), None);
    }

    #[test]
    fn entries_are_needed_until_all_nodes_have_read_them() {
        let mut members = Members::default();
        members.note(1, AT, &joined("a", "x"));
        members.note(2, AT, &joined("b", "x"));
        members.note(3, AT, &Body::Beat { node: 1, read: 3 });
        assert_eq!(members.first_needed(), 0);
        members.note(4, AT, &Body::Beat { node: 2, read: 2 });
        assert_eq!(members.first_needed(), 2);
        members.note(5, AT, &Body::Removed { node: 2 });
        assert_eq!(members.first_needed(), 3);
        members.note(6, AT, &Body::Beat { node: 1, read: 5 });
        assert_eq!(members.first_needed(), 5);
    }

    #[test]
    fn process_that_starts_again_replaces_its_node() {
        let mut members = Members::default();
        members.note(1, AT, &joined("a", "x"));
        assert_eq!(members.note(2, AT, &joined("a", "x")), Meaning::Ends(vec![1]));
        assert!(!members.has(1) && members.has(2));
    }

    #[test]
    fn node_that_behaves_differently_does_not_join() {
        let mut members = Members::default();
        members.note(1, AT, &joined("a", "x"));
        assert_eq!(members.note(2, AT, &joined("b", "y")), Meaning::Differs(2));
        assert_eq!(members.note(3, AT, &joined("a", "y")), Meaning::Differs(3));
        assert!(members.has(1) && !members.has(2) && !members.has(3));
        members.note(4, AT, &Body::Left { node: 1 });
        assert_eq!(members.note(5, AT, &joined("b", "y")), Meaning::Differs(5));
        assert_eq!(members.note(6, AT, &joined("b", "x")), Meaning::Ends(vec![]));
    }
}
