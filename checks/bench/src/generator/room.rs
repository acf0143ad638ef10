//! A room: who is in it, who talks there, and what they are owed.

use super::check::Check;

/// How many rooms there are, and of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Rooms {
    pub(crate) count: usize,
    pub(crate) members: usize,
    /// How many of the members of a room talk.
    pub(crate) senders: usize,
}

pub(crate) struct Room {
    pub(crate) name: String,
    /// The first of its members; the others come after that one.
    pub(crate) first: usize,
    members: usize,
    pub(crate) senders: Vec<Sender>,
    pub(crate) check: Check,
    /// Whether it is among the rooms that are seen to next.
    pub(crate) touched: bool,
    /// How many are sent each message.
    receivers: u64,
}

/// Somebody who talks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sender {
    /// How many messages they have said.
    pub(crate) sent: u64,
    /// How often one of these has been delivered to somebody.
    pub(crate) delivered: u64,
}

impl Rooms {
    /// Returns one room, whose first member talks.
    pub(crate) fn with_one_sender(members: usize) -> Self {
        Self { count: 1, members, senders: 1 }
    }
}

impl Room {
    pub(crate) fn new(name: String, first: usize, rooms: Rooms, echoes: bool) -> Self {
        let senders: Vec<_> = (first..first + rooms.senders).map(|sender| sender as u32).collect();
        Self {
            name,
            first,
            members: rooms.members,
            check: Check::new(rooms.members, &senders, echoes),
            senders: vec![Sender::default(); rooms.senders],
            touched: false,
            receivers: rooms.members as u64 - u64::from(!echoes),
        }
    }

    /// Nobody of its members talks, but visitors do, whose numbers these are.
    pub(crate) fn expect_visitors(&mut self, first: usize, count: usize) {
        let senders: Vec<_> = (first..first + count).map(|sender| sender as u32).collect();
        self.check = Check::each(self.members, &senders);
        self.senders = vec![Sender::default(); count];
        self.receivers = self.members as u64;
    }

    /// How many messages somebody may say now if so many may be under way.
    pub(crate) fn free(&self, sender: usize, window: u64) -> u64 {
        let Sender { sent, delivered } = self.senders[sender];
        window.saturating_sub(sent - delivered / self.receivers)
    }

    /// How many deliveries are still to come.
    pub(crate) fn owed(&self) -> u64 {
        self.senders.iter().map(|sender| sender.sent * self.receivers - sender.delivered).sum()
    }
}
