//! A room: its members, its senders, and its outstanding deliveries.

use super::check::Check;
use crate::protocol::Endpoint;

/// The number of rooms, and the numbers of members and senders of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Rooms {
    pub(crate) count: usize,
    pub(crate) members: usize,
    /// The number of senders among the members of a room.
    pub(crate) senders: usize,
}

pub(crate) struct Room {
    pub(crate) name: String,
    /// Index of its first member; the others follow.
    pub(crate) first: usize,
    members: usize,
    pub(crate) senders: Vec<Sender>,
    /// The checks of its members. Those that connect to the same address have one.
    pub(crate) checks: Vec<Check>,
    /// True if it is in the list of rooms with new deliveries.
    pub(crate) touched: bool,
    /// The number of members that receive each message.
    receivers: u64,
}

/// The counts of a sender.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sender {
    /// The number of messages that it has sent.
    pub(crate) sent: u64,
    /// The number of deliveries of these messages, over all recipients.
    pub(crate) delivered: u64,
}

impl Rooms {
    /// Returns one room in which the first member is the sender.
    pub(crate) fn with_one_sender(members: usize) -> Self {
        Self { count: 1, members, senders: 1 }
    }
}

impl Room {
    /// Creates a room whose members connect to these addresses in turn.
    pub(crate) fn new(name: String, first: usize, rooms: Rooms, endpoints: &[Endpoint]) -> Self {
        let senders: Vec<_> = (first..first + rooms.senders).map(|sender| sender as u32).collect();
        let of_sender = first % endpoints.len();
        let echoes = endpoints[of_sender].protocol.echoes();
        let members = rooms.members.div_ceil(endpoints.len());
        // Members at other addresses than the sender's receive all of its messages.
        let checks = (0..endpoints.len())
            .map(|place| Check::new(members, &senders, echoes || place != of_sender))
            .collect();
        Self {
            name,
            first,
            members: rooms.members,
            checks,
            senders: vec![Sender::default(); rooms.senders],
            touched: false,
            receivers: rooms.members as u64 - u64::from(!echoes),
        }
    }

    /// Makes the visitors with these numbers the senders of the room.
    pub(crate) fn expect_visitors(&mut self, first: usize, count: usize) {
        let senders: Vec<_> = (first..first + count).map(|sender| sender as u32).collect();
        self.checks.iter_mut().for_each(|check| *check = Check::each(self.members, &senders));
        self.senders = vec![Sender::default(); count];
        self.receivers = self.members as u64;
    }

    /// Returns the check of a member, and the member's index in it.
    pub(crate) fn check_of(&self, member: usize) -> (usize, usize) {
        let count = self.checks.len();
        (member % count, (member - self.first) / count)
    }

    /// Returns how many messages a sender may send now if `window` may be in flight.
    pub(crate) fn free(&self, sender: usize, window: u64) -> u64 {
        let Sender { sent, delivered } = self.senders[sender];
        window.saturating_sub(sent - delivered / self.receivers)
    }

    /// Returns the number of outstanding deliveries.
    pub(crate) fn outstanding(&self) -> u64 {
        self.senders.iter().map(|sender| sender.sent * self.receivers - sender.delivered).sum()
    }
}
